"""Tokens and labels that no file can hold are refused in every source."""

from __future__ import annotations

import re

import pytest
from kinds_cases import spec_of
from memory_source import Rows

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.errors import DataError
from tasks.lm import LanguageModelling
from tasks.pos import PartOfSpeech
from tasks.sentiment import Sentiment

GOOD = [(["a", "b"], ["X", "Y"])] * 3
REASONS = [
    ("a\tb", "contains a tab"),
    ("a\nb", "contains a line end"),
    ("a\rb", "contains a carriage return"),
    ("a\0", "contains a NUL character"),
    ("", "is empty"),
]


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_the_row_of_a_token_or_a_label_per_token_is_named(text: str, reason: str) -> None:
    for what, row in (("token", (["a", text], ["X", "Y"])), ("label", (["a", "b"], ["X", text]))):
        source = Rows(train=GOOD, dev=[*GOOD, row], test=GOOD)
        with pytest.raises(DataError, match=rf"dev row 4: the {what}.* {reason}") as caught:
            prepare(source, spec_of(PartOfSpeech()), DataOptions())
        assert caught.value.code == "data.token"
        assert not text or repr(text) in str(caught.value)


@pytest.mark.parametrize(("text", "reason"), [*REASONS, (" \u00a0\t", "is empty")])
def test_the_row_of_a_label_per_row_is_named(text: str, reason: str) -> None:
    source = Rows(train=[("a", "x"), ("b", text)], dev=[("a", "x")], test=[("a", "x")])
    with pytest.raises(DataError, match=re.escape("train row 2: the label") + f".*{reason}"):
        prepare(source, spec_of(Sentiment()), DataOptions())


def test_other_line_ends_and_spaces_are_kept() -> None:
    rows = [(["a\u2028b", "\x85", " ", "New York"], ["X", "a b", "Y", "Z"])]
    data = prepare(Rows(train=rows, dev=rows, test=rows), spec_of(PartOfSpeech()), DataOptions())
    assert set(data.vocab.words[2:]) == {"a\u2028b", "\x85", " ", "New York"}
    assert set(data.labels.words[2:]) == {"X", "a b", "Y", "Z"}


def test_a_language_model_reads_any_token() -> None:
    rows = [(["if", "x", "\n", "\t", ""], None)]
    data = prepare(Rows(train=rows, dev=rows, test=rows), spec_of(LanguageModelling()), DataOptions())
    assert data.vocab.words[2:] == ["if", "x", "\n", "\t", ""]
