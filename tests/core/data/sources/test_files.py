"""Files as a source: the rows of each format, and the notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from source_samples import CONLLU, SENTENCES, put, read, rows

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources import open_source
from core.data.sources.files import Files
from core.data.spec import TokenSpec
from core.errors import DataError


@pytest.mark.parametrize("name", ["a.conllu", "a.conllu.gz", "a.txt", "a.conll"])
def test_conllu_leaves_ranges_and_empty_nodes_out(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, name, CONLLU) == SENTENCES


@pytest.mark.parametrize(
    "content",
    [
        CONLLU.rstrip("\n"),
        CONLLU.rstrip("\n") + "\n",
        "\ufeff" + CONLLU,
        CONLLU.replace("\n", "\r\n"),
        "\n\n" + CONLLU.replace("\n\n", "\n\n\n"),
    ],
)
def test_conllu_accepts_a_missing_end_a_byte_order_mark_and_crlf(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, "a.conllu", content) == SENTENCES


def test_conllu_columns_go_by_name(tmp_path: Path) -> None:
    first = read(tmp_path, "a.conllu", CONLLU, text="lemma", label="xpos")[0]
    assert first == {"tokens": ["do", "n't", "go"], "labels": ["VB", "RB", "VB"]}


def test_columns_split_at_spaces_and_tabs_alone(tmp_path: Path) -> None:
    content = "The DT B\n  big\u00a0dog\tNN  I\t\n \t\n\n.  . O"
    assert read(tmp_path, "a.conll", content, label="3") == [
        {"tokens": ["The", "big\u00a0dog"], "labels": ["B", "I"]},
        {"tokens": ["."], "labels": ["O"]},
    ]


def test_a_txt_file_of_equal_columns_in_groups_is_read_as_columns_with_a_note(tmp_path: Path) -> None:
    source = Files(put(tmp_path / "a.txt", "a X\r\nb Y\r\n\r\nc Z\r\n"))
    assert rows(source) == [{"tokens": ["a", "b"], "labels": ["X", "Y"]}, {"tokens": ["c"], "labels": ["Z"]}]
    assert list(map(str, source.notes())) == [
        ".txt files look like columns and are read so; data.format= says otherwise"
    ]


def test_all_txt_files_of_a_folder_are_read_alike(tmp_path: Path) -> None:
    put(tmp_path / "train.txt", "a X\nb Y\n\nc Z\n")
    put(tmp_path / "test.txt", "a X\n")
    assert rows(open_source(tmp_path), "test") == [{"tokens": ["a"], "labels": ["X"]}]


@pytest.mark.parametrize("header", ["label\tsentence", "Class\tReview", "label\tunheard of", "unheard of\ttext"])
def test_tsv_columns_are_guessed(tmp_path: Path, header: str) -> None:
    row = {"text": 'a "b', "label": "1"}
    content = f'{header}\n1\t"a "b\n'.replace('\t"a', "\ta")
    assert read(tmp_path, "a.tsv", content) == [row]


def test_tsv_columns_go_by_name_and_empty_lines_are_counted(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", "id\ttext\ttitle\tlabel\r\n1\tx\ty\tz\r\n\r\n2\t\t\t\r\n")
    source = Files(path, text="title", label="id")
    assert rows(source) == [{"text": "y", "label": "1"}, {"text": "", "label": "2"}]
    assert list(map(str, source.notes())) == ["train: 1 blank line skipped"]


def test_a_row_without_its_label_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", "text\tlabel\nfine\tgood\nmissing\t\n")
    with pytest.raises(DataError, match="a.tsv:3: the label is empty"):
        prepare(Files(path), TokenSpec(labels="row"), DataOptions())
    assert rows(Files(path))[1] == {"text": "missing", "label": ""}  # for tasks that need no label


def test_csv_is_quoted_in_the_standard_way(tmp_path: Path) -> None:
    content = 'text,label\r\n"a, ""b""\nc",1\r\n"",2\nplain,"3"\n"""",4'
    texts = [('a, "b"\nc', "1"), ("", "2"), ("plain", "3"), ('"', "4")]
    assert read(tmp_path, "a.csv", content) == [{"text": t, "label": n} for t, n in texts]


def test_a_line_of_text_is_a_row_spaces_and_all(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", " a b \r\nc\u2028d\x85\u00a0e\n\u00a0") == [
        {"text": " a b "},
        {"text": "c\u2028d\x85\u00a0e"},
        {"text": "\u00a0"},
    ]


@pytest.mark.parametrize(
    ("blank", "texts", "note"),
    [("skip", ["a", "b"], "train: 2 blank lines skipped"), ("keep", ["a", "", " ", "b"], "kept as empty rows")],
)
def test_blank_lines_are_skipped_or_kept_and_counted(tmp_path: Path, blank: Any, texts: Any, note: str) -> None:
    source = Files(put(tmp_path / "a.txt", "a\n\n \nb\n"), blank=blank)
    for _ in range(2):  # a second reading counts again
        assert [row["text"] for row in rows(source)] == texts
    assert len(source.notes()) == 1 and note in str(source.notes()[0])


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "cp1252"])
def test_other_encodings_are_decoded(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "a.txt.gz", "déjà\nvu\n".encode(encoding), encoding=encoding) == [
        {"text": "déjà"},
        {"text": "vu"},
    ]


def test_the_fingerprint_follows_content_and_options_and_no_path(tmp_path: Path) -> None:
    one = Files(put(tmp_path / "a.txt", "a\n"))
    assert one.fingerprint() == Files(put(tmp_path / "b.txt", "a\n")).fingerprint()
    assert one.fingerprint() != Files(put(tmp_path / "c.txt", "b\n")).fingerprint()
    assert one.fingerprint() != Files(tmp_path / "a.txt", blank="keep").fingerprint()
    assert one.fingerprint() != Files(tmp_path / "a.txt", train="a.txt", dev="a.txt").fingerprint()


def test_files_are_hashed_once_per_source(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "a\n")
    source = Files(path)
    first = source.fingerprint()
    path.unlink()
    assert source.fingerprint() == first


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "split", "sentences", "words"),
    [
        ("ud-en-ewt", "train", 12544, 204577),
        ("ud-en-ewt", "dev", 2001, 25147),
        ("ud-en-ewt", "test", 2077, 25094),
        ("ud-zh-gsdsimp", "dev", 500, 12663),
        ("conll2000", "train", 8936, 211727),
        ("conll2000", "test", 2012, 47377),
    ],
)
def test_real_files_have_their_published_counts(
    real_data: Path, folder: str, split: str, sentences: int, words: int
) -> None:
    batches = list(Files(real_data / folder).batches(split))
    assert sum(batch.num_rows for batch in batches) == sentences
    assert sum(len(batch.column("tokens").flatten()) for batch in batches) == words


@pytest.mark.data
def test_real_conllu_is_what_the_conllu_package_reads(real_data: Path) -> None:
    import conllu

    path = real_data / "ud-en-ewt" / "dev.conllu"
    sentences = conllu.parse(path.read_text(encoding="utf-8"))
    words = [[token for token in sentence if isinstance(token["id"], int)] for sentence in sentences]
    expected = [{"tokens": [t["form"] for t in s], "labels": [t["upos"] for t in s]} for s in words]
    assert rows(Files(path)) == expected
