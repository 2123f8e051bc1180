"""Heat maps: a square per row and column, such as confusions, attention, or gates over a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.types import Floats
from core.view.plots.drawing import Canvas
from core.view.plots.style import DIVERGING, HEAT, SMALL, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SQUARE = 0.3  # the least height of a row, in inches
LETTER = 0.078  # the mean width of a letter of the smallest font, in inches
NAME = 18  # letters of the name of a row or column
ACROSS = 80  # letters of the names of all columns that fit side by side
INNER = WIDTH - 1.8  # the width of all squares, in inches


@dataclass(frozen=True)
class Heat:
    """A heat map.

    Args:
        values: (R, C); NaN is left white.
        rows: a name per row, the first one on top; names need not differ.
        columns: a name per column.
        row_title: what a row is.
        column_title: what a column is.
        value_title: what the color means, beside its scale.
        diverging: whether the colors have a middle, 0, and two sides.
        limits: the values of the lowest and the highest color; None: those that there are.
        texts: (R, C) what is written into the squares, where all fit; None for nothing.
        spread: whether low values have more of the colors, as a square root gives them.
    """

    values: Floats
    rows: Sequence[str]
    columns: Sequence[str]
    row_title: str = ""
    column_title: str = ""
    value_title: str = ""
    diverging: bool = False
    limits: tuple[float, float] | None = None
    texts: Sequence[Sequence[str]] | None = None
    spread: bool = False

    @property
    def has_texts(self) -> bool:
        """Whether the texts of the squares fit into them."""
        longest = max((len(text) for line in self.texts or () for text in line), default=0)
        return 0 < longest * LETTER + 0.03 <= INNER / max(1, len(self.columns))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a picture of it alone, in inches."""
        longest = min(NAME, max(map(len, self.columns), default=0))
        return WIDTH, max(2.6, 1.1 + LETTER * longest + SQUARE * len(self.rows))


def draw_heat(canvas: Canvas, axes: Axes, heat: Heat) -> None:
    """Draw a heat map with the names of its rows and columns, and the scale of its colors."""
    from matplotlib.colors import PowerNorm

    low, high = _limits(heat)
    colors = DIVERGING if heat.diverging else HEAT
    norm = PowerNorm(0.5 if heat.spread else 1.0, low, high)
    image = axes.imshow(heat.values, cmap=colors, norm=norm, aspect="auto", interpolation="nearest")
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    names = [canvas.text(name, NAME) for name in heat.columns]
    turned = max(map(len, names), default=0) + 2 > ACROSS / max(1, len(names))
    axes.set_xticks(range(len(names)), names, rotation=60 if turned else 0, ha="right" if turned else "center")
    for label in axes.get_xticklabels():
        label.set_rotation_mode("anchor")
    axes.set_yticks(range(len(heat.rows)), [canvas.text(name, NAME) for name in heat.rows])
    axes.set_xlabel(heat.column_title)
    axes.set_ylabel(heat.row_title)
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    bar.set_label(heat.value_title)
    bar.outline.set_visible(False)
    if heat.has_texts:
        _write(axes, heat, low, high)


def _limits(heat: Heat) -> tuple[float, float]:
    """The values of the lowest and the highest color."""
    known = heat.values[np.isfinite(heat.values)]
    low, high = heat.limits or ((float(known.min()), float(known.max())) if known.size else (0.0, 1.0))
    if heat.diverging and heat.limits is None:
        high = max(abs(low), abs(high))
        low = -high
    return (low, high) if low < high else (low, low + 1)


def _write(axes: Axes, heat: Heat, low: float, high: float) -> None:
    """The texts in the squares, white on dark ones."""
    for row, texts in enumerate(heat.texts or ()):
        for column, text in enumerate(texts):
            share = ((heat.values[row, column] - low) / (high - low)) ** (0.5 if heat.spread else 1.0)
            is_dark = abs(2 * share - 1) > 0.8 if heat.diverging else share > 0.6
            ink = "white" if is_dark else "#222222"
            axes.text(column, row, text, color=ink, fontsize=SMALL, ha="center", va="center")
