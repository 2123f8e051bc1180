"""Every registered encoder keeps its family's contract, and the checks catch those that do not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from core.hooks import hookimpl
from core.neural.base import Carry, Encoder
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
        self.rule = rule
        if rule != "shapes (none)":
            self.output_size = 4 if rule != "shapes" else 5
        self.cell = torch.nn.LSTM(input_size, 4, batch_first=True)
        self.unused = torch.nn.Linear(2, 2) if rule == "gradients" else None
        self.calls, self.random = 0, torch.Generator()

    @property
    def receptive_field(self) -> tuple[int | None, int | None]:
        return (2, 0) if self.rule == "receptive field" else super().receptive_field

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        states, (h, c) = self.cell(inputs, carry)
        if self.rule == "padding":
            states = states + inputs.sum((1, 2))[:, None, None]
        if self.rule == "batch mates":
            states = states + float(len(states))
        if self.rule == "causality":
            return states.roll(-1, 1), (h, c)  # which breaks the rules of padding and carry too
        if self.rule == "causality (length)":
            return states / (1 + lengths[:, None, None]), (h, c)
        if self.rule == "concurrency":
            self.latest = lengths
        if self.training and self.rule == "resuming (counter)":
            self.calls += 1
            states = states * self.calls
        if self.training and self.rule == "resuming (generator)":
            states = states * torch.rand(states.shape, generator=self.random)
        if self.rule == "shapes (one)":
            return states  # type: ignore[return-value] # what it gets wrong
        if self.rule == "carry":
            return states, [h, c]
        return states, (h, c)


RULES = {  # rule -> what the encoder claims to see, the start of the message
    "shapes": ("left", r"shapes: states are \(4, 5, 4\), not \(B, T, output_size\) = \(4, 5, 5\)"),
    "shapes (one)": ("left", r"shapes: forward returns a Tensor instead of two values, \(states, carry\)"),
    "shapes (none)": ("left", "shapes: the constructor must set self.output_size, .* not None"),
    "causality": ("left", "causality: states before position 1 change when later inputs change"),
    "causality (length)": ("left", "causality: states before position 1 change when the row ends there"),
    "padding": ("both", "padding"),
    "batch mates": ("left", "batch mates"),
    "carry": ("left", "carry: it is a list, not None, a tensor or a tuple"),
    "gradients": ("left", "gradients"),
    "receptive field": ("left", "receptive field: a state depends on more than 2 tokens on its left and 0"),
    "concurrency": ("left", "concurrency: forward or last sets latest"),
    "resuming (counter)": ("left", "resuming: .* keep all that it depends on in the state_dict"),
    "resuming (generator)": ("left", "resuming: .* draw random numbers from the global generators"),
}


@pytest.mark.parametrize("rule", RULES)
def test_an_encoder_that_breaks_a_rule_is_caught(rule: str) -> None:
    sees, message = RULES[rule]

    class Plugin:
        @hookimpl
        def register_encoders(self, register: Any) -> None:
            register("broken", Broken, sees=sees, help="breaks a rule")

    found = type(registry())(list_entry_points=lambda: [])
    found.add(Plugin())
    with pytest.raises(AssertionError, match=f"^{message}"):
        check_neural_encoder(found.get("encoder", "broken"), {"rule": rule})
