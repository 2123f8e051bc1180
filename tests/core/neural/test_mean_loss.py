"""The mean dev loss comes from the states that are predicted from, and is that of ``loss``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from neural_cases import context, corpus, model

from core.neural.heads.tagging import TaggingHead
from core.neural.mean_loss import MeanLoss

CASES = [("next", "sentence", {}), ("next", "stream", {}), ("token", "sentence", {})]
CASES += [("token", "sentence", {"crf": True}), ("sequence", "sentence", {})]
CASES += [("sequence", "sentence", {"class_weights": [1.0, 2.0, 3.0]})]


def passes_of(network: Any) -> list[int]:
    """The number of rows of each batch that the encoder reads from now on."""
    seen: list[int] = []
    network.encoder.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    return seen


@pytest.mark.parametrize(("kind", "mode", "head"), CASES)
def test_it_is_the_loss_of_all_events_and_takes_no_pass_of_its_own(kind: str, mode: str, head: Any) -> None:
    built = model(kind, mode=mode, head={"dropout": 0.5, **head}, train={"epochs": 1})
    built.fit(corpus(kind), corpus(kind, 10, seed=8), context())
    dev, loss = corpus(kind, 30, seed=9), MeanLoss()
    examples, seen = built.kind.examples(dev), passes_of(built.network)
    built.predict_examples(dev, examples)
    once = len(seen)
    built.predict_examples(dev, examples, loss=loss)
    assert len(seen) == 2 * once
    total, events = 0.0, 0
    with torch.inference_mode():
        carry = None
        for batch in built.prediction_batches(examples):
            one, count, carry = built.loss(batch, carry)
            total, events = total + float(one), events + int(count)
    assert events == (examples.answers >= 0).sum() and loss.value == pytest.approx(total / events, rel=1e-4)


def test_a_label_that_training_lacks_is_not_scored() -> None:
    built = model("sequence", train={"epochs": 1})
    built.fit(corpus("sequence"), corpus("sequence", 10, seed=8), context())
    dev, loss = corpus("sequence", 30, seed=9), MeanLoss()
    dev.targets.values[dev.targets.offsets[:-1][:10]] = 99
    built.predict_examples(dev, built.kind.examples(dev), loss=loss)
    assert loss.events == 20


def test_a_row_in_pieces_is_left_out() -> None:
    built = model("sequence", train={"epochs": 1})
    built.fit(corpus("sequence"), corpus("sequence", 10, seed=8), context())
    dev, loss = corpus("sequence", 30, seed=9), MeanLoss()
    built.design = built.design.__class__(**{**built.design.__dict__, "max_tokens": 5})
    built.predict_examples(dev, built.kind.examples(dev), loss=loss)
    assert loss.events == (dev.tokens.lengths - 1 <= 5).sum() < 30 and np.isfinite(loss.value)


def test_it_is_not_known_without_events_without_a_loss_or_where_it_is_not_a_number() -> None:
    states, lengths, targets = torch.zeros(1, 2, 3), torch.tensor([2]), torch.tensor([[0, 1]])
    assert MeanLoss().value is None

    class Lossless(TaggingHead):
        def loss(self, *parts: Any) -> Any:
            raise NotImplementedError

    lossless, undefined = MeanLoss(), MeanLoss()
    lossless.add(Lossless.__new__(Lossless), states, lengths, targets, {"label": np.zeros((1, 2))})
    assert lossless.value is None
    undefined.add(None, states, lengths, targets, {"log_prob": np.array([[np.nan, -1.0]])})
    assert undefined.value is None
