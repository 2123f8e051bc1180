"""Whatever the tokens and labels, what is written is read back, or refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from source_samples import put, rows

from core.data.sources.files import Files
from core.errors import DataError
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


@pytest.mark.parametrize("output", ["conllu", "tsv"])
def test_most_tokens_can_be_written(output: str) -> None:
    assert rendered([[("New York", "A B"), ("#", "_"), ("a\u2028", "\x85")]], output).count("\n") > 3
