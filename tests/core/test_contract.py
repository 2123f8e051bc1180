"""Every registered encoder keeps its family's contract, and the checks catch those that do not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from core.hooks import hookimpl
from core.neural.contract import Carry, Encoder
from core.registry import registry
from core.testing import check_encoder
from core.testing.neural import check_neural_encoder

SMALL: dict[str, dict[str, Any]] = {
    "window": {"hidden_size": 8},
    "lstm": {"hidden_size": 8},
    "bilstm": {"hidden_size": 8},
}


@pytest.mark.parametrize("name", sorted(registry().names("encoder")))
def test_every_encoder_keeps_the_contract(name: str) -> None:
    check_encoder(name, **SMALL.get(name, {}))


class Broken(Encoder):
    """An LSTM that breaks one rule, by name."""

    def __init__(self, input_size: int, causal: bool, *, rule: str) -> None:
        super().__init__(input_size, causal)
        self.rule, self.output_size = rule, 4 if rule != "shapes" else 5
        self.cell = torch.nn.LSTM(input_size, 4, batch_first=True)
        self.unused = torch.nn.Linear(2, 2) if rule == "gradients" else None

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        states, (h, c) = self.cell(inputs, carry)
        if self.rule == "padding":
            states = states + inputs.sum((1, 2))[:, None, None]
        if self.rule == "batch mates":
            states = states + float(len(states))
        if self.rule == "causality":
            ahead = states.roll(-1, 1).masked_fill(
                (torch.arange(states.shape[1]) + 1 >= lengths[:, None])[:, :, None], 0
            )
            return ahead, (h, c)
        return states, (h, c)


@pytest.mark.parametrize("rule", ["shapes", "padding", "batch mates", "causality", "gradients"])
def test_an_encoder_that_breaks_a_rule_is_told_which(rule: str) -> None:
    class Plugin:
        @hookimpl
        def register_encoders(self, register: Any) -> None:
            register("broken", Broken, sees="left", help="breaks a rule")

    found = type(registry())(find=lambda: [])
    found.add(Plugin())
    with pytest.raises(AssertionError, match=f"^{rule}"):
        check_neural_encoder(found.get("encoder", "broken"), {"rule": rule})
