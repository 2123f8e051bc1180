"""What tokens and labels must be, so that every file of tagged text can hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.errors import DataError

BREAKS = {  # what separates cells and lines, and what no text has
    "\t": "a tab", "\n": "a line end", "\r": "a carriage return", "\0": "a NUL character",
}  # fmt: skip
DOUBLE, OUTER = re.compile("  "), re.compile("^ | $")  # spaces that readers of CoNLL-U and of columns lose
SHOWN = 40  # characters of a text that a message shows


def unwritable(text: str) -> str:
    """Why no file of tagged text can hold a token or a label, such as ``is empty``; empty where files can."""
    if not text:
        return "is empty"
    return next((f"contains {name}" for mark, name in BREAKS.items() if mark in text), "")


def shown(text: str) -> str:
    """A token or a label in quotes as a message shows it, control characters escaped, its end left out."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def refused(what: str, text: str, where: str) -> DataError:
    """The error of a token or a label that no file of tagged text can hold."""
    remedy, named = "fill it in or remove the row", ""
    if text:
        remedy, named = "replace it: files of predictions hold one per line, between tabs", f" {shown(text)}"
    return DataError(f"the {what}{named} {unwritable(text)}", where=where, remedy=remedy, code="data.token")


def check_written(words: Sequence[str], labels: Sequence[str], spaces: re.Pattern[str] | None = None) -> None:
    """Check that a row of tokens and labels can be written between tabs, one token per line.

    Args:
        words: the tokens of the row.
        labels: their labels.
        spaces: the spaces that a reader of the file would take for something else.

    Raises:
        DataError: one of them would be read as something else; the caller adds the place.
    """
    for what, texts in (("token", words), ("label", labels)):
        for text in texts:
            if unwritable(text):
                raise refused(what, text, "")
            if spaces is not None and spaces.search(text):
                what, remedy = f"the {what} {shown(text)} has outer or double spaces", "output=jsonl keeps them"
                raise DataError(what, remedy=remedy, code="data.token")


def are_writable(texts: Iterable[str], spaces: re.Pattern[str]) -> bool:
    """Whether ``check_written`` lets all of some tokens or labels pass; each is checked once."""
    return not any(unwritable(text) or spaces.search(text) for text in set(texts))
