"""What separates the columns of a table, by its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection

from core.data.sources.column_guessing import LABEL, TEXT

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # the first line by which spreadsheets name the separator


def header_of(data: bytes) -> str:
    """The first line of a block that holds something, as text."""
    return next((line.strip(b"\r") for line in data.split(b"\n", 100) if line.strip()), b"").decode("utf-8")


def other_separator(
    header: str,
    own: str,
    asked: Collection[str],
    fits: Callable[[str, int], bool] = lambda separator, width: False,
) -> str | None:
    """The separator that a header of one column seems to have instead of its format's own.

    Args:
        header: the first line.
        own: the separator of the format.
        asked: the names of columns that the user gave.
        fits: whether every line has this many columns with a separator.

    Returns:
        A separator with which the header has several columns, one of them with a usual name or one that was asked
        for, or all lines equally many; None where there is none.
    """
    if len(_cells(header, own)) > 1:
        return None
    usual = {*TEXT, *LABEL, *(name.lower() for name in asked)}
    for separator in NAMES:
        names = [name.lower() for name in _cells(header, separator)]
        distinct = len(names) > 1 and all(names) and len(set(names)) == len(names)
        if separator != own and distinct and (usual & set(names) or fits(separator, len(names))):
            return separator
    return None


def _cells(header: str, separator: str) -> list[str]:
    """The names in a header."""
    try:
        cells = next(csv.reader([header], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        cells = [header]
    return [cell.strip() for cell in cells]
