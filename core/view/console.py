"""The console for tables, notes and progress: control characters and markup in them are shown, not obeyed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import Any

import rich.console
from rich.segment import Segment
from rich.text import Text

from core.printable import printable

PIPE_WIDTH = 140  # columns where the output is not a terminal


class Console(rich.console.Console):
    """A console without markup, emoji codes and highlighting, on which text cannot control the terminal.

    Args:
        options: those of ``rich.console.Console``.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text as Rich measures and prints it."""
        return super().render_str(printable(text), **options)

    def render(self, *arguments: Any, **options: Any) -> Iterable[Segment]:
        """What is printed; only Rich's own segments control the terminal."""
        for segment in super().render(*arguments, **options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def console(error: bool = False) -> Console:
    """The console for results (standard output) or messages (standard error).

    It is as wide as the terminal; elsewhere as the variable COLUMNS says, or ``PIPE_WIDTH``.
    """
    given = os.environ.get("COLUMNS", "")
    width = int(given) if re.fullmatch("[1-9][0-9]{0,3}", given) else PIPE_WIDTH
    return Console(stderr=error, width=None if (sys.stderr if error else sys.stdout).isatty() else width)
