"""Parallel text: a file per split and language."""

from __future__ import annotations

import gzip

import pytest

from core.data.sources import open_source, source_class
from core.data.sources.files import Files
from core.data.sources.parallel import Parallel
from core.errors import ConfigError, DataError

TEXTS = {
    "train.de": "ein hund\nzwei\n",
    "train.en": "a dog\ntwo\n",
    "test.de": "der hund\n",
    "test.en": "the dog\n",
}


def folder(path, **changed):
    for name, text in (TEXTS | changed).items():
        if text is not None:
            (path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(source, split):
    return [tuple(row.values()) for batch in source.batches(split) for row in batch.to_pylist()]


def test_line_n_belongs_to_line_n_in_both_directions(tmp_path):
    source = open_source(str(folder(tmp_path)), source="de", target="en")
    assert isinstance(source, Parallel) and source.splits() == ("train", "test")
    assert rows(source, "train") == [("ein hund", "a dog"), ("zwei", "two")]
    assert rows(open_source(str(tmp_path), source="en", target="de"), "test") == [("the dog", "der hund")]
    assert source.notes() == []


def test_blocks_of_different_numbers_of_lines(tmp_path):
    lines = [f"{'x' * (i % 50)} {i}" for i in range(2000)]
    folder(tmp_path, **{"train.de": "\n".join(lines), "train.en": "\n".join(reversed(lines)) + "\n"})
    source = Parallel(tmp_path, source="de", target="en")
    source.block_size = 1000
    assert rows(source, "train") == [(a.strip("\n"), b) for a, b in zip(lines, reversed(lines), strict=True)]


def test_a_pair_with_a_blank_side_is_left_out_and_counted(tmp_path):
    folder(tmp_path, **{"train.de": "a\n\nc\nd\n", "train.en": "1\n2\n \n4\n"})
    source = Parallel(tmp_path, source="de", target="en")
    assert rows(source, "train") == [("a", "1"), ("d", "4")]
    (note,) = source.notes()
    assert note.code == "source.blank" and note.values == {"split": "train", "count": 2}


def test_different_numbers_of_lines(tmp_path):
    folder(tmp_path, **{"train.en": "a dog\ntwo\nthree\n"})
    with pytest.raises(DataError, match="train.de 2 and train.en 3") as found:
        rows(Parallel(tmp_path, source="de", target="en"), "train")
    assert found.value.code == "data.parallel"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"test.en": ""}, "the file is empty"),
        ({"test.en": "\n"}, "no line has text in test.de and in test.en"),
        ({"test.en": "caf\xe9\n".encode("latin-1")}, "test.en:1: the text is not UTF-8"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, changed, message):
    source = Parallel(folder(tmp_path, **changed), source="de", target="en")
    with pytest.raises(DataError, match=message):
        rows(source, "test")


def test_another_encoding_and_compressed_files(tmp_path):
    folder(tmp_path, **{"train.de": None, "train.en": "café\nb\n".encode("latin-1")})
    (tmp_path / "train.de.gz").write_bytes(gzip.compress("ü\nb\n".encode("latin-1")))
    source = Parallel(tmp_path, source="de", target="en", encoding="latin-1")
    assert rows(source, "train") == [("ü", "café"), ("b", "b")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "data.source: the language is not named; choose from de, en"),
        ({"source": "de"}, "data.target: the language is not named"),
        ({"source": "de", "target": "fr"}, "data.target: there are no files of the language 'fr'"),
        ({"source": "de", "target": "de"}, "both 'de'"),
    ],
)
def test_languages_that_are_not_there(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        open_source(str(folder(tmp_path)), **options)


def test_a_split_in_one_language_only_and_several_candidates(tmp_path):
    with pytest.raises(DataError, match="no counterpart in the other language"):
        Parallel(folder(tmp_path, **{"test.en": None}), source="de", target="en")
    folder(tmp_path, **{"test.en": "the dog\n", "test_2017.de": "x\n", "test_2017.en": "y\n"})
    with pytest.raises(
        DataError, match="two candidates for test: test, test_2017; choose one with data.test=test"
    ):
        Parallel(tmp_path, source="de", target="en")
    assert rows(Parallel(tmp_path, source="de", target="en", test="test_2017"), "test") == [("x", "y")]
    with pytest.raises(DataError, match="there are no files 'test_2018'; choose from"):
        Parallel(tmp_path, source="de", target="en", test="test_2018")


def test_a_training_text_in_one_language_only_is_named(tmp_path):
    folder(tmp_path, **{"train.en": None})
    with pytest.raises(DataError, match="no counterpart in the other language") as caught:
        open_source(str(tmp_path), source="de", target="en")
    assert caught.value.where == str(tmp_path / "train.de")


def test_a_word_that_contains_the_name_of_a_split_is_none(tmp_path):
    folder(tmp_path, **{"contest.de": "x\n", "contest.en": "y\n"})
    assert Parallel(tmp_path, source="de", target="en").splits() == ("train", "test")


def test_a_folder_of_one_language_or_with_tables_is_read_as_files(tmp_path):
    folder(tmp_path, **{"train.en": None, "test.en": None})
    assert source_class(str(tmp_path)) is Files
    folder(tmp_path, README="", **{"train.tsv": "text\tlabel\na\tb\n"})
    assert source_class(str(tmp_path)) is Files


def test_the_fingerprint_depends_on_content_languages_and_encoding(tmp_path):
    folder(tmp_path)
    prints = {Parallel(tmp_path, source=a, target=b).fingerprint() for a, b in (("de", "en"), ("en", "de"))}
    prints.add(Parallel(tmp_path, source="de", target="en", encoding="latin-1").fingerprint())
    (tmp_path / "test.en").write_text("a dog\n")
    prints.add(Parallel(tmp_path, source="de", target="en").fingerprint())
    assert len(prints) == 4
