"""Whatever the tokens and labels, what is written is read back, or refused."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kinds_cases import vocab_of
from source_samples import put, rows

from core.data.corpus import Corpus, Ragged
from core.data.sources.files import Files
from core.data.vocab import END, FIRST, SPECIALS
from core.errors import DataError
from core.kinds.base import Kind
from core.kinds.rendering import from_tokens
from core.kinds.token_labels import TokenLabels

MOST = 'ab#_-1.\u00a0\u2028\x85\x0c=|"'


def tables(alphabet: str, shortest: int) -> st.SearchStrategy[list[list[tuple[str, str]]]]:
    texts = st.text(alphabet=alphabet, min_size=shortest, max_size=4)
    return st.lists(st.lists(st.tuples(texts, texts), min_size=1, max_size=4), min_size=1, max_size=4)


def rendered(table: list[list[tuple[str, str]]], output: str) -> str:
    sentences = ((from_tokens([word for word, _ in row]), [label for _, label in row]) for row in table)
    return "".join(TokenLabels().render(sentence, labels, output, 3) for sentence, labels in sentences)


@example(table=[[("#", "1")]], output="tsv")
@settings(deadline=None, max_examples=150)
@given(table=tables(MOST, 1) | tables(MOST + " \t\n\r", 0), output=st.sampled_from(["conllu", "tsv"]))
def test_tokens_and_labels_are_read_back_or_refused(table: list[list[tuple[str, str]]], output: str) -> None:
    try:
        written = rendered(table, output)
    except DataError as error:
        assert error.code == "data.token" and error.remedy
        return
    with tempfile.TemporaryDirectory() as folder:
        name = "a.conllu" if output == "conllu" else "a.conll"
        source = Files(put(Path(folder) / name, written), format="conllu" if output == "conllu" else "columns")
        found = [list(zip(row["tokens"], row["labels"], strict=True)) for row in rows(source)]
    assert found == table
    if output == "conllu":
        conllu = pytest.importorskip("conllu")
        again = [[(token["form"], token["upos"]) for token in sentence] for sentence in conllu.parse(written)]
        expected = [[(word, None if label == "_" else label) for word, label in row] for row in table]
        assert [[(form, None if tag == "_" else tag) for form, tag in row] for row in again] == expected


@settings(deadline=None, max_examples=150)
@given(
    table=st.lists(tables(MOST, 1).map(lambda rows: rows[0]) | st.just([]), min_size=1), column=st.integers(2, 9)
)
def test_rows_in_bulk_are_those_that_are_written_one_by_one(
    table: list[list[tuple[str, str]]], column: int
) -> None:
    names = vocab_of([*SPECIALS, *sorted({label for row in table for _, label in row})])
    ids, sizes = itertools.count(len(SPECIALS)), [len(row) + 1 for row in table]
    tokens = [i for row in table for i in [*(next(ids) for _ in row), END]]
    column_of_tokens = Ragged(np.array(tokens, np.int32), np.cumsum([0, *sizes]))
    corpus = Corpus(vocab_of(SPECIALS), {"tokens": column_of_tokens}, [w for row in table for w, _ in row], names)
    predictions = {"label": np.array([names.words.index(label, FIRST) for row in table for _, label in row], int)}
    one_by_one = Kind.render_rows(TokenLabels(), predictions, corpus, "conllu", column, "test")
    assert one_by_one.count("\n") == sum(len(row) + 2 for row in table if row)
    assert TokenLabels().render_rows(predictions, corpus, "conllu", column, "test") == one_by_one


@pytest.mark.parametrize("output", ["conllu", "tsv"])
def test_most_tokens_can_be_written(output: str) -> None:
    assert rendered([[("New York", "A B"), ("#", "_"), ("a\u2028", "\x85")]], output).count("\n") > 3


def test_a_token_that_cannot_be_written_is_placed_in_its_row() -> None:
    tokens = Ragged(np.array([2, END, 3, END], np.int32), np.array([0, 2, 4]))
    corpus = Corpus(vocab_of(SPECIALS), {"tokens": tokens}, ["a", "b\tc"], vocab_of([*SPECIALS, "N"]))
    with pytest.raises(DataError, match=r"dev row 2: the token 'b\\tc' contains a tab"):
        TokenLabels().render_rows({"label": np.array([2, 2])}, corpus, "conllu", 3, "dev")


def test_a_kind_that_renders_in_its_own_way_is_written_so() -> None:
    class Own(TokenLabels):
        def render(self, *given: object) -> str:
            return "own\n"

    tokens = Ragged(np.array([2, END, 2, END], np.int32), np.array([0, 2, 4]))
    corpus = Corpus(vocab_of(SPECIALS), {"tokens": tokens}, ["a"], vocab_of([*SPECIALS, "N"]))
    assert Own().render_rows({"label": np.array([2, 2])}, corpus, "conllu", 3, "dev") == "own\nown\n"
