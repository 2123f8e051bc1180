"""Text to codes, against plain Python."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import interning, whitespace_tokenizer
from core.data.interning import Interner, LabelInterner, close, split_rows
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
def test_text_is_cut_and_numbered_as_in_plain_python(tokens: str, cut) -> None:
    interner = Interner()
    codes, lengths = split_rows(pa.array(TEXTS), tokens, interner)
    assert (codes.tolist(), lengths.tolist(), interner.types) == plain(TEXTS, cut)


SPACES = [" ", "\t", "\v", "  "]
PIECES = st.lists(
    st.one_of(
        st.sampled_from([*SPACES, "a", "ab", "abcdefgh", "abcdefghi", "abcdefghijklmnopq", "abcdefghijklmnopr"]),
        st.text("aé日\x01\x1f\x80 \u2028\u00a0", max_size=20),
    ),
    max_size=8,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(PIECES, max_size=6), threads=st.integers(1, 3), room=st.integers(1, 3))
def test_compiled_code_cuts_and_numbers_as_arrow_does(texts: list[str], threads: int, room: int) -> None:
    column, wanted, found = pa.array(["not seen", *texts], pa.string()).slice(1), Interner(), Interner()
    codes, lengths = split_rows(column, "space", wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interning, "LARGE", -1)
        patch.setattr(whitespace_tokenizer, "ROOM", room)
        found.threads = threads
        again = split_rows(column, "space", found)
    assert (again[0].tolist(), again[1].tolist()) == (codes.tolist(), lengths.tolist())
    assert found.types == wanted.types


@pytest.mark.parametrize("lower", [True, False])
def test_threads_and_lower_case_go_together(monkeypatch: pytest.MonkeyPatch, lower: bool) -> None:
    monkeypatch.setattr(interning, "LARGE", -1)
    texts = [*TEXTS, "The CAT ÉTÉ", "été The"]
    wanted, found = Interner(), Interner(threads=3)
    codes, lengths = split_rows(pa.array(texts), "space", wanted, lower)
    again = split_rows(pa.array(texts), "space", found, lower)
    assert np.array_equal(again[0], codes) and np.array_equal(again[1], lengths) and found.types == wanted.types


def test_a_second_batch_continues_the_codes_of_the_first() -> None:
    whole, parts = Interner(), Interner()
    codes, _ = split_rows(pa.array(TEXTS), "space", whole)
    pieces = [split_rows(pa.array([text]), "space", parts)[0] for text in TEXTS]
    assert np.array_equal(np.concatenate(pieces), codes)
    assert parts.types == whole.types


def test_token_lists_are_not_cut_at_spaces() -> None:
    interner = Interner()
    lists = pa.array([["New York", "is"], [], ["is"]], pa.list_(pa.string()))
    codes, lengths = split_rows(lists, "space", interner)
    assert codes.tolist() == [0, 1, 1]
    assert lengths.tolist() == [2, 0, 1]
    assert interner.types == ["New York", "is"]


def test_rows_end_in_end() -> None:
    rows = close(np.array([5, 6, 7], dtype=np.int32), np.array([2, 0, 1]))
    assert [row.tolist() for row in (rows[0], rows[1], rows[2])] == [[5, 6, END], [END], [7, END]]
    assert rows.inner.tolist() == [True, True, False, False, True, False]
    assert rows.select(np.array([2, 0, 2])).values.tolist() == [7, END, 5, 6, END, 7, END]


def test_white_space_around_a_label_does_not_count_and_a_null_is_an_empty_label() -> None:
    interner = LabelInterner()
    codes = interner.add(pa.array(["pos", " pos", "neg\u00a0", "\tpos ", "neg", None, "very good"]))
    assert codes.tolist() == [0, 0, 1, 0, 1, 2, 3]
    assert interner.types == ["pos", "neg", "", "very good"]
