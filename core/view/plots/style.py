"""The style of all pictures of ``plot``: sizes that are legible 800 pixels wide, colors, fonts, text as it is."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from core.printable import one_line

WIDTH, HEIGHT = 8.0, 4.6  # of a picture in inches; 800 pixels in a page
FONT = 10.0  # points
SMALL = 9.0  # the smallest font
WIDE_LETTER = 0.64  # the width of a letter in sizes of the font, a little more than that of most texts
COLORS = ("#0072b2", "#c04a00", "#007a5c", "#ad3d7d", "#6650c0", "#836300", "#5c5c5c", "#a3262e")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)))
HEAT, DIVERGING = "Blues", "PuOr"  # maps of colors: from 0 upwards, and on both sides of 0
BASE = "DejaVu Sans"  # comes with matplotlib
FALLBACKS = (  # for letters that it lacks, where they are installed
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "IPAGothic",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Arial Unicode MS",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
    "Segoe UI Symbol",
    "Symbola",
)


@cache
def families() -> tuple[str, ...]:
    """The fonts: that of matplotlib, then those of ``FALLBACKS`` that are installed."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return (BASE, *(name for name in FALLBACKS if name in installed))


@cache
def known_letters() -> frozenset[int]:
    """The code points for which one of the fonts has a glyph."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(code for name in families() for code in get_font(findfont(name)).get_charmap())


def settings() -> Any:
    """The settings of matplotlib within which a picture is drawn and written."""
    return {
        "font.family": list(families()),
        "font.size": FONT,
        "axes.titlesize": FONT,
        "axes.labelsize": FONT,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "legend.fontsize": SMALL,
        "legend.title_fontsize": SMALL,
        "figure.titlesize": FONT + 1,
        "text.parse_math": False,  # a $ is a $
        "axes.formatter.use_mathtext": False,
        "axes.unicode_minus": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#777777",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e2e2e2",
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "lines.markersize": 5.0,
        "savefig.facecolor": "white",
    }


def drawable(text: object) -> str:
    """Text on one line in letters that the fonts have; others become escapes, such as ``\\u4e2d``.

    Marks without a glyph that only change the letter before them are left out.
    """
    known, line = known_letters(), one_line(text)
    return "".join(letter if ord(letter) in known else _escape(letter) for letter in line)


def _escape(letter: str) -> str:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return ""
    return letter.encode("unicode_escape").decode("ascii")


def shortened(text: str, longest: int) -> str:
    """Text as wide as ``longest`` letters at most: the middle of a longer one is left out."""
    number, shown = longest, _cut(text, longest)
    while number > 3 and (width := text_width(shown, 1.0)) > WIDE_LETTER * longest:
        number = min(number - 1, int(number * WIDE_LETTER * longest / width) + 1)
        shown = _cut(text, number)
    return shown


def _cut(text: str, longest: int) -> str:
    """Text of at most ``longest`` letters."""
    if len(text) <= longest:
        return text
    end = (longest - 1) // 3
    return f"{text[: longest - 1 - end]}…{text[len(text) - end :]}"


def text_width(text: str, size: float) -> float:
    """The width of a text, in points, in a font of a size in points."""
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=100).get_extents().width) * size / 100 if text.strip() else 0.0


def color(number: int) -> str:
    """The color of a line; from ``len(COLORS)`` on they repeat."""
    return COLORS[number % len(COLORS)]


def mark(number: int) -> str:
    """The shape of the points of a line; it differs from that of the line before in the same color."""
    return MARKS[(number + number // len(COLORS)) % len(MARKS)]


def dash(number: int) -> Any:
    """How a line is broken; it differs from that of the line before in the same color."""
    return DASHES[number // len(COLORS) % len(DASHES)]
