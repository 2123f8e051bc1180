"""The check of an encoder that shows its layers finds each broken rule."""

from __future__ import annotations

import pytest
import torch

from core.testing.inspection import check_inspection
from plugins.encoders.cnn import CNN
from plugins.encoders.recurrent import GRU, LSTM, BiLSTM

INPUTS, LENGTHS = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(1)), torch.tensor([4, 2])


def broken(base, **changes):
    """A class whose ``inspect`` or ``recurrences`` is changed after the fact."""

    class Broken(base):
        def inspect(self, inputs, lengths):
            layers = super().inspect(inputs, lengths)
            for layer in layers:
                changes.get("layer", lambda layer, inputs: None)(layer, inputs)
            return layers

        def recurrences(self):
            return super().recurrences()[: changes.get("matrices")]

    for name in ("keep", "update"):
        setattr(Broken, name, changes.get(name, getattr(base, name)))
    return Broken(3, base.directions == 1, hidden_size=4).eval()


@pytest.mark.parametrize("base", [GRU, LSTM, BiLSTM])
def test_the_rules_are_kept(base):
    check_inspection(broken(base), INPUTS, LENGTHS)


def test_an_encoder_without_layers_is_not_checked():
    check_inspection(CNN(3, True).eval(), INPUTS, LENGTHS)


def put(part, name, value):
    return lambda layer, inputs: getattr(layer, part).__setitem__(name, value(layer, inputs))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"layer": put("gates", "r", lambda layer, _: 2 + layer.gates["r"])},
            "r of layer 1 is not between 0 and 1",
        ),
        ({"layer": put("states", "h", lambda layer, _: layer.states["h"][0])}, r"h of layer 1 is not \(B, T, H\)"),
        (
            {"layer": put("states", "h", lambda layer, x: layer.states["h"] + x.isnan().any())},
            "h of layer 1 depends on the padding",
        ),
        ({"keep": "q"}, "keep is 'q', which is not a gate"),
        ({"update": "q"}, "update is 'q', which is no matrix"),
        ({"matrices": 0}, "recurrences: not those of inspect"),
    ],
)
def test_a_broken_rule_is_named(changes, message):
    with torch.no_grad(), pytest.raises(AssertionError, match=message):
        check_inspection(broken(GRU, **changes), INPUTS, LENGTHS)
