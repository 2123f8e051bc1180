"""Text to codes, against plain Python."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core.data.intern import Interner, close, split_rows
from core.data.vocab import END

TEXTS = ["the cat sat", "", "  the  dog\t\tsat ", "caf\u00e9 a\u00a0b c\u2028d \U0001f600", "the"]


def plain(texts: list[str], cut) -> tuple[list[int], list[int], list[str]]:
    codes: dict[str, int] = {}
    rows = [[codes.setdefault(word, len(codes)) for word in cut(text)] for text in texts]
    return [c for row in rows for c in row], [len(row) for row in rows], list(codes)


def ascii_split(text: str) -> list[str]:
    for blank in "\t\n\v\f\r":
        text = text.replace(blank, " ")
    return [word for word in text.split(" ") if word]


@pytest.mark.parametrize(("tokens", "cut"), [("space", ascii_split), ("char", list)])
def test_text_is_cut_and_numbered_as_plain_python_does_it(tokens: str, cut) -> None:
    interner = Interner()
    codes, lengths = split_rows(pa.array(TEXTS), tokens, interner)
    assert (codes.tolist(), lengths.tolist(), interner.types) == plain(TEXTS, cut)


def test_a_second_batch_goes_on_with_the_codes_of_the_first() -> None:
    whole, parts = Interner(), Interner()
    codes, _ = split_rows(pa.array(TEXTS), "space", whole)
    pieces = [split_rows(pa.array([text]), "space", parts)[0] for text in TEXTS]
    assert np.array_equal(np.concatenate(pieces), codes)
    assert parts.types == whole.types


def test_token_lists_are_taken_as_they_are_even_with_blanks_inside() -> None:
    interner = Interner()
    lists = pa.array([["New York", "is"], [], ["is"]], pa.list_(pa.string()))
    codes, lengths = split_rows(lists, "space", interner)
    assert codes.tolist() == [0, 1, 1]
    assert lengths.tolist() == [2, 0, 1]
    assert interner.types == ["New York", "is"]


def test_rows_are_closed_by_end() -> None:
    rows = close(np.array([5, 6, 7], dtype=np.int32), np.array([2, 0, 1]))
    assert [row.tolist() for row in (rows[0], rows[1], rows[2])] == [[5, 6, END], [END], [7, END]]
    assert rows.inner.tolist() == [True, True, False, False, True, False]
    assert rows.select(np.array([2, 0, 2])).values.tolist() == [7, END, 5, 6, END, 7, END]
