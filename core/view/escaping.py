"""Text as cells of Markdown and CSV: nothing in it formats, divides a table or is computed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rich.cells import cell_len

from core.printable import one_line

FORMULA = re.compile(r"\s*[-=+@\uff0d\uff1d\uff0b\uff20]")  # what a spreadsheet computes; also full-width
MARKDOWN = re.compile(  # not a single ~, nor the _ or \ within a name, which are text
    r"[`*<>\[\]|]|\\(?=[!-/:-@\[-`{-~]|$)|~(?=~)|(?<=~)~|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])"
)


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return MARKDOWN.sub(r"\\\g<0>", one_line(text))


def markdown_table(lines: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Cells as a Markdown table; wide and combining letters count as a terminal shows them.

    Args:
        lines: the heading, and the rows.
        right: which columns are aligned to the right.
    """
    cells = [[markdown_text(text) for text in line] for line in lines]
    widths = [max(3, *map(cell_len, column)) for column in zip(*cells, strict=True)]
    rule = [
        "-" * (width - 1) + ":" if at_right else ":" + "-" * (width - 1)
        for width, at_right in zip(widths, right, strict=True)
    ]
    padded = [[_padded(*cell) for cell in zip(line, widths, right, strict=True)] for line in cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def csv_text(text: str) -> str:
    """Text as a field of CSV, on one line; ``'`` in front marks as text what a spreadsheet would compute."""
    escaped = one_line(text)
    return f"'{escaped}" if FORMULA.match(escaped) and not _is_number(escaped) else escaped


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
