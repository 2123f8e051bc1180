"""Raw text cut into tokens that know their places; lower case; rows of a greatest length."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds_cases import spec_of
from memory_source import Rows, text

from core.data import tokenizer
from core.data.interning import Interner, split_rows
from core.data.options import DataOptions
from core.data.prepare import encode, prepare
from core.errors import ConfigError
from tasks.lm import LanguageModelling
from tasks.pos import PartOfSpeech
from tasks.sentiment import Sentiment

words_only = pytest.mark.skipif(not find_spec("tokenizers"), reason="needs the package tokenizers")


def cut(row: str, how: str = "words") -> list[str]:
    return tokenizer.cut(pa.array([row]), how).tokens.to_pylist()


@words_only
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("I don't know.", ["I", "do", "n't", "know", "."]),
        ("He's sure we'll say I'd've", ["He", "'s", "sure", "we", "'ll", "say", "I", "'d", "'ve"]),
        ("WON’T can’t", ["WO", "N’T", "ca", "n’t"]),
        ("(It cost $3.50!)", ["(", "It", "cost", "$", "3.50", "!", ")"]),
        (
            "1,000 at 10:30, e.g. in the U.S. ...",
            ["1,000", "at", "10:30", ",", "e.g.", "in", "the", "U.S.", "..."],
        ),
        ("Mr. O'Neil's state-of-the-art o'clock", ["Mr.", "O'Neil", "'s", "state-of-the-art", "o'clock"]),
        ("see http://x.org/a?b=c, or a.b@c.org", ["see", "http://x.org/a?b=c", ",", "or", "a.b@c.org"]),
        ("the <unk> <b>", ["the", "<unk>", "<b>"]),
        ("中文abc分词。", ["中", "文", "abc", "分", "词", "。"]),
        ("すし と ไทย", ["す", "し", "と", "ไ", "ท", "ย"]),
        ("e\u0301te\u0301 हिन्दी", ["e\u0301te\u0301", "हिन्दी"]),
        ("ok👩‍👩‍👧👍🏽 -- שלום!", ["ok", "👩‍👩‍👧", "👍🏽", "--", "שלום", "!"]),
        ("a\u00a0b\u2028c\u3000d", ["a", "b", "c", "d"]),
        ("  ", []),
    ],
)
def test_words_are_cut_by_the_rules_of_the_treebank(row: str, expected: list[str]) -> None:
    assert cut(row) == expected


ROWS = st.lists(
    st.text(st.sampled_from("ab'n’t.é\u0301中 \u00a0\n😀<>_-1,") | st.characters(codec="utf-8"), max_size=12)
)


@words_only
@settings(deadline=None)
@given(ROWS)
def test_spans_give_the_tokens_and_only_white_space_is_between_them(rows: list[str]) -> None:
    for how in ("space", "words"):
        found = tokenizer.cut(pa.array(rows, pa.string()), how)
        assert found.lengths.sum() == len(found.tokens) and len(found.lengths) == len(rows)
        of = np.repeat(np.arange(len(rows)), found.lengths).tolist()
        places = list(zip(of, found.starts.tolist(), found.ends.tolist(), strict=True))
        assert [rows[row][start:end] for row, start, end in places] == found.tokens.to_pylist()
        for r, row in enumerate(rows):
            covered = {i for of_row, start, end in places for i in range(start, end) if of_row == r}
            spaces = tokenizer.ASCII_SPACE if how == "space" else tokenizer.SPACE
            assert {i for i, c in enumerate(row) if ord(c) not in spaces} == covered


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=5))
def test_space_is_cut_as_the_path_to_ids_cuts_it(rows: list[str]) -> None:
    rows = [row.encode("utf-8", "ignore").decode() for row in rows]
    interner, found = Interner(), tokenizer.cut(pa.array(rows, pa.string()), "space")
    codes, lengths = split_rows(pa.array(rows, pa.string()), "space", interner)
    assert [interner.types[code] for code in codes] == found.tokens.to_pylist()
    assert lengths.tolist() == found.lengths.tolist()


@words_only
def test_words_become_ids_and_a_list_of_tokens_stays_as_it_is() -> None:
    interner = Interner()
    codes, lengths = split_rows(pa.array(["Don't!", "", "don't"]), "words", interner, lower=True)
    assert (interner.types, codes.tolist(), lengths.tolist()) == (["do", "n't", "!"], [0, 1, 2, 0, 1], [3, 0, 2])
    assert len(split_rows(pa.array([["don't", "U S"]]), "words", interner)[0]) == 2


def test_words_without_the_package_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer._rules.cache_clear()
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(
        ConfigError, match="task.tokens: words needs the package tokenizers; install it: pip install"
    ):
        cut("a")


def spelled(corpus) -> str:
    return " ".join(corpus.spell(corpus.tokens.values[corpus.tokens.inner]))


@pytest.mark.parametrize(("how", "expected"), [("space", "ÉTÉ été été"), ("char", "É")])
def test_words_and_characters_are_lower_cased(how: str, expected: str) -> None:
    source = Rows(train=text(expected), dev=text("É"), test=text("X"))
    data = prepare(source, spec_of(LanguageModelling(tokens=how)), DataOptions(lower=True))
    assert spelled(data.splits["train"]) == expected.lower()
    assert spelled(data.splits["test"]) == "x"
    assert set(data.cut) == {"train", "dev", "test"}  # so that no file of the source is written over


def test_rows_are_cut_with_their_labels_and_counted() -> None:
    long = (["a", "b", "c", "d"], ["W", "X", "Y", "Z"])
    source = Rows(train=[long, (["a"], ["W"]), ([], [])], dev=[long], test=[(["a", "b"], ["W", "X"])])
    data = prepare(source, spec_of(PartOfSpeech()), DataOptions(max_length=2))
    train = data.splits["train"]
    assert train.tokens.lengths.tolist() == train.targets.lengths.tolist() == [3, 2, 1]
    assert spelled(train) == "a b a" and data.vocab.words[2:] == ["a", "b"]
    assert data.labels is not None and data.labels.words[2:] == ["W", "X"]
    assert [*map(str, data.notes[:2])] == [
        "train: 1 of 3 rows were cut, 2 tokens left out (data.max_length=2)",
        "dev: 1 of 1 rows were cut, 2 tokens left out (data.max_length=2)",
    ]
    other, notes = encode(
        source, "dev", spec_of(PartOfSpeech()), data.vocab, data.labels, DataOptions(max_length=2)
    )
    assert spelled(other) == "a b" and notes == data.notes[1:2]


def test_the_label_of_a_cut_row_stays() -> None:
    source = Rows(train=[("a b c", "yes"), ("a", "no")], dev=[("a", "no")], test=[("c b a", "yes")])
    data = prepare(source, spec_of(Sentiment()), DataOptions(max_length=1))
    assert data.splits["test"].tokens.lengths.tolist() == data.splits["test"].targets.lengths.tolist() == [2]


def test_without_longer_rows_there_is_no_note() -> None:
    source = Rows(train=text("a b"), dev=text("b"), test=text("a"))
    data = prepare(source, spec_of(LanguageModelling()), DataOptions(max_length=2))
    assert data.cut == () and not [note for note in data.notes if note.code == "data.max_length"]
