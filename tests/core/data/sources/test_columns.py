"""Columns: where they are cut, document marks, comments, blank lines, and the same lines with labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import put, read, rows

from core.data.sources.blocks import Block, after_blank
from core.data.sources.columns import Columns
from core.data.sources.files import Files
from core.data.sources.formats import Labels
from core.errors import DataError

TAGGED = [{"tokens": ["a", "b"], "labels": ["DT", "NN"]}, {"tokens": ["c"], "labels": ["X"]}]


@pytest.mark.parametrize(
    "content",
    [
        "a DT\nb NN\n\nc X\n",
        "a\tDT\nb \tNN\n\nc\t\t X \n",
        "a\tDT\r\nb NN\r\n\r\nc X\r\n",
        " a  DT\n b  NN\n \t\n c  X\n",
        "\ufeff\n  \na DT\nb NN\n\n\n\nc X",
    ],
)
def test_columns_are_cut_at_spaces_and_tabs(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, "a.conll", content, format="columns") == TAGGED


@pytest.mark.parametrize("space", [" ", "  ", "\u00a0", " . "])
def test_only_tabs_cut_where_every_line_has_one(tmp_path: Path, space: str) -> None:
    content = f"is\tVERB\nNew{space}York\tPROPN\n\nto\tPART OF\n"
    assert read(tmp_path, "a.conll", content) == [
        {"tokens": ["is", f"New{space}York"], "labels": ["VERB", "PROPN"]},
        {"tokens": ["to"], "labels": ["PART OF"]},
    ]


def test_a_txt_file_with_spaces_in_tokens_is_recognised(tmp_path: Path) -> None:
    content = "is\tVERB\nNew York\tPROPN\n\nis\tVERB\n"
    assert read(tmp_path, "a.txt", content)[0] == {"tokens": ["is", "New York"], "labels": ["VERB", "PROPN"]}
    sentences = "1\tthe cat sat\n2\ta dog\n\n3\tno one\n"
    assert read(tmp_path, "b.txt", sentences) == [{"text": line} for line in sentences.split("\n") if line]


def test_the_error_of_a_wrong_width_says_where_columns_are_cut(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":2: columns: 3 where .* 2 \(they are cut at spaces too, as .*:1 has no"):
        read(tmp_path, "a.conll", "is VERB\nNew York\tPROPN\n", format="columns")
    source = Files(put(tmp_path / "b.conll", "is\tVERB\n\nNew\tYork\tPROPN\n"), format="columns")
    with pytest.raises(DataError, match=r":3: columns: 3 where .* 2 \(they are cut at tabs alone\)"):
        rows(source)


@pytest.mark.parametrize(
    "mark", ["-DOCSTART- -X- -X- O", "-DOCSTART- O", "-DOCSTART-", "-DOCSTART-\t-X-\tO", " -DOCSTART-  -X- O"]
)
@pytest.mark.parametrize("blank", ["\n", ""])
def test_document_marks_end_a_sentence_and_are_none(tmp_path: Path, mark: str, blank: str) -> None:
    content = f"{mark}\n{blank}a DT B\nb NN B\n{mark}\n{blank}c X B\n"
    source = Files(put(tmp_path / "a.conll", content), format="columns")
    assert rows(source) == TAGGED
    assert [(note.code, note.values["count"]) for note in source.notes()] == [("source.skipped", 2)]
    assert source.write("train", {}, ["P", "Q", "R"], tmp_path / "out")
    expected = content.replace(" B\n", " B *\n").replace("*", "P", 1).replace("*", "Q", 1).replace("*", "R", 1)
    assert (tmp_path / "out.txt").read_text("utf-8") == expected


def test_a_document_mark_in_the_column_of_tokens_counts_and_one_within_a_word_does_not(tmp_path: Path) -> None:
    content = "1 -DOCSTART- O\n\n1 a DT\n2 x-DOCSTART-x NN\n"
    found = read(tmp_path, "a.conll", content, format="columns", text="2", label="3")
    assert found == [{"tokens": ["a", "x-DOCSTART-x"], "labels": ["DT", "NN"]}]


def test_comments_are_left_out_and_a_number_sign_is_a_token(tmp_path: Path) -> None:
    content = "# a file of tags\n# id = 1\n# SYM\na DT\n#b NN\n# newdoc = x y\n\n# text = a b\n# SYM\n"
    source = Files(put(tmp_path / "a.conll", content), format="columns")
    assert rows(source) == [
        {"tokens": ["#", "a", "#b"], "labels": ["SYM", "DT", "NN"]},
        {"tokens": ["#"], "labels": ["SYM"]},
    ]
    assert source.notes()[0].values == {"split": "train", "what": "comment lines", "count": 4}
    assert source.write("train", {}, ["A", "B", "C", "D"], tmp_path / "out")
    lines = (tmp_path / "out.txt").read_text("utf-8").splitlines()
    assert lines[:5] == ["# a file of tags", "# id = 1", "# SYM A", "a DT B", "#b NN C"] and lines[-1] == "# SYM D"


def test_a_comment_that_arrives_alone_does_not_set_the_width() -> None:
    reader, path = Columns(labelled=False), Path("x")
    blocks = [Block(path, 1, b"# of tags\n\n"), Block(path, 3, b"a DT\n# NN\n\n")]
    assert [batch.to_pylist() for batch in reader.read(iter(blocks))] == [[], [{"tokens": ["a", "#"]}]]


def test_lines_of_spaces_separate_blocks() -> None:
    assert after_blank(b"a b\n \t\nc d\n") == 7
    assert after_blank(b"a b\nc d\n") == 0
    assert after_blank(b"a b\n  \r\n  \nc d\n \nc") == 17


def test_a_label_with_a_space_is_refused_where_columns_are_cut_at_spaces() -> None:
    block = Block(Path("x"), 1, b"a DT\n")
    with pytest.raises(DataError, match="x: the label 'A B' has a space"):
        Columns().relabel(block, Labels(["A B"], "x"))
    block = Block(Path("x"), 1, b"a\tDT\n")
    assert Columns().relabel(block, Labels(["A B"], "x")) == b"a\tDT\tA B\n"


@pytest.mark.parametrize("label", ["", "a\tb", "a\nb"])
def test_a_label_that_no_file_can_hold_is_refused(label: str) -> None:
    with pytest.raises(DataError, match="file: the label"):
        Labels(["X", label], "file")


@pytest.mark.parametrize(
    ("content", "is_columns"),
    [
        ("the dogs sleep .\ndogs the . sleep\n\na cat is .\n", False),
        ("\u6211 \u7231\n\u4f60 \u597d\n\n\u6211 \u4f60\n", False),
        ("the DT\ndogs NNS\n\n. .\n", True),
        ("the dt B-NP\ndogs nns I-NP\n\n. . O\n", True),
        ("the dt\ndogs nns\n\n. .\n", False),
        ("the\tdt\ndogs\tnns\n\n.\t.\n", True),
        ("the\tDT\n\u00a0\tNN\n\u2028\tX\n\n\x0c\tX\n", True),
        ("-DOCSTART- O\n\nEU B-ORG\nis O\n\nx O\n", True),
    ],
)
def test_short_sentences_are_not_taken_for_columns(content: str, is_columns: bool) -> None:
    assert (Columns.sniff(content.split("\n")) > 0) is is_columns


def test_document_marks_are_whole_columns_where_tabs_alone_separate(tmp_path: Path) -> None:
    content = "-DOCSTART-\tO\n\n-DOCSTART- x\tX\na\tY\n-DOCSTART- -X- O\nb\tZ\n"
    found = read(tmp_path, "a.conll", content, format="columns")
    assert found == [{"tokens": ["-DOCSTART- x", "a"], "labels": ["X", "Y"]}, {"tokens": ["b"], "labels": ["Z"]}]
