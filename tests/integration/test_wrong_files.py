"""Files that are missing, broken or another thing than they are taken for: the place, and what to do."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

TAG = ["run", "task=pos", "encoder=ngram", "encoder.order=1", "quiet=true", "save=none"]
SENTIMENT = ["run", "task=sentiment", "encoder=ngram", "encoder.order=1", "quiet=true", "save=none"]
ROWS = "text\tlabel\n" + "fine film\tgood\ndull cast\tbad\n" * 9


def line(number: object, word: str = "the", tag: str = "DET") -> str:
    return f"{number}\t{word}\t_\t{tag}" + "\t_" * 6 + "\n"


BROKEN = [
    ("a.conllu", line(1) + line(2).replace("\t_\n", "\n"), "a.conllu:2: 9 columns where CoNLL-U has 10"),
    ("a.conllu", line(1) + "\n" + line(1) + line(3), "a.conllu:4: id 3 where 2 is next; number the words"),
    ("a.conllu", line(2) + line(1), "a.conllu:1: id 2 where 1 is next"),
    ("a.conllu", line(1) + line(2) + line(1) + line(2), "a.conllu:3: id 1 where 3 is next"),  # no blank between
    ("a.conllu", line(1) + line(9**30), f"a.conllu:2: id {9**30} where 2 is next"),
    ("a.conllu", line("one"), "a.conllu:1: 'one' is not a CoNLL-U id"),
    ("a.tsv", "text\tlabel\nfine\tgood\nfine\n", "a.tsv:3: fields: 1 where the header has 2"),
    ("a.tsv", "one\ttwo\tthree\n1\t2\t3\n", "which column is the text is not clear; name it with"),
    ("a.tsv", "text\tlabel\nfine\tgood\nfi\0ne\tgood\n", "a.tsv:3: a NUL byte, which no text has; is this a text"),
    ("a.tsv", ROWS.encode("utf-16-le"), "a.tsv:1: a NUL byte, which no text has; is this a text file? data.enc"),
    (
        "a.tsv",
        ROWS.encode("utf-16"),
        "a.tsv:1: the text is not UTF-8; name its encoding, such as data.encoding=utf",
    ),
    (
        "a.tsv",
        ROWS.encode() + b"d\xe9j\xe0 vu\tgood\n",
        "a.tsv:20: the text is not UTF-8; name its encoding, such",
    ),
    ("a.csv", 'text,label\nfine,good\n"dull,bad\n', "a.csv:3: the quote that opens here is never closed"),
    ("a.tsv", "text\tlabel\n", "a.tsv: no row of data in the file"),
    ("a.tsv", "", "a.tsv: the file is empty"),
    ("a.tsv.gz", gzip.compress(ROWS.encode())[:-9], "a.tsv.gz: the gzip file is cut short or broken"),
    ("a.tsv.gz", ROWS, "a.tsv.gz: the gzip file is cut short or broken"),
]


@pytest.mark.parametrize(("name", "content", "sentence"), BROKEN)
def test_a_broken_file_is_named_with_its_line(
    name: str, content: str | bytes, sentence: str, error_of, put
) -> None:
    put(name, content)
    assert sentence in error_of(*(TAG if name.endswith("conllu") else SENTIMENT), f"data={name}")


ACCEPTED = {
    "no final blank line": (line(1) + line(2) + "\n") * 9 + line(1) + line(2),
    "byte order mark": "\ufeff" + (line(1) + line(2) + "\n") * 10,
    "CRLF": (line(1) + line(2) + "\n").replace("\n", "\r\n") * 10,
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_unusual_but_correct_files_are_read(name: str, seqlab, put) -> None:
    put("a.conllu", ACCEPTED[name])
    done = seqlab(*TAG, "data=a.conllu")
    assert (
        done.code == 0 and "no test split: a sample (data.split_seed=0) of the training rows, 1 of 10" in done.out
    )


def test_absent_data_is_an_error(error_of) -> None:
    assert "no file or folder 'nowhere/a.tsv'" in error_of(*SENTIMENT, "data=nowhere/a.tsv")
    assert "'b.tsv' is neither a split nor a file; found in" in error_of(*SENTIMENT, "data=.", "data.test=b.tsv")


def test_a_folder_instead_of_a_file_is_an_error(error_of, place: Path, put) -> None:
    (place / "train.tsv").mkdir()
    (place / "dir").mkdir()
    assert "no file here is named train, dev or test; put files there" in error_of(*SENTIMENT, "data=.")
    put("a.tsv", ROWS)
    assert "data.test: 'dir' is a folder, not a file; found in" in error_of(
        *SENTIMENT, "data=a.tsv", "data.test=dir"
    )
    assert "config=dir: cannot be read: Is a directory; name a file" in error_of(*SENTIMENT, "config=dir")


def test_a_file_without_permission_is_an_error(error_of, place: Path, put) -> None:
    path = put("a.tsv", ROWS)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "a.tsv: the file cannot be read" in error_of(*SENTIMENT, "data=a.tsv")
    assert "a.tsv: cannot be read: Permission denied" in error_of(*SENTIMENT, "config=a.tsv")


def test_a_circular_link_is_an_error(error_of, place: Path) -> None:
    (place / "a.tsv").symlink_to("a.tsv")
    assert "no file or folder 'a.tsv'" in error_of(*SENTIMENT, "data=a.tsv")
    assert "cannot be read: Too many levels of symbolic links" in error_of(*SENTIMENT, "config=a.tsv")


def test_an_unusable_folder_of_runs_is_an_error_before_training(error_of, put) -> None:
    put("a.tsv", ROWS)
    put("file", "a file stands here")
    for runs in ("file", "file/deeper"):
        sentence = error_of(*SENTIMENT, "data=a.tsv", f"runs={runs}")
        assert f"{runs}: the run cannot be saved: Not a directory; choose another folder with runs=" in sentence


CONFIGS = [
    ("task: pos\nseed: 1\nseed: 2\n", "c.yaml:3: seed: given twice (first at c.yaml:2); give it once"),
    ("task: pos\nencoder:\n\tname: lstm\n", "c.yaml:3: the line is indented with a tab; indent with spaces"),
    ("task: pos\nencoder: [lstm\n", "c.yaml:3: is not YAML"),
    ("task: pos\nencoder: lstm\ntrain: 3: 4\n", "c.yaml:3: is not YAML"),
    ("just text\n", "c.yaml:1: contains no keys; write one 'key: value' per line"),
    ("task: pos\nencoder: lstm\nencoder.hidden_size: -1\n", "c.yaml:3: encoder.hidden_size: '-1' does not fit"),
    (
        "task: pos\nencoder: lstm\ntrain.epoch: 1\n",
        "c.yaml:3: train.epoch: train has no such option; did you mean",
    ),
    ("task: &a pos\nencoder: *a\n", "c.yaml:2: an alias (*name) is used; write the value out"),
    (b"task: p\xe9s\n", "c.yaml: is not UTF-8; convert it"),
    (b"task: pos\nseed: \0\n", "c.yaml:2: is not YAML: unacceptable character #x0000"),
]


@pytest.mark.parametrize(("content", "sentence"), CONFIGS)
def test_a_broken_config_is_named_with_its_line(content: str | bytes, sentence: str, error_of, put) -> None:
    put("c.yaml", content)
    assert sentence in error_of("run", "config=c.yaml")


VECTORS = [
    ("3 2\nthe 1 2\ncat 3 4\n", "v.txt:1: the header says 3 words, the file has 2"),
    ("2 3\nthe 1 2\ncat 3 4\n", "v.txt:2: the header says 3 numbers per word, this line has 2"),
    ("the 1 2\ncat 3\n", "v.txt:2: 1 numbers in this row, 2 expected; fix the row"),
    ("the 1 2\ncat nan 4\n", "v.txt:2: the vector of 'cat' has a number that is not finite; remove the word"),
    ("", "v.txt: the file has no vectors"),
]


@pytest.mark.parametrize(("content", "sentence"), VECTORS)
def test_a_broken_file_of_vectors_is_named_with_its_line(content: str, sentence: str, error_of, put) -> None:
    put("v.txt", content)
    put("a.tsv", ROWS)
    words = ["run", "task=sentiment", "encoder=bag", "quiet=true", "data=a.tsv", "train.epochs=1"]
    assert sentence in error_of(*words, "embedding=file", "embedding.path=v.txt")


def test_unreadable_input_of_predict_is_an_error(error_of, seqlab, place: Path, put) -> None:
    put("a.tsv", ROWS)
    seqlab(*SENTIMENT[:-1], "data=a.tsv", "name=a")
    (place / "dir").mkdir()
    put("latin.txt", "d\xe9j\xe0\n".encode("latin-1"))
    put("cut.txt.gz", gzip.compress(b"a b c\n" * 99)[:-9])
    for name in ("dir", "nowhere.txt", "latin.txt"):
        assert f"error: {name}:" in error_of("predict", "run=a", f"file={name}")
    cut = seqlab("predict", "run=a", "file=cut.txt.gz")  # what came before the break is answered
    assert cut.code == 1 and cut.err.startswith("error: cut.txt.gz:") and cut.err.count("\n") == 1
