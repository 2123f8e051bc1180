"""Rows of any length are trained on with bounded memory, and a note says what is left out."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from neural_cases import LABELS, WORDS, context, model, ragged, vocab

from core.data.batching import CELLS
from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.experiment.hardware import ResourceMonitor
from core.neural.trainer import Trainer
from core.types import Note


def rows_of(kind: str, *lengths: int) -> Corpus:
    random = np.random.default_rng(0)
    tokens = [random.integers(FIRST, WORDS, length).tolist() for length in lengths]
    columns = {"tokens": ragged(tokens)}
    if kind != "next":
        columns["labels"] = ragged(
            [[FIRST + w % 3 for w in row[: 1 if kind == "sequence" else None]] for row in tokens]
        )
    return Corpus(vocab(WORDS), columns, (), None if kind == "next" else vocab(LABELS))


def trainer_of(kind: str, *lengths: int, mode: str = "sentence", **options: Any) -> Trainer:
    dev = rows_of(kind, 5, 6)
    return Trainer(model(kind, mode=mode), rows_of(kind, *lengths), dev, context(), epochs=1, **options)


@pytest.mark.parametrize(
    ("kind", "how"),
    [("sequence", "only their beginning is read"), ("token", "they are split"), ("next", "they are split")],
)
def test_rows_beyond_the_limit_are_noted_and_no_batch_is_larger(kind: str, how: str) -> None:
    trainer = trainer_of(kind, 30, 7, 100, 20, max_tokens=20)
    text = f"2 of 4 training rows have more than 20 tokens: in training {how} (see train.max_tokens)"
    longer = 3 if kind == "next" else 2  # where the end of a row is an event
    text = text.replace("2 of", f"{longer} of")
    assert trainer.notes == [Note("train.long_rows", text)]
    assert trainer.notes[0].values == {"rows": longer, "max_tokens": 20}
    batches = [trainer.batches.collate(item) for item in trainer.batches.plan(0)]
    assert max(batch.ids.shape[1] for batch in batches) == (17 if kind == "next" else 20)  # 101 / 6
    events = sum(int((batch.targets >= 0).sum()) for batch in batches)
    assert events == {"sequence": 4, "token": 157, "next": 161}[kind]


def test_streams_and_short_rows_have_no_note() -> None:
    assert trainer_of("next", 30, 100, mode="stream", max_tokens=20).notes == []
    assert trainer_of("token", 20, 3, max_tokens=20).notes == []


def test_the_note_reaches_the_observers_of_a_run() -> None:
    told: list[Any] = []
    network = model("sequence", train={"epochs": 1, "max_tokens": 4})
    scoring = context(notify=lambda event, **facts: told.append((event, facts)))
    network.fit(rows_of("sequence", 9, 3), rows_of("sequence", 5, 6), scoring)
    (facts,) = (facts for event, facts in told if event == "note")
    assert facts["code"] == "train.long_rows" and facts["values"] == {"rows": 1, "max_tokens": 4}


def test_the_default_limit_bounds_the_padded_cells_of_a_batch() -> None:
    trainer = trainer_of("sequence", *[100_000] * 20, 5, batch_size=32)
    assert max(trainer.batches.collate(item).ids.size for item in trainer.batches.plan(0)) <= CELLS


@pytest.mark.slow
@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="only Linux resets the peak")
def test_the_memory_of_a_row_of_100_000_tokens_is_that_of_4096() -> None:
    def growth(max_tokens: int) -> float:
        trainer = trainer_of("sequence", 100_000, 50, batch_size=1, max_tokens=max_tokens)
        with (monitor := ResourceMonitor()).measure("nothing"):
            pass
        before = monitor.peak_bytes
        with monitor.measure("train"):
            trainer.run()
        return monitor.peak_bytes - before

    growth(4096)
    bounded, whole = growth(4096), growth(200_000)
    assert bounded < 20e6 < 3 * bounded + 20e6 < whole, (bounded, whole)
