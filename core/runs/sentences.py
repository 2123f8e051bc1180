"""Sentences from a caller as rows of codes: each a text or a list of its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from core.data.arrow_numpy import to_lists, to_strings
from core.data.interning import Interner, close, split_rows
from core.data.options import DataOptions
from core.data.spans import separate_marks, take_spans
from core.data.spec import TokenSpec
from core.data.splitting import InternedSplit
from core.errors import ConfigError, DataError
from core.types import Int64s


def intern_sentences(
    rows: list[str | list[str]], spec: TokenSpec, interner: Interner, options: DataOptions
) -> InternedSplit:
    """Text cut as the task cuts it and lists of tokens, in their order.

    Args:
        rows: each a text, or its tokens.
        spec: what the task needs: how text is cut, and whether spans are marked.
        interner: numbers the words.
        options: whether all is lower-cased, and how long rows may be.

    Raises:
        DataError: one is not UTF-8, or spans are not marked.
    """
    texts = np.array([isinstance(row, str) for row in rows], dtype=bool)
    parts, order = [], np.argsort(~texts, kind="stable")  # text first
    halves = ((to_strings, order[: texts.sum()]), (to_lists, order[texts.sum() :]))
    for to_column, numbers in [half for half in halves if len(half[1])] or halves[:1]:
        try:
            column = to_column([rows[number] for number in numbers.tolist()])
            if spec.marks:
                column = separate_marks(column, spec.tokens == "char", partial(_place_among, numbers))
            parts.append(split_rows(column, spec.tokens, interner, options.lower))
        except UnicodeEncodeError:  # half of a character, as JSON may hold it
            raise DataError("a sentence is not UTF-8", where="predict", remedy="write it in UTF-8") from None
    codes, lengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    split = InternedSplit({"tokens": close(codes, lengths)})
    split = split if len(parts) == 1 else split.select(np.argsort(order))
    return take_spans(split, interner, spec.marks == "tokens", options.max_length, _place) if spec.marks else split


def _place(row: int) -> str:
    """Where a sentence is, from 0, for errors."""
    return f"sentence {row + 1}"


def _place_among(numbers: Int64s, row: int) -> str:
    """Where the sentence is that is one of these."""
    return _place(int(numbers[row]))


def check_sentences(sentences: Iterable[str | Sequence[str]]) -> list[str | list[str]]:
    """Check that sentences are a list whose entries are texts or lists of words.

    Raises:
        ConfigError: they are not.
    """
    if isinstance(sentences, str):
        what, remedy = "one text is not a list of sentences", "put it into a list: [text]"
        raise ConfigError(what, where="predict", remedy=remedy)
    rows: list[str | list[str]] = []
    for number, row in enumerate(sentences, start=1):
        words = list(row) if isinstance(row, Iterable) and not isinstance(row, str) else [row]
        if not all(isinstance(word, str) for word in words):
            what = f"sentence {number} is {type(row).__name__}, neither text nor a list of words"
            raise ConfigError(what, where="predict", remedy="give one of the two")
        rows.append(row if isinstance(row, str) else words)
    return rows
