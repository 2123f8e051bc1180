"""A picture as data: the numbers behind it, and the function that draws them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from core.printable import one_line
from core.types import Table
from core.view.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE, CAPTION = 84, 100  # letters that fit


@dataclass(frozen=True)
class Canvas:
    """Where a picture is drawn.

    Args:
        figure: an empty figure in the shared style, of the size of the drawing; axes are laid out by themselves.
        is_png: whether it is a PNG, in which letters need a font that is installed here.
    """

    figure: Figure
    is_png: bool

    def text(self, text: object, longest: int = 40) -> str:
        """Any text (a word, a label, a path) as the picture shows it: on one line, not too long, legible.

        Everything from data or from the user passes through here before matplotlib gets it.
        """
        return style.shortened(style.drawable(text) if self.is_png else one_line(text), longest)


@dataclass(frozen=True)
class Drawing:
    """A picture that is not drawn yet.

    Args:
        title: what it shows, above the picture.
        tables: all numbers that are drawn, unrounded; CSV has the last of them.
        draw: draws them; it imports matplotlib.
        about: what the message about the written file says, such as ``3 lines, 9 runs``.
        size: width and height in inches.
        description: the picture in words, for those who cannot see it.
        notes: what the user should know.
        caption: what lines, bands and colors are, below the picture.
    """

    title: str
    tables: Sequence[Table]
    draw: Callable[[Canvas], None]
    about: str
    size: tuple[float, float] = (style.WIDTH, style.HEIGHT)
    description: str = ""
    notes: Sequence[str] = ()
    caption: str = ""

    def titled(self, title: str) -> Drawing:
        """The same with another title."""
        return replace(self, title=title)


def write_drawing(drawing: Drawing, path: Path) -> None:
    """Draw a picture and write it; the file is renamed when it is complete.

    Args:
        drawing: the picture.
        path: where, with an ending of ``core.view.figures.ENDINGS``.

    Raises:
        DataError: it cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from core.view.figures import write_figure

    with rc_context(style.settings()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")  # in an SVG, whose reader has other fonts
        canvas = Canvas(Figure(figsize=drawing.size, layout="constrained"), path.suffix == ".png")
        drawing.draw(canvas)
        if drawing.title:
            canvas.figure.suptitle(canvas.text(drawing.title, TITLE))
        if drawing.caption:
            _write_caption(canvas, drawing.caption)
        write_figure(canvas.figure, path, one_line(drawing.title), one_line(drawing.description), True)


def _write_caption(canvas: Canvas, caption: str) -> None:
    """Write the caption below the picture, or above the key where that is below it."""
    figure = canvas.figure
    if figure.legends:
        key = figure.legends[0]
        title = "; ".join(filter(None, (key.get_title().get_text(), canvas.text(caption, CAPTION))))
        key.set_title(title)
        return
    lines = [canvas.text(line, CAPTION) for line in wrap(caption, CAPTION)]
    figure.supxlabel("\n".join(lines), fontsize=style.SMALL, color="#555555")
