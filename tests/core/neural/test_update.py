"""Steps that a GPU queues, simulated on the CPU: the same weights, no step with a bad gradient, errors in time."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from neural_cases import context, corpus, model
from torch import nn

from core.errors import TrainingError
from core.neural.trainer import Trainer
from core.neural.update import MOST, QueuedUpdate, Step, Update
from plugins.encoders.recurrent import LSTM


def trainer_of(queued: bool, kind: str = "token", mode: str = "sentence", **options: Any) -> Trainer:
    network = model(kind, (LSTM, {"hidden_size": 6}), mode=mode)
    given = {"epochs": 2, "batch_size": 4, "bptt": 5, "learning_rate": 0.05, **options}
    trainer = Trainer(network, corpus(kind), corpus(kind, 10, seed=8), context(), **given)
    if queued:
        trainer.update = QueuedUpdate(trainer.weights, trainer.optimizer, trainer.clip)
    return trainer


def both(steps: int | None = None, **options: Any) -> list[Trainer]:
    """A trainer that reads each loss and one that queues its steps; both draw the same random numbers."""
    trainers = []
    for queued in (False, True):
        trainer = trainer_of(queued, **options)
        torch.manual_seed(1)
        trainer.reported = math.inf  # no progress is reported, for which the losses would be read
        trainer.run(steps)
        trainers.append(trainer)
    return trainers


def weights_of(trainer: Trainer) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in trainer.weights])


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("token", "sentence", {"optimizer": "adamw", "clip": 0.05}),
        ("next", "stream", {"optimizer": "sgd", "clip": 0.05, "learning_rate": 1.0}),
        ("token", "sentence", {"optimizer": "sgd", "clip": 0.3, "momentum": 0.9}),
        ("sequence", "sentence", {"optimizer": "adamw", "clip": None}),
    ],
)
def test_queued_steps_give_the_weights_and_the_curve_of_steps_that_are_read(
    kind: str, mode: str, options: dict[str, Any]
) -> None:
    immediate, queued = both(kind=kind, mode=mode, **options)
    assert torch.allclose(weights_of(immediate), weights_of(queued), rtol=1e-4, atol=1e-5)
    for one, other in zip(immediate.history, queued.history, strict=True):
        assert other["loss"] == pytest.approx(one["loss"], rel=1e-4)
    assert queued.progress.tokens == immediate.progress.tokens


def one_weight(momentum: float = 0.0) -> tuple[nn.Parameter, QueuedUpdate]:
    weight = nn.Parameter(torch.tensor([3.0, 4.0]))
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=momentum, fused=True)
    return weight, QueuedUpdate([weight], optimizer, clip=1.0)


def take(weight: nn.Parameter, update: Update, gradient: list[float], number: int, loss: float = 2.0) -> float:
    weight.grad = torch.tensor(gradient)
    return update.step(torch.tensor(loss), Step(number, 1, 4, 0.1))


def test_the_gradient_is_divided_by_its_norm_over_the_limit_by_hand() -> None:
    weight, update = one_weight()
    take(weight, update, [30.0, 40.0], 2)  # norm 50: clipped to (0.6, 0.8)
    assert torch.allclose(weight, torch.tensor([2.94, 3.92]))
    take(weight, update, [0.3, 0.4], 3)  # below the limit
    assert torch.allclose(weight, torch.tensor([2.91, 3.88]))
    assert update.read() == 4.0 and update.read() == 0.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 3e38])
def test_a_step_with_a_bad_gradient_changes_no_weight_and_is_an_error_at_the_next_reading(bad: float) -> None:
    weight, update = one_weight(momentum=0.9)
    assert take(weight, update, [0.3, 0.4], 1) == 2.0
    before = weight.detach().clone()
    assert take(weight, update, [bad, bad], 2) == 0.0
    assert torch.equal(weight, before)
    take(weight, update, [0.3, 0.4], 3)
    assert torch.isfinite(weight).all() and not torch.equal(weight, before)
    with pytest.raises(TrainingError, match=r"step 2 \(epoch 1\) has loss 0.5 and gradient norm (nan|inf)"):
        update.read()


def test_the_first_loss_is_read_at_once_and_later_ones_together() -> None:
    weight, update = one_weight()
    assert take(weight, update, [1.0, 0.0], 1) == 2.0
    read = [take(weight, update, [1.0, 0.0], 2 + number) for number in range(MOST)]
    assert read == [0.0] * (MOST - 1) + [2.0 * MOST]


def test_a_bad_first_gradient_is_an_error_at_once() -> None:
    weight, update = one_weight(momentum=0.9)
    with pytest.raises(TrainingError, match="step 1 "):
        take(weight, update, [math.nan, 0.0], 1)
    assert weight.tolist() == [3.0, 4.0]


def test_the_state_of_a_trainer_has_the_losses_that_were_not_read_yet() -> None:
    immediate, queued = both(steps=5)
    assert queued.progress.loss < immediate.progress.loss
    state = queued.state_dict()
    assert state["progress"]["loss"] == pytest.approx(immediate.progress.loss, rel=1e-4)
