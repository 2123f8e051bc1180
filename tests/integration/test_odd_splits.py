"""Data with misleading scores: a note, or an error where nothing can be scored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import checks
from core.data.checks import duplicated_rows
from core.data.interning import close

SENTIMENT = ["run", "task=sentiment", "encoder=ngram", "encoder.order=1", "quiet=true", "save=none"]


def table(*rows: tuple[str, str]) -> str:
    return "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows)


TRAIN = table(*((f"film {i}", "good" if i % 2 else "bad") for i in range(20)))


def test_test_rows_that_are_in_train_are_counted_in_a_note(seqlab, put) -> None:
    put("train.tsv", TRAIN)
    put("dev.tsv", table(("other", "good")))
    put("test.tsv", table(("film 1", "good"), ("film 2", "good"), ("film", "bad"), ("1 film", "bad")))
    done = seqlab(*SENTIMENT, "data=.")
    assert done.code == 0 and "test: 2 of 4 rows (50.0%) are in train too, word for word" in done.out
    assert "note: dev:" not in done.out
    assert (
        "test: 2 of 4 rows (50.0%) are in train" in seqlab(*SENTIMENT, "data=.", "fresh=true").out
    )  # from the cache


ROWS = st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=30)


@given(train=ROWS, dev=ROWS, test=ROWS)
def test_duplicated_rows_are_those_of_a_set(train, dev, test) -> None:
    splits = {"train": train, "dev": dev, "test": test}
    flat = {name: np.array(sum(rows, []), dtype=np.int32) for name, rows in splits.items()}
    made = {name: close(flat[name], np.array([len(r) for r in rows])) for name, rows in splits.items()}
    known = {tuple(row) for row in train}
    wanted = [(s, sum(tuple(row) in known for row in splits[s]), len(splits[s])) for s in ("dev", "test")]
    assert [*map(str, duplicated_rows(made))] == [
        f"{s}: {n} of {size} rows ({n / size:.1%}) are in train too, word for word" for s, n, size in wanted if n
    ]


def test_long_and_many_rows_are_hashed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:

    rows = np.random.default_rng(1).integers(0, 5, size=(50, 7)).astype(np.int32)
    column = close(rows.ravel(), np.full(50, 7))
    whole = duplicated_rows({"train": column, "dev": column, "test": column})
    monkeypatch.setattr(checks, "CHUNK", 10)
    assert duplicated_rows({"train": column, "dev": column, "test": column}) == whole
    assert "test: 50 of 50 rows (100.0%)" in whole[1].text


def test_one_file_as_train_and_test_is_a_warning(seqlab, put) -> None:
    put("a.tsv", TRAIN)
    done = seqlab(*SENTIMENT, "data=a.tsv", "data.train=a.tsv", "data.test=a.tsv")
    assert done.code == 0
    assert "note: train and test are read from one file, so test says nothing about new text" in done.out


def test_the_only_file_as_test_leaves_nothing_to_train_on(error_of, put) -> None:
    put("a.tsv", TRAIN)
    assert error_of(*SENTIMENT, "data=a.tsv", "data.test=a.tsv") == (
        "error: data.train: there is no training split, only test (a.tsv is read as test (data.test), so it is not"
        " offered as train); name a file for it with data.train="
    )


def test_labels_that_are_not_in_train_are_counted_in_a_note(seqlab, put) -> None:
    put("train.tsv", TRAIN)
    put("test.tsv", table(("a", "good"), ("b", "1"), ("c", "0"), ("d", "1")))
    done = seqlab(*SENTIMENT, "data=.")
    assert done.code == 0
    assert "test: 3 of 4 labels are not in train ('1', '0'), so no prediction of them can be right" in done.out


@pytest.mark.parametrize("encoder", ["ngram", "bag"])
def test_a_single_class_runs_with_a_note(encoder: str, seqlab, put) -> None:
    put("train.tsv", TRAIN.replace("bad", "good"))
    epochs = ["train.epochs=1"] if encoder == "bag" else []
    done = seqlab("run", "task=sentiment", f"encoder={encoder}", "data=train.tsv", "quiet=true", *epochs)
    assert done.code == 0
    assert "note: train has a single label, 'good': there is nothing to learn" in done.out


def test_a_split_without_a_row_is_refused_by_its_name(error_of, put) -> None:
    put("train.tsv", TRAIN)
    put("test.tsv", table())
    assert "test.tsv: no row of data in the file, read as tsv" in error_of(*SENTIMENT, "data=.")
    put("test.tsv", "")
    assert "test.tsv: the file is empty; name another file, or leave this one out" in error_of(
        *SENTIMENT, "data=."
    )
    put("one.tsv", table(("a", "x"), ("b", "y")))
    assert "data.train: the train split has no rows; add at least one row (dev and test" in error_of(
        *SENTIMENT, "data=one.tsv"
    )


def test_data_without_what_the_task_needs_is_refused_by_its_split(error_of, put) -> None:
    put("train.txt", "a line of text\n" * 20)
    sentence = error_of(*SENTIMENT, "data=train.txt")
    assert (
        "data.train: the train split has no label per row, which this task needs; name the column with" in sentence
    )
    put("train.tsv", TRAIN)
    assert "data.train: the train split has no label per token" in error_of(
        "run", "task=pos", "encoder=ngram", "quiet=true", "data=train.tsv"
    )
