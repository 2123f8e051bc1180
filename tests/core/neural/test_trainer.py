"""Training: resuming, schedules, patience, interruption and progress."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import torch
from neural_cases import context, corpus, metrics, model

from core.errors import TrainingError
from core.model.context import Context
from core.neural.mean_loss import MeanLoss
from core.neural.trainer import Trainer
from plugins.encoders.recurrent import LSTM
from plugins.encoders.window import Window

CASES = [("next", "sentence"), ("next", "stream"), ("token", "sentence"), ("sequence", "sentence")]


def trainer_of(kind, mode="sentence", encoder=LSTM, scoring=None, **train):
    encoder = (encoder, {"hidden_size": 6} | ({"num_layers": 2, "dropout": 0.3} if encoder is LSTM else {}))
    network = model(kind, encoder, mode=mode)
    options = {"epochs": 3, "batch_size": 4, "bptt": 5, "learning_rate": 0.05, **train}
    return Trainer(network, corpus(kind), corpus(kind, 10, seed=8), scoring or context(), **options)


def without_clock(state):
    rows = [
        {k: v for k, v in row.items() if k not in ("seconds", "tokens_per_second")} for row in state["history"]
    ]
    return {**state, "history": rows, "progress": {k: v for k, v in state["progress"].items() if k != "seconds"}}


def assert_same(a, b, path="state"):
    assert type(a) is type(b), path
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b), path
    elif isinstance(a, dict):
        assert a.keys() == b.keys(), path
        for key in a:
            assert_same(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), path
        for number, pair in enumerate(zip(a, b, strict=True)):
            assert_same(*pair, f"{path}.{number}")
    else:
        assert a == b or (a != a and b != b), path


@pytest.mark.parametrize(("kind", "mode"), CASES)
@pytest.mark.parametrize("encoder", [LSTM, Window])
@pytest.mark.parametrize("steps", [3, 13])
def test_a_resumed_run_is_bit_identical_to_an_uninterrupted_one(kind, mode, encoder, steps):
    options = (
        {"optimizer": "adamw"} if steps == 3 else {"optimizer": "sgd", "momentum": 0.9, "schedule": "plateau"}
    )
    straight = trainer_of(kind, mode, encoder, **options)
    straight.run(steps + 9)
    middle = without_clock(straight.state_dict())
    straight.run()
    first = trainer_of(kind, mode, encoder, **options)
    first.run(steps)
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    file.seek(0)
    second = trainer_of(kind, mode, encoder, **options)
    torch.rand(17), np.random.rand(3)
    second.load_state_dict(torch.load(file, weights_only=True))
    second.run(9)
    assert_same(middle, without_clock(second.state_dict()))
    second.run()
    assert_same(without_clock(straight.state_dict()), without_clock(second.state_dict()))
    assert straight.status == "finished" and len(straight.history) == 3


def test_the_state_is_a_copy_that_further_training_does_not_change():
    trainer = trainer_of("next", "stream")
    trainer.run(3)
    state = trainer.state_dict()
    weights = {name: value.clone() for name, value in state["weights"].items()}
    trainer.run(2)
    assert_same(dict(state["weights"]), weights)


@pytest.mark.parametrize(("kind", "mode"), CASES)
def test_the_same_seed_gives_bit_identical_weights(kind, mode):
    runs = []
    for _ in range(2):
        trainer = trainer_of(kind, mode)
        trainer.run()
        runs.append(without_clock(trainer.state_dict()))
    assert_same(*runs)


@pytest.mark.parametrize(("kind", "mode"), CASES)
def test_training_lowers_the_loss(kind, mode):
    trainer = trainer_of(kind, mode, epochs=6)
    trainer.run()
    assert trainer.history[-1]["loss"] < trainer.history[0]["loss"]


def scripted(scores, **facts):
    """Metrics that give one score per evaluation, in turn: dev is evaluated once per epoch."""
    remaining = iter(scores)
    return Context(lambda predictions, corpus: {"score": next(remaining)}, "score", **facts)


@pytest.fixture
def dev_losses(monkeypatch):
    """Sets the dev losses of the epochs, in turn."""

    def script(losses):
        remaining = iter(losses)

        class Scripted(MeanLoss):
            def __init__(self):
                super().__init__()
                self.scripted = next(remaining)

            value = property(lambda self: self.scripted)

        monkeypatch.setattr("core.neural.trainer.MeanLoss", Scripted)

    return script


def test_training_stops_when_patience_is_over_and_restores_the_best_weights(dev_losses):
    dev_losses([0.1, 0.2, 0.3, 0.4])
    trainer = trainer_of("token", scoring=scripted([1.0, 3.0, 2.0, 3.0, 9.0]), epochs=5, patience=2)
    snapshots = {}
    trainer.context.__dict__["notify"] = lambda event, **row: (
        snapshots.update({row["epoch"]: trainer.state_dict()["weights"]}) if event == "epoch" else None
    )
    trainer.run()
    assert [row["score"] for row in trainer.history] == [1.0, 3.0, 2.0, 3.0]
    assert_same(trainer.state_dict()["weights"], snapshots[2])
    assert trainer.best["epoch"] == 2 and trainer.status == "finished"


def test_minimize_selects_the_lowest_score():
    trainer = trainer_of("token", scoring=scripted([3.0, 1.0, 2.0], minimize=True))
    trainer.run()
    assert trainer.best["epoch"] == 2


def test_the_plateau_schedule_divides_the_rate_after_an_epoch_that_is_not_the_best(dev_losses):
    dev_losses([0.1, 0.2, 0.3])
    trainer = trainer_of("token", scoring=scripted([2.0, 1.0, 0.0]), schedule="plateau", decay=4.0, epochs=3)
    rates = []
    trainer.context.__dict__["notify"] = lambda event, **row: (
        rates.append(trainer.optimizer.param_groups[0]["lr"]) if event == "epoch" else None
    )
    trainer.run()
    assert rates == pytest.approx([0.05, 0.05, 0.0125])


def test_the_linear_schedule_ends_at_zero():
    trainer = trainer_of("token", schedule="linear", epochs=2)
    trainer.run()
    steps = trainer.progress.step
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(0.05 / steps)


def test_the_gradient_is_clipped_by_its_norm():
    trainer = trainer_of("token", optimizer="sgd", clip=0.01, learning_rate=1.0)
    before = torch.cat([p.detach().flatten().clone() for p in trainer.weights])
    trainer.run(1)
    after = torch.cat([p.detach().flatten() for p in trainer.weights])
    assert (after - before).norm() == pytest.approx(0.01, rel=1e-3)


def test_a_loss_that_is_not_finite_is_an_error_with_step_and_remedy():
    trainer = trainer_of("token")
    trainer.run(2)
    with torch.no_grad():
        trainer.model.network.head.linear.bias[0] = math.inf
    with pytest.raises(TrainingError, match=r"step 3 .*gradient norm .*smaller train.learning_rate"):
        trainer.run()


def test_ctrl_c_keeps_the_best_weights_and_sets_the_status():
    network, events = model("token", train={"epochs": 50}), []

    def interrupt(event, **facts):
        events.append(event)
        if event == "epoch" and facts["epoch"] == 3:
            raise KeyboardInterrupt

    scoring = Context(metrics, "score", notify=interrupt)
    network.fit(corpus("token"), corpus("token", 10, seed=8), scoring)
    assert network.status == "interrupted" and len(network.history) == 3
    best = max(row["score"] for row in network.history)
    assert metrics(network.predict(corpus("token", 10, seed=8)), corpus("token", 10, seed=8))["score"] == best


def test_observers_receive_progress_and_one_row_per_epoch():
    events = []
    scoring = Context(metrics, "score", notify=lambda event, **facts: events.append((event, facts)))
    network = model("next", mode="stream", train={"epochs": 2})
    network.fit(corpus("next"), corpus("next", 10), scoring)
    rows = [facts for event, facts in events if event == "epoch"]
    names = {"epoch", "step", "loss", "dev_loss", "score", "seconds", "tokens_per_second"}
    assert rows == network.history and set(rows[0]) == names
    progress = next(facts for event, facts in events if event == "progress")
    names = {"step", "steps", "epoch", "epochs", "loss", "tokens", "tokens_per_second", "left"}
    assert set(progress) == names and progress["epochs"] == 2


def test_training_streams_carry_their_state_from_chunk_to_chunk():
    trainer = trainer_of("next", "stream")
    trainer.run(1)
    assert trainer.carry is not None and not trainer.carry[0][0].requires_grad
    carried = trainer.carry[0][0].clone()
    seen = []
    network = trainer.model.network
    inner = network.encoder.forward
    network.encoder.forward = lambda inputs, lengths, carry: (seen.append(carry), inner(inputs, lengths, carry))[1]
    trainer.run(1)
    assert torch.equal(seen[0][0][0], carried)
