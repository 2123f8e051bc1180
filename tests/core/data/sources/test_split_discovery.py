"""Which file is which split."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import jsonl, put, rows

from core.config import expand
from core.data.sources import open_source
from core.data.sources.files import Files
from core.errors import DataError, UnknownName


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        put(tmp_path / name, f"{name}\n")
    return tmp_path


@pytest.mark.parametrize(
    "names",
    [
        ("train.txt", "dev.txt", "test.txt"),
        ("en_ewt-ud-train.txt.gz", "valid.text", "TEST.txt"),
        ("train1.txt", "my_validation_2.txt", "x.test.txt"),
    ],
)
def test_splits_are_recognised_by_a_word_of_the_name(tmp_path: Path, names: tuple[str, ...]) -> None:
    source = Files(
        folder(tmp_path, *names, "README.md", "LICENSE.txt", "train.sources", "training.txt", "latest.txt")
    )
    assert source.splits() == ("train", "dev", "test")
    assert [rows(source, split) for split in source.splits()] == [[{"text": name}] for name in names]


def test_a_missing_split_is_not_offered(tmp_path: Path) -> None:
    assert Files(folder(tmp_path, "test.txt", "train.txt")).splits() == ("train", "test")


def test_a_single_file_is_train(tmp_path: Path) -> None:
    assert Files(folder(tmp_path, "test.txt") / "test.txt").splits() == ("train",)


def test_a_split_named_by_another_replaces_it_with_a_note(tmp_path: Path) -> None:
    source = Files(folder(tmp_path, "valid.txt", "test.txt"), train="dev")
    assert source.splits() == ("train", "test")
    assert rows(source, "train") == [{"text": "valid.txt"}]
    assert list(map(str, source.notes())) == [
        "valid.txt is read as train (data.train), so it is not offered as dev"
    ]


def test_splits_can_change_places(tmp_path: Path) -> None:
    source = Files(folder(tmp_path, "dev.txt", "test.txt"), dev="test", test="dev")
    assert rows(source, "dev") == [{"text": "test.txt"}] and rows(source, "test") == [{"text": "dev.txt"}]
    assert list(map(str, source.notes())) == []


def test_a_split_can_be_a_file_of_the_folder_or_a_path(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    inside = folder(tmp_path / "in", "train.txt", "a.txt")
    outside = folder(tmp_path, "b.txt") / "b.txt"
    source = Files(inside, dev="a.txt", test=str(outside))
    assert [rows(source, s)[0]["text"] for s in source.splits()] == ["train.txt", "a.txt", "b.txt"]


def test_an_explicit_choice_resolves_an_ambiguity(tmp_path: Path) -> None:
    source = Files(folder(tmp_path, "train.txt", "train.txt.gz"), train="train.txt.gz")
    assert source.splits() == ("train",) and rows(source) == [{"text": "train.txt.gz"}]


@pytest.mark.parametrize(
    ("names", "named", "message"),
    [
        (
            ("train.txt", "train.tsv"),
            {},
            "two candidates for train: train.tsv, train.txt; choose one with data.train=train.tsv",
        ),
        (
            ("dev.txt", "valid.txt"),
            {"train": "dev"},
            "two candidates for dev: dev.txt, valid.txt; choose one with data.dev=dev.txt",
        ),
        (
            ("a.txt", "README.md"),
            {},
            "no file here is named train, dev or test; found: a.txt; name one with data.train=a.txt",
        ),
        ((), {}, "no file here is named train, dev or test; put files there that end in .conll .conllu"),
        (("train.txt",), {"dev": "b.txt"}, "data.dev: 'b.txt' is neither a split nor a file; found in "),
        (("train.txt",), {"dev": "."}, "data.dev: '.' is a folder, not a file; found in "),
        (("train_test.txt",), {}, "the name contains two splits (test, train); rename the file"),
    ],
)
def test_an_ambiguity_is_one_clear_error(
    tmp_path: Path, names: tuple[str, ...], named: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        Files(folder(tmp_path, *names), **named)
    assert message in str(caught.value) and str(tmp_path) in str(caught.value)


def test_the_files_of_a_pattern_are_one_text_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b2", "b1", "c"):
        put(tmp_path / f"{name}.txt", f"{name}\n")
    pattern = str(tmp_path / "b*.txt")
    assert rows(open_source(pattern)) == [{"text": "b1"}, {"text": "b2"}]
    cell = expand(["task=lm", "encoder=ngram", f"data={pattern}", f"data.dev={tmp_path}/c*"])[0]
    assert cell.data.target == pattern
    with pytest.raises(UnknownName, match="there is no data set and no file or folder"):
        expand(["task=lm", "encoder=ngram", f"data={tmp_path}/d*.txt"])


def test_several_files_can_be_a_split(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.jsonl"):
        put(tmp_path / name, jsonl({"text": name}) if name.endswith("l") else f"{name}\n")
    source = Files(tmp_path, train=["c.jsonl", "a.txt"], test="b.*")
    assert rows(source) == [{"text": "c.jsonl"}, {"text": "a.txt"}] and rows(source, "test") == [{"text": "b.txt"}]
    assert source.fingerprint() != Files(tmp_path, train=["a.txt", "c.jsonl"], test="b.*").fingerprint()


def test_numbered_parts_are_one_split(tmp_path: Path) -> None:
    for part in range(2):
        put(tmp_path / f"train-0000{part}-of-00002.jsonl", jsonl({"text": f"{part}"}))
    assert rows(open_source(tmp_path)) == [{"text": "0"}, {"text": "1"}]
    (tmp_path / "train-00000-of-00002.jsonl").unlink()
    put(tmp_path / "train-00001-of-00002-0a1b.jsonl", "")
    with pytest.raises(
        DataError, match="part 00000 of 00002 is missing; fetch it, or name the files with data.train="
    ):
        open_source(tmp_path)
