"""CoNLL-U: document marks, lines of spaces, and CoNLL-U Plus."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import CONLLU, SENTENCES, put, read, rows, word

from core.data.sources.files import Files
from core.errors import ConfigError, DataError

PLUS = "\n".join(
    [
        "# global.columns = ID FORM UPOS TEST:NER",
        "# text = New York is",
        "1-2\tNew York\t_\t_",
        "1\tNew\tPROPN\tB-LOC",
        "2\tYork\tPROPN\tI-LOC",
        "3\tis\tAUX\tO",
        "",
        "1\tYes\tINTJ\tO",
        "",
        "",
    ]
)


def test_document_marks_are_not_sentences(tmp_path: Path) -> None:
    content = word("1", "-DOCSTART-", "X") + "\n\n" + CONLLU
    source = Files(put(tmp_path / "a.conllu", content))
    assert rows(source) == SENTENCES
    assert source.notes()[0].values["count"] == 1
    assert source.write("train", {}, ["AUX", "PART", "VERB", "X"], tmp_path / "out")
    assert (tmp_path / "out.conllu").read_bytes() == content.encode()


def test_lines_of_white_space_are_blank(tmp_path: Path) -> None:
    content = CONLLU.replace("\n\n", "\n \t\n").replace("\n", "\r\n")
    assert read(tmp_path, "a.conllu", content) == SENTENCES


@pytest.mark.parametrize("name", ["a.conllu", "a.conllup", "a.txt", "a.conll"])
def test_conllu_plus_names_its_columns(tmp_path: Path, name: str) -> None:
    source = Files(put(tmp_path / name, PLUS), label="test:ner")
    assert rows(source) == [
        {"tokens": ["New", "York", "is"], "labels": ["B-LOC", "I-LOC", "O"]},
        {"tokens": ["Yes"], "labels": ["O"]},
    ]
    assert source.write("train", {}, ["B-LOC", "I-LOC", "O", "O"], tmp_path / "out")
    assert (tmp_path / "out.conllu").read_bytes() == PLUS.encode()
    assert rows(Files(tmp_path / name))[1] == {"tokens": ["Yes"], "labels": ["INTJ"]}


def test_conllu_plus_needs_no_ids(tmp_path: Path) -> None:
    content = "# global.columns = FORM UPOS\na\tDET\nb\tNOUN\n\nc\tX\n"
    assert read(tmp_path, "a.conllup", content)[0] == {"tokens": ["a", "b"], "labels": ["DET", "NOUN"]}


def test_errors_of_conllu_plus_list_its_columns(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the columns of this file are id, form, upos, test:ner, not 'xpos'"):
        read(tmp_path, "a.conllup", PLUS, label="xpos")
    with pytest.raises(DataError, match=":4: 3 columns where CoNLL-U has 4"):
        read(tmp_path, "b.conllup", PLUS.replace("PROPN\tB-LOC", "PROPN"))
