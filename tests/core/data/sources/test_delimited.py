"""Tables: white space around cells, lines of white space, and what separates the columns."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import put, read, rows

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.files import Files
from core.data.spec import TokenSpec
from core.errors import DataError

ROW = TokenSpec(labels="row")
ROWS = [{"text": "good film", "label": "pos"}, {"text": "bad, film", "label": "neg"}]


@pytest.mark.parametrize(
    "content",
    [
        'text,label\ngood film,pos\n"bad, film",neg\n',
        'text, label\n"good film", pos \n"bad, film",\u00a0neg\n',
        '"text" , "label"\r\n  "good film"  ,"pos"  \r\n"bad, film", " neg"\r\n',
        '\n  \ntext,label\n \t\ngood film,pos\n   \n"bad, film",neg\n',
        'sep=,\r\ntext,label\ngood film,pos\n"bad, film",neg\n',
    ],
)
def test_white_space_around_cells_and_lines_of_it_do_not_count(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, "a.csv", content) == ROWS
    assert read(tmp_path, "b.csv", content, text="text", label="label") == ROWS


def test_white_space_around_names_and_labels_of_tsv_does_not_count(tmp_path: Path) -> None:
    content = " text\tlabel \n \ngood film\tpos \nbad, film\t neg\n\t\n"
    source = Files(put(tmp_path / "a.tsv", content), label="label")
    assert rows(source) == ROWS
    assert source.notes()[0].values == {"split": "train", "count": 2}


@pytest.mark.parametrize("label", [" ", "\u00a0", '" "'])
def test_a_label_of_white_space_is_empty(tmp_path: Path, label: str) -> None:
    with pytest.raises(DataError, match="a.csv:3: the label is empty, as in 1 rows"):
        prepare(Files(put(tmp_path / "a.csv", f"text,label\na,b\nc,{label}\n")), ROW, DataOptions())


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_separator_of_csv_is_found_and_named(tmp_path: Path, mark: str) -> None:
    content = f'text{mark}label\ngood film{mark}pos\n"bad, film"{mark}neg\n'
    source = Files(put(tmp_path / "a.csv", content))
    assert rows(source) == ROWS
    (note,) = source.notes()
    assert note.code == "source.separator" and note.values["separator"] == mark


def test_another_separator_is_found_by_the_columns_that_are_asked_for_or_by_all_lines(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "id;x;y\n1;a;b\n", text="x", label="y") == [{"text": "a", "label": "b"}]
    assert read(tmp_path, "b.csv", "sep=;\nx;text\n1;a\n") == [{"text": "a", "label": "1"}]
    with pytest.raises(DataError, match="not clear; name it with data.text=, one of x, y, z"):
        read(tmp_path, "c.csv", "x;y;z\n1;2;3\n")


def test_a_table_of_one_column_is_read_as_such(tmp_path: Path) -> None:
    texts = ["a; b", "c"]
    content = "text\n" + "\n".join(texts) + "\n"
    assert read(tmp_path, "a.csv", content) == [{"text": text} for text in texts]
    assert read(tmp_path, "b.csv", "well; yes\na\n") == [{"text": "a"}]


@pytest.mark.parametrize(("header", "name"), [("text;label", "semicolons"), ("text,label", "commas")])
def test_a_tsv_without_tabs_is_an_error_that_names_the_separator(tmp_path: Path, header: str, name: str) -> None:
    with pytest.raises(
        DataError, match=f"the header is one column, '{header}'.*{name} between .* data.format=csv"
    ):
        read(tmp_path, "a.tsv", f"{header}\na;b\n")


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="two columns are called 'text'"):
        read(tmp_path, "a.csv", "text,text,label\na,b,c\n")
    assert read(tmp_path, "b.csv", "x,x,text,label\n1,2,a,b\n") == [{"text": "a", "label": "b"}]


def test_a_tsv_file_of_tokens_and_tags_is_columns(tmp_path: Path) -> None:
    tagged = "New York\tLOC\nis\tO\n\nhere\tO\n\nParis\tLOC\n\n"
    source = Files(put(tmp_path / "a.tsv", tagged))
    assert rows(source)[0] == {"tokens": ["New York", "is"], "labels": ["LOC", "O"]}
    assert [note.code for note in source.notes()] == ["source.format"]


@pytest.mark.parametrize(
    "content",
    [
        "text\tlabel\na\t1\nb\t1\n\nc\tlabel\n\n",
        "x\tsentiment\na\tsentiment\nb\tc\n\nd\te\n",
        "x\ty\na\tb\nc\tb\n\nd\tb\n",
    ],
)
def test_a_table_with_blank_lines_stays_a_table(tmp_path: Path, content: str) -> None:
    source = Files(put(tmp_path / "a.tsv", content), text=content.split("\t")[0])
    assert len(rows(source)) == 3
    assert [note.code for note in source.notes()] == ["source.blank"]
