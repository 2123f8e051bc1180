"""Run folders with links, pipes, devices and bombs in them: each command ends at once in a clear error."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.runs import checksums, store
from core.runs.predictions import rebuild

FILES = ["run.json", "config.yaml", "vocab.json", "labels.json", "predictions.npz", "checksums.json", "model"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "tags.conll").write_text("the DT\ncats NN\nsleep VB\n\na DT\ndog NN\n\n" * 10)
    how = {"data": str(folder / "tags.conll"), "runs": str(folder / "runs"), "quiet": True}
    return core.run(task="pos", encoder="ngram", **{"encoder.order": 2}, **how).path


@pytest.fixture
def folder(saved: Path, place: Path) -> Path:
    """A copy of the run in the working folder."""
    return Path(shutil.copytree(saved, place / "runs" / "abc"))


def replaced(path: Path, how: str) -> None:
    """Put something else in the place of a file."""
    old = path.rename(path.parent.parent.parent / f"old {path.name}")
    if how == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(old if how == "link" else "/dev/zero")


@pytest.mark.parametrize("how", ["pipe", "link", "device"])
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_plain_file_is_named(name: str, how: str, folder: Path, seqlab: Any) -> None:
    replaced(folder / name, how)
    done = seqlab("runs", "verify")
    assert done.code == 1 and name in done.out
    if name != "predictions.npz":
        done = seqlab("predict", "run=abc", "the cats")
        assert done.code == 1 and "error: " in done.err and "internal" not in done.err
        assert name in done.err or name == "run.json"  # a run without a record is none
    if name in ("run.json", "config.yaml", "predictions.npz"):  # what a report is made of
        done = seqlab("report", "run=abc")
        assert done.code == 1 and "internal" not in done.err


def changed(folder: Path, change: Any) -> None:
    record = json.loads((folder / "run.json").read_text())
    change(record)
    (folder / "run.json").write_text(json.dumps(record))


VOCABS = {
    "counts of 5,000 digits": '{"words": ["</s>", "<unk>"], "counts": [1, %s]}' % ("9" * 5000),
    "counts beyond 64 bits": '{"words": ["</s>", "<unk>"], "counts": [1, 18446744073709551616]}',
    "negative counts": '{"words": ["</s>", "<unk>"], "counts": [1, -1]}',
    "counts that are not whole": '{"words": ["</s>", "<unk>"], "counts": [1, 1.5]}',
    "counts as text": '{"words": ["</s>", "<unk>"], "counts": [1, "1"]}',
    "NaN": '{"words": ["</s>", "<unk>"], "counts": [1, NaN]}',
    "a word twice": '{"words": ["</s>", "<unk>", "a", "a"], "counts": [1, 1, 1, 1]}',
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize("name", VOCABS)
@pytest.mark.parametrize("file", ["vocab.json", "labels.json"])
def test_a_vocabulary_that_is_none_is_a_clear_error(name: str, file: str, folder: Path, error_of: Any) -> None:
    (folder / file).write_text(VOCABS[name])
    checksums.write(folder)  # as somebody would who meant to
    assert f"{file}: the vocabulary cannot be read" in error_of("predict", "run=abc", "the cats")


@pytest.mark.parametrize("field", ["how", "events", "environment", "facts", "config", "format", "seed"])
@pytest.mark.parametrize("value", ["9" * 5000, "{}", "[]", "NaN", "1e999", "-1", '"text"', "null"])
def test_any_value_in_the_record_gives_a_result_or_a_clear_error(
    field: str, value: str, folder: Path, seqlab: Any
) -> None:
    changed(folder, lambda record: record.update({field: "HERE"}))
    record = folder / "run.json"
    record.write_text(record.read_text().replace('"HERE"', value))
    for words in (["predict", "run=abc", "the cats"], ["report", "run=abc"], ["runs"], ["runs", "verify"]):
        done = seqlab(*words)
        assert done.code in (0, 1) and "internal" not in done.err, (words, done)


def test_predictions_that_unpack_to_much_more_than_the_events_are_refused(folder: Path) -> None:
    np.savez_compressed(folder / "predictions.npz", **{"test.label": np.zeros(3_000_000, dtype=np.int32)})
    changed(folder, lambda record: record["events"]["test"].update(rows=10**9))
    with pytest.raises(store.StoreError, match="label has 3,000,000 entries, more than the events of the run"):
        rebuild(store.read(folder), "test")
