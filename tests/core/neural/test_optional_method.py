"""A plugin's class that overrides one method of a built-in class is what is computed, in prediction too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from core.neural.heads.classification import ClassificationHead
from core.neural.network import Network
from core.neural.optional_method import goes_with
from plugins.encoders.recurrent import BiLSTM


class Doubled(BiLSTM):
    def forward(self, inputs: Any, lengths: Any, carry: Any = None, *collated: Any) -> Any:
        states, carry = super().forward(inputs, lengths, carry, *collated)
        return 2 * states, carry


class Weighted(ClassificationHead):
    def loss(self, states: Any, lengths: Any, targets: Any) -> Any:  # type: ignore[override] # it needs no more
        return super().loss(states, lengths, targets)


def test_an_inherited_method_does_not_go_with_one_that_is_overridden() -> None:
    assert goes_with(BiLSTM, "forward_words", "forward") and not goes_with(Doubled, "forward_words", "forward")
    assert goes_with(ClassificationHead, "collate", "loss") and not goes_with(Weighted, "collate", "loss")
    assert goes_with(type("Same", (BiLSTM,), {}), "forward_words", "forward")


def test_a_prediction_reads_distinct_words_only_with_the_forward_that_was_trained() -> None:
    for encoder, expected in ((BiLSTM(3, False, hidden_size=2), True), (Doubled(3, False, hidden_size=2), False)):
        network = Network(SimpleNamespace(by_word=True), encoder, torch.nn.Identity())  # type: ignore[arg-type] # a stand-in
        assert (network.reader(10**9) == network.read_words) is expected
