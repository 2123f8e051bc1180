"""What a training step asks of a GPU: numbers that may fall, and must not rise, and no wait of the host."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from neural_cases import context

from core import config
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.neural.heads.tagging import TaggingHead
from core.neural.model import NeuralModel
from core.runs import components
from core.testing.launches import META, Launches, training_launches

TAGGER = ["task=pos", "encoder=bilstm"]
LM = ["task=lm", "encoder=lstm"]


def counted(*arguments: str) -> Launches:
    (cell,) = config.expand([*arguments, "data.limit=200"])
    task = components.task(cell)
    data = prepare(components.source(cell), cell.kind.token_spec(task), DataOptions(**cell.data_options))
    train, dev = data.splits["train"], data.splits["dev"]
    model = components.model(cell, task, data.vocab, data.labels)
    assert isinstance(model, NeuralModel)
    model.fit_embedding(train, dev, context())
    model.network.head.prepare(torch.from_numpy(model.kind.examples(train).answers))
    return training_launches(model, train, dev, context())


@pytest.mark.parametrize(
    ("arguments", "bound"),
    [
        ([*TAGGER, "embedding=random"], 37),
        ([*TAGGER, "embedding=random+affix"], 43),
        ([*TAGGER, "embedding=random+affix+char"], 74),
        ([*LM, "embedding=random"], 30),
        ([*LM, "embedding=random", "task.mode=sentence"], 38),
        ([*LM, "embedding=random", "head.adaptive=[20,60]"], 70),
        (["task=sentiment", "encoder=cnn", "embedding=random"], 62),
        (["task=sentiment", "encoder=lstm", "head.pooling=attention", "head.class_weights=balanced"], 50),
        ([*TAGGER, "embedding=random", "head.crf=true"], 304),
    ],
    ids=["tagger", "affix", "char", "lm", "rows", "adaptive", "textcnn", "attention", "crf"],
)
def test_a_step_waits_for_nothing_and_launches_at_most(arguments: list[str], bound: int) -> None:
    launches = counted(*arguments)
    assert launches.copies == 1 and 20 < launches.kernels.total() <= bound


def test_kernels_copies_and_views_are_told_apart() -> None:
    values, table = torch.zeros(2, 3, device=META), torch.ones(3)
    with Launches() as launches:
        (values[0].view(3) + table.to(META).exp()).relu_()
        table.exp()  # on the host
        torch.empty_like(values)
    assert launches.kernels == {"exp": 1, "add": 1, "relu_": 1} and launches.copies == 1


@pytest.mark.parametrize(
    "wait", [lambda t: t[t > 0], lambda t: float(t.detach().sum()), torch.unique, lambda t: t.cpu()]
)
def test_a_head_that_waits_is_an_error(monkeypatch: pytest.MonkeyPatch, wait: Any) -> None:
    loss = TaggingHead.loss

    def waiting(self: TaggingHead, states: torch.Tensor, *others: Any) -> Any:
        wait(states)
        return loss(self, states, *others)

    monkeypatch.setattr(TaggingHead, "loss", waiting)
    with pytest.raises((NotImplementedError, RuntimeError), match="meta|Meta"):
        counted(*TAGGER, "embedding=random")
