"""Gradients of shares are, together, the gradient of the whole batch; the loop is the same in a group of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import torch
from neural_cases import context, corpus, model
from torch import Tensor, distributed

from core import processes, signals
from core.model.checkpoint import Part
from core.model.time_budget import TimeBudget
from core.neural.distributed import Alone, Together
from core.neural.model import NeuralModel
from core.neural.trainer import Trainer
from plugins.encoders.bag import Bag
from plugins.encoders.cnn import CNN
from plugins.encoders.recurrent import LSTM, BiLSTM

HEADS: list[tuple[str, Any, dict[str, Any]]] = [
    ("next", LSTM, {}),
    ("next", LSTM, {"adaptive": [4, 9]}),
    ("token", BiLSTM, {}),
    ("token", BiLSTM, {"crf": True}),
    ("sequence", BiLSTM, {"pooling": "last"}),
    ("sequence", LSTM, {"pooling": "attention"}),
    ("sequence", CNN, {"pooling": "max+mean"}),
    ("sequence", Bag, {"pooling": "mean", "class_weights": "balanced"}),
]


@pytest.fixture
def group() -> Iterator[None]:
    """A process group of this process alone."""
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1, timeout=timedelta(seconds=20))
    yield
    distributed.destroy_process_group()


def small(kind: str, encoder: Any, head: dict[str, Any]) -> NeuralModel:
    options = {"hidden_size": 6} if issubclass(encoder, LSTM) else {}
    return model(kind, (encoder, options), head={"dropout": 0.0, **head})


def gradient(network: NeuralModel, losses: list[tuple[Tensor, Tensor, Any]]) -> Tensor:
    """The gradient of the summed losses by the number of events, all weights end to end."""
    network.network.zero_grad()
    events = sum(int(count) for _, count, _ in losses)
    for total, _, _ in losses:
        (total / max(1, events)).backward()
    weights = list(network.network.parameters())
    dense = [torch.zeros_like(w) if w.grad is None else w.grad.to_dense() for w in weights]
    return torch.cat([part.flatten() for part in dense])


@pytest.mark.parametrize(("kind", "encoder", "head"), HEADS)
@pytest.mark.parametrize("size", [2, 3, 9])
def test_gradients_of_unequal_shares_add_up_to_the_one_of_the_batch(
    kind: str, encoder: Any, head: dict[str, Any], size: int
) -> None:
    network = small(kind, encoder, head)
    network.network.double().eval()
    network.network.head.prepare(torch.tensor([0, 0, 1, 2]))
    whole = network.batches(network.kind.examples(corpus(kind, 7)), 7, 5, 100)
    (item,) = whole.plan(0)
    expected = gradient(network, [network.loss(whole.collate(item))])
    shares = [whole.share(rank, size).collate(item) for rank in range(size)]
    found = gradient(network, [network.loss(share) for share in shares])
    assert expected.abs().sum() > 0
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def trained(kind: str, mode: str, together: bool, monkeypatch: pytest.MonkeyPatch, **train: Any) -> Trainer:
    make = Together if together else Alone
    monkeypatch.setattr("core.neural.trainer.training", lambda model, context: make(model, Part()))
    network = model(kind, mode=mode)
    options = {"epochs": 2, "batch_size": 4, "bptt": 5, "learning_rate": 0.05, **train}
    trainer = Trainer(network, corpus(kind), corpus(kind, 10, seed=8), context(), **options)
    trainer.run()
    signals.resume()
    return trainer


@pytest.mark.parametrize(("kind", "mode"), [("next", "stream"), ("next", "sentence"), ("token", "sentence")])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_group_of_one_process_trains_as_one_process_without_a_group(
    kind: str, mode: str, optimizer: str, group: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [trained(kind, mode, it, monkeypatch, optimizer=optimizer, clip=0.1) for it in (False, True)]
    weights = [run.model.network.state_dict() for run in runs]
    assert weights[0].keys() == weights[1].keys()
    for name, weight in weights[0].items():
        assert torch.equal(weight, weights[1][name]), name
    assert [row["loss"] for row in runs[0].history] == [row["loss"] for row in runs[1].history]
    assert runs[0].progress.tokens == runs[1].progress.tokens


def test_a_weight_that_no_process_uses_gets_no_gradient(group: None) -> None:
    network = model("token")
    network.network.encoder.spare = torch.nn.Parameter(torch.ones(3))
    together = Together(network, Part())
    batches = network.batches(network.kind.examples(corpus("token")), 4, 5, 100)
    total, _, _ = together.loss(batches.collate(batches.plan(0)[0]), None, None)
    together.backward(total, 1)
    assert network.network.encoder.spare.grad is None
    table = network.network.embedding.embeddings[0].weight
    assert table is not None and table.grad is not None and table.grad.is_sparse


def test_all_processes_read_the_clock_of_the_first_one_when_they_meet(group: None) -> None:
    times = [5.0, 7.0, 8.0]
    together = Together(model("token"), Part(), TimeBudget(9.0, lambda: times[0]))
    together.start()
    assert together.spent() == times.pop(0) == 5.0
    assert together.spent() == 5.0  # until they meet again
    together.sums(torch.ones(()), torch.ones(()), 3)
    assert together.spent() == times.pop(0) == 7.0
    assert together.decided(1.5, 2.0) == [1.5, 2.0] and together.spent() == 8.0
    signals.resume()


def test_training_stops_at_the_step_after_a_signal(group: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(step: Any) -> Any:
        def take(self: Trainer, batch: Any) -> None:
            if self.progress.step == 3:
                signals._interrupt(2, None)
            step(self, batch)

        return take

    monkeypatch.setattr(Trainer, "step", interrupted(Trainer.step))
    trainer = trained("token", "sentence", True, monkeypatch)
    assert (trainer.status, trainer.progress.step) == ("interrupted", 4)


def test_a_process_that_is_gone_is_an_error_with_a_remedy(group: None, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Together(model("token"), Part())

    def broken(*given: Any, **options: Any) -> None:
        raise RuntimeError("Connection closed by peer")

    monkeypatch.setattr(distributed, "all_reduce", broken)
    with pytest.raises(processes.UnexpectedError) as error:
        together.sums(torch.ones(()), torch.ones(()), 3)
    assert error.value.code == processes.LOST and "the same command" in error.value.remedy
