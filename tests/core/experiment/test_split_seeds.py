"""Split seeds that change nothing are not run, and a note says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import config
from core.experiment.split_seeds import without_repeats

NGRAM = ["encoder=ngram", "data.split_seed=1,2"]


def data(folder: Path, *splits: str) -> str:
    for split in splits:
        (folder / f"{split}.tsv").write_text("text\tlabel\n" + "good one\tyes\nbad one\tno\n" * 8)
    return f"data={folder}"


def kept(*words: str) -> tuple[list[str], list[str]]:
    """The split seed of each run that is kept, and the notes."""
    runs, notes = without_repeats(config.expand([*NGRAM, *words]))
    return [run.flat()["data.split_seed"] for run in runs], notes


def test_data_with_all_splits_is_run_once_per_encoder(tmp_path: Path) -> None:
    found, notes = kept("task=sentiment", data(tmp_path, "train", "dev", "test"), "encoder.order=1,2", "seed=1,2")
    assert found == ["1"] * 2  # of two orders; the n-gram depends on no seed either
    assert notes == [
        "ngram does not depend on the seed: it is trained once, with seed=1",
        f"data.split_seed changes nothing in sentiment on {tmp_path}: it has train, dev and test"
        " (data.resplit=true cuts them again at random); only the first is run",
    ]


@pytest.mark.parametrize(
    ("splits", "more"),
    [
        (("train", "test"), []),
        (("train",), []),
        (("train", "dev", "test"), ["data.resplit=true"]),
        (("train", "dev", "test"), ["data.limit=5"]),
    ],
)
def test_where_rows_are_sampled_every_split_seed_is_run(
    splits: tuple[str, ...], more: list[str], tmp_path: Path
) -> None:
    assert kept("task=sentiment", data(tmp_path, *splits), *more) == (["1", "2"], [])


def test_running_text_and_questions_are_not_sampled(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("one two\n" * 20)
    found, (note,) = kept("task=lm", f"data={tmp_path / 'text.txt'}")
    assert found == ["1"] and "running text is not sampled, a missing split is its end" in note
    found, notes = kept("task=lm", data(tmp_path, "train", "dev", "test"))
    assert found == ["1"] and "running text is not sampled;" in notes[0]


def test_only_the_data_that_does_not_change_is_left_out(tmp_path: Path) -> None:
    found, notes = kept("task=sentiment,lm", data(tmp_path, "train"), "encoder.smoothing=witten-bell")
    assert sorted(found) == ["1", "1", "2"] and len(notes) == 1 and "in lm on" in notes[0]


def test_one_split_seed_and_unreadable_data_are_left_to_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x\n")
    assert without_repeats(config.expand(["task=lm", "encoder=ngram", f"data={tmp_path / 'a.txt'}"]))[1] == []
    runs = config.expand([*NGRAM, "task=sentiment", data(tmp_path, "train")])
    (tmp_path / "train.tsv").unlink()
    (tmp_path / "a.txt").unlink()
    assert len(without_repeats(runs)[0]) == 2
