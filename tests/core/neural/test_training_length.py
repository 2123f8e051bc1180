"""The length of training at many sizes, with numbers that are computed on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
from neural_cases import context, corpus, model

from core.neural.trainer import Trainer
from core.neural.training_length import batch_size_for, epochs_for, patience_for


@pytest.mark.parametrize(
    ("rows", "size"),
    [(0, 16), (1, 16), (999, 16), (1_000, 32), (6_000, 32), (49_999, 32), (50_000, 64), (199_999, 64)]
    + [(200_000, 128), (10_000_000, 128)],
)
def test_the_batch_size_follows_the_number_of_rows(rows: int, size: int) -> None:
    assert batch_size_for(np.full(rows, 20)) == size


@pytest.mark.parametrize(("tokens", "size"), [(0, 32), (256, 32), (300, 27), (750, 10), (3_000, 8)])
def test_fewer_long_rows_make_a_batch(tokens: int, size: int) -> None:
    assert batch_size_for(np.full(6_000, tokens)) == size


@pytest.mark.parametrize(
    ("steps", "per_epoch", "least", "most", "epochs"),
    [
        (1800, 32, 3, 60, 57),  # 500 rows by 16: 56.25
        (1800, 63, 3, 60, 29),  # 2,000 rows by 32: 28.6
        (1800, 188, 3, 60, 10),  # 6,000 rows by 32: 9.6
        (1800, 1053, 3, 60, 3),  # 67,349 rows by 64: 1.7
        (1800, 1, 3, 60, 60),
        (1800, 0, 3, 60, 60),  # no rows
        (1800, 30, 3, 60, 60),  # 60 exactly
        (1800, 31, 3, 60, 59),  # 58.06
        (4000, 2219, 6, 60, 6),  # Penn Treebank: 929,589 tokens with ends in 20 streams, 20 at a time: 1.8
        (4000, 179, 6, 60, 23),  # 71,346 tokens in 20 streams, 20 at a time: 22.3
        (100, 100, 1, 1, 1),
    ],
)
def test_the_epochs_take_at_least_the_steps_within_their_bounds(
    steps: int, per_epoch: int, least: int, most: int, epochs: int
) -> None:
    assert epochs_for(steps, per_epoch, least, most) == epochs


def test_the_maximum_of_the_epochs_decides() -> None:
    assert epochs_for(100, 10, 9, 8) == 8


@pytest.mark.parametrize(
    ("epochs", "patience"), [(1, 6), (6, 6), (12, 6), (13, 7), (16, 8), (20, 10), (57, 29), (60, 30)]
)
def test_the_patience_is_half_of_the_epochs_and_at_least_six(epochs: int, patience: int) -> None:
    assert patience_for(epochs) == patience


def trainer_of(kind: str, mode: str = "sentence", rows: int = 40, **options: object) -> Trainer:
    return Trainer(model(kind, mode=mode), corpus(kind, rows), corpus(kind, 5, seed=8), context(), **options)


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
def test_rows_take_as_many_epochs_as_the_steps_need(kind: str) -> None:
    trainer = trainer_of(kind, rows=40, steps=20)  # 3 batches of at most 16 rows: 20 / 3
    assert trainer.chosen == {"train.epochs": 7, "train.batch_size": 16, "train.patience": 6}
    assert (trainer.length.number, trainer.patience) == (7, 6)


def test_streams_count_chunks_as_steps() -> None:
    trainer = trainer_of("next", "stream", rows=40, steps=60, batch_size=4, bptt=5)
    per_epoch = math.ceil(math.ceil(len(trainer.train.tokens.values) / 4) / 5)
    assert trainer.chosen == {"train.epochs": math.ceil(60 / per_epoch), "train.patience": 6}


def test_explicit_values_are_what_they_say() -> None:
    trainer = trainer_of("token", epochs=2, batch_size=7, patience=None, steps=10_000)
    assert (trainer.length.number, trainer.patience, trainer.chosen) == (2, None, {})
    assert max(map(len, trainer.batches.plan(0))) == 7
    assert trainer_of("token", epochs=100, max_epochs=5).length.number == 100
