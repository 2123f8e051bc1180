"""A budget of seconds, worked out on paper: a step takes 1 s, an evaluation of dev 2 s."""

from __future__ import annotations

import io

import pytest
import torch
from context_cases import context_of
from neural_cases import corpus, metrics, model

from core.model.time_budget import TimeBudget
from core.neural.timed_length import Seconds
from core.neural.trainer import Trainer
from core.neural.trainer_state import Progress

STEPS = 10  # per epoch: 40 rows, 4 in a batch


class Clock:
    """Seconds that pass in steps and evaluations only."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Timed(Trainer):
    """A trainer whose steps take 1 s, and which remembers their learning rates."""

    def __init__(self, seconds, clock, scoring=metrics, **train):
        def evaluate(predictions, dev):
            clock.now += 2
            return scoring(predictions, dev)

        self.clock, self.rates = clock, []
        options = {"batch_size": 4, "learning_rate": 0.05, "schedule": "linear", **train}
        limited = context_of(evaluate, "score", time=TimeBudget(seconds, clock))
        super().__init__(model("token"), corpus("token"), corpus("token", 10, seed=8), limited, **options)

    def step(self, batch):
        self.rates.append(self.optimizer.param_groups[0]["lr"])
        super().step(batch)
        self.clock.now += 1


def test_steps_end_where_the_last_evaluation_still_fits():
    """Epochs end at 10 + 2 and 22 + 2 s; at 27 s one more step and an evaluation would end after 30 s."""
    clock = Clock()
    trainer = Timed(30, clock)
    trainer.run()
    assert (trainer.progress.step, clock.now, trainer.status) == (23, 29, "finished")
    assert [row["epoch"] for row in trainer.history] == [1, 2, 3] and trainer.progress.passes == pytest.approx(2.3)
    assert trainer.length.bought(trainer.progress) == {"steps": 23, "epochs": 2.3}
    assert trainer.best is not None and trainer.best["score"] == max(row["score"] for row in trainer.history)


def test_the_linear_rate_falls_with_the_share_of_the_budget():
    """From the first evaluation on, 28 of the 30 s are those of steps."""
    trainer = Timed(30, Clock())
    trainer.run()
    assert trainer.rates[0] == 0.05
    assert trainer.rates[STEPS:] == pytest.approx([0.05 * (1 - now / 28) for now in (*range(12, 22), 24, 25, 26)])
    assert trainer.rates == sorted(trainer.rates, reverse=True)


def test_schedules_begin_with_the_first_step_after_an_embedding_has_trained():
    clock = Clock(20.0)
    trainer = Timed(50, clock)
    trainer.run()
    assert (trainer.progress.step, trainer.progress.began, clock.now) == (23, 20, 49)
    assert trainer.rates[0] == 0.05 and trainer.rates[-1] == pytest.approx(0.05 * (1 - 26 / 28))


def test_at_least_one_step_is_taken_and_evaluated():
    clock = Clock(50.0)
    trainer = Timed(30, clock)
    trainer.run()
    assert trainer.progress.step == 1 and len(trainer.history) == 1 and trainer.rates == [0.05]
    assert trainer.progress.passes == pytest.approx(1 / STEPS)


def test_a_given_patience_ends_before_the_budget_and_auto_means_none(monkeypatch):
    monkeypatch.setattr("core.neural.trainer.MeanLoss.value", 1.0)
    scores = [1.0, 0.9, 0.8, 0.7]

    def trained(**patience):
        remaining = iter(scores)
        trainer = Timed(45, Clock(), lambda predictions, dev: {"score": next(remaining)}, **patience)
        trainer.run()
        return trainer.progress.epoch, trainer.clock.now

    assert trained(patience=1) == (2, 24) and trained() == trained(patience=None) == (4, 44)


def test_the_number_of_epochs_is_left_open_in_the_record():
    assert Timed(30, Clock()).chosen == {"train.patience": None}
    assert Timed(30, Clock(), batch_size="auto").chosen == {"train.batch_size": 16, "train.patience": None}


@pytest.mark.parametrize("stop", [1, 4, 15, 21])
def test_a_resumed_training_gets_only_the_rest_of_the_budget(stop):
    straight = Timed(30, Clock(), schedule="constant")
    straight.run()
    clock = Clock()
    first = Timed(30, clock, schedule="constant")
    first.run(stop)
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    file.seek(0)
    later = Clock(clock.now)
    second = Timed(30, later, schedule="constant")
    second.load_state_dict(torch.load(file, weights_only=True))
    second.run()
    assert (second.progress.step, later.now) == (straight.progress.step, 29)
    for name, weight in straight.model.network.state_dict().items():
        assert torch.equal(weight, second.model.network.state_dict()[name]), name


def test_before_the_first_evaluation_its_time_is_estimated_from_the_fastest_step():
    """100 tokens of dev at 5 tokens/s take 20 s of steps, and half of that in prediction."""
    clock = Clock()
    length, progress = Seconds(40.0, clock, dev_tokens=100), Progress()
    length.start(progress)
    for seconds, tokens in ((9.0, 10), (2.0, 10), (4.0, 10)):  # the first step of a process does not count
        clock.now += seconds
        progress.add(1.0, 1, tokens, seconds)
        length.step_ended(progress)
    assert length.fraction(progress, 10) == pytest.approx(15 / (40 - 10)) and not length.is_over(progress)
    assert length.expected(progress, 10) == (6, 1) and length.place(progress) == {"epoch": 1, "step": 3}
    clock.now += 7
    progress.add(1.0, 1, 10, 7.0)
    length.step_ended(progress)
    assert not length.is_over(progress)  # 22 s, another step until 29, an evaluation until 39
    clock.now += 3
    progress.add(1.0, 1, 10, 3.0)
    length.step_ended(progress)
    assert not length.is_over(progress)  # 25 + 3 + 10
    clock.now += 3
    length.step_ended(progress)
    assert length.is_over(progress)  # 28 + 3 + 10


def test_a_training_without_rows_ends():
    clock = Clock()
    length, progress = Seconds(3.0, clock, dev_tokens=0), Progress()
    length.start(progress)
    assert not length.is_over(progress)
    clock.now = 4.0
    length.evaluated(progress)
    progress.next_epoch(0)
    assert length.is_over(progress)
