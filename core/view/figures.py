"""Pictures: where they may be written, and how, so that the same picture always has the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError
from core.view.output_path import output_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg")
DPI = 150
COLORS = 256
STYLE: Any = {"svg.hashsalt": "seqlab", "svg.fonttype": "none"}  # the same ids each time; text stays text


def picture_path(name: str, where: str) -> Path:
    """The path of a picture to write; ConfigError as in ``output_path``, or where matplotlib is not installed."""
    path = output_path(name, "picture", ENDINGS, where)
    try:
        import matplotlib.figure  # noqa: F401 - it is an extra
    except ImportError as error:
        what, remedy = "matplotlib is not installed", "install the extra: pip install -e '.[plot]' in the checkout"
        raise ConfigError(what, where=where, remedy=remedy) from error
    return path


def write_figure(figure: Figure, path: Path, title: str, description: str = "", small: bool = False) -> None:
    """Write a picture; the file is renamed when it is complete.

    Args:
        figure: the picture.
        path: where, with an ending of ``ENDINGS``.
        title: what it shows, in its metadata.
        description: the same in words, for those who cannot see it.
        small: whether a PNG has 256 colors, which makes it a third as large.

    Raises:
        DataError: it cannot be written.
    """
    from matplotlib import rc_context

    from core.data.atomic import new_file

    about = {"Title": title} | ({"Description": description} if description else {})
    metadata = {**about, "Date": None} if path.suffix == ".svg" else {**about, "Software": None}
    with new_file(path) as new, rc_context(STYLE):
        figure.savefig(new, dpi=DPI, metadata=metadata)
        if small and path.suffix == ".png":
            _reduce(new, about)


def _reduce(path: Path, about: Mapping[str, str]) -> None:
    """Write a PNG again with 256 colors, and the metadata."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    for key, text in about.items():
        texts.add_itxt(key, text)
    with Image.open(path) as picture:
        picture.load()
        reduced = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    reduced.save(path, "PNG", optimize=True, pnginfo=texts, dpi=(DPI, DPI))
