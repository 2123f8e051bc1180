"""Text that is safe to print: control characters from data, names and paths become escapes such as ``\\x1b``.

A terminal obeys control characters: they move the cursor, change its title and colors, or hide text. Everything
that is printed passes through ``printable``: by ``echo``, or by ``core.view.console``.
"""

from __future__ import annotations

import json
import math
import re
import sys
from typing import TypeVar

CONTROLS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction of writing: letters appear in another order
    "\ufff9-\ufffb\ufeff"  # annotations, byte order mark
    "\ud800-\udfff\U000e0000-\U000e007f"  # surrogates, which no file can hold; tags, which are invisible
)
COMMANDS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")  # a terminal acts on them; without white space
LINES = "\t\n\u2028\u2029"  # which a text may have, and a cell or a message may not
UNSAFE, UNSAFE_IN_LINE = (re.compile(f"[{controls}]") for controls in (CONTROLS, CONTROLS + LINES))

T = TypeVar("T")


def printable(text: object) -> str:
    """Text with its control characters as escapes; tabs and the ends of lines are kept."""
    return UNSAFE.sub(_escape, str(text))


def one_line(text: object) -> str:
    """Text on one line: as ``printable``, with tabs and the ends of lines as escapes too."""
    return UNSAFE_IN_LINE.sub(_escape, str(text))


def inert(text: str) -> str:
    """Text as data: what a terminal acts on becomes escapes, and marks that a language writes with are kept."""
    return COMMANDS.sub(_escape, text)


def counted(number: int, noun: str) -> str:
    """A number and what it counts: 1 row, 2 rows, 1,000 rows."""
    return f"{number:,} {noun}" + "s" * (number != 1)


def json_text(document: object, indent: int | None = None) -> str:
    """A document as JSON that is safe to print and reads back unchanged; other letters stay readable.

    Raises:
        ValueError: it holds a number that is not finite.
    """
    return json_escaped(json.dumps(document, indent=indent, ensure_ascii=False, allow_nan=False))


def finite(value: T) -> T | None:
    """A value as JSON has it: None for a number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_escaped(text: str) -> str:
    """JSON with its control characters as JSON's own escapes."""
    return UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def echo(*values: object, separator: str = " ", error: bool = False) -> None:
    """Print values as one line, escaped, to standard output, or to standard error with ``error=True``."""
    print(separator.join(map(one_line, values)), file=sys.stderr if error else sys.stdout)


def echo_lines(text: str, error: bool = False) -> None:
    """Print text that may have several lines, escaped, as ``echo`` does."""
    print(printable(text), file=sys.stderr if error else sys.stdout)


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")
