"""States around a place: bit for bit the same whatever the word there, for every built-in encoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from neural_cases import WORDS, corpus, vocab
from torch import Tensor

from core.data.batching import RowBatches
from core.errors import ConfigError
from core.kinds.cloze import Cloze
from core.neural.around import AroundPlace, around_place
from core.neural.base import Carry, Encoder
from core.neural.design import Design
from core.neural.network import Network
from core.neural.pieces import read_in_pieces
from core.registry import registry
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import LSTM, BiLSTM

KIND, INPUT = Cloze(), 6
NEURAL = [name for name, spec in registry().specs("encoder").items() if spec.extra["family"] == "neural"]
SMALL: dict[str, dict[str, Any]] = {name: {"hidden_size": 5} for name in NEURAL if name not in ("bag", "cnn")}
DEEP = {name: {"hidden_size": 5, "num_layers": 3} for name in NEURAL if "hidden_size" in SMALL.get(name, {})}
DEEP.pop("window")
CASES = [*((name, SMALL.get(name, {"channels": 4} if name == "cnn" else {})) for name in NEURAL), *DEEP.items()]


def network(name: str, options: dict[str, Any]) -> Network:
    spec = registry().get("encoder", name)
    design = Design((spec.load(), options), {"random": (Random, {"dim": INPUT})}, {}, {}, {}, spec.extra["sees"])
    torch.manual_seed(0)
    return design.build(KIND, vocab(WORDS), WORDS, lambda part, what: ConfigError(what, where=part)).eval()


@pytest.mark.parametrize(("name", "options"), CASES)
def test_no_prediction_depends_on_the_word_at_its_place(name: str, options: dict[str, Any]) -> None:
    found, rows = network(name, options), corpus("next", rows=12)
    examples = KIND.examples(rows)
    batch = RowBatches(examples, 12).collate(np.arange(12))
    ids, lengths, targets = map(torch.from_numpy, (batch.ids, batch.lengths, batch.targets))
    sees_right = registry().get("encoder", name).extra["sees"] != "left"
    with torch.no_grad():
        before = found.head.log_probs(found(ids, lengths)[0])
        assert torch.isfinite(before[targets >= 0][:, 1:]).all() and torch.isneginf(before[..., 0]).all()
        left = right = False
        for at in range(1, ids.shape[1] - 1):
            place = targets[:, at] >= 0
            other = ids.clone()
            other[place, at] = 2 + (ids[place, at] - 1) % (WORDS - 2)
            after = found.head.log_probs(found(other, lengths)[0])
            assert torch.equal(before[place, at], after[place, at])
            here = place & (targets[:, at + 1] >= 0)
            left |= not torch.equal(before[here, at + 1], after[here, at + 1])
            here = place & (targets[:, at - 1] >= 0)
            right |= not torch.equal(before[here, at - 1], after[here, at - 1])
    assert left and right == sees_right


def test_one_layer_of_both_directions_joins_the_states_of_the_neighbours() -> None:
    torch.manual_seed(0)
    two = around_place(BiLSTM, "both", lambda make: make(INPUT, True, hidden_size=4))
    inputs = torch.randn(1, 6, INPUT)
    states, _ = two(inputs, torch.tensor([6]))
    ahead, _ = two.ahead(inputs, torch.tensor([6]))
    back, _ = two.back(inputs.flip(1), torch.tensor([6]))
    assert isinstance(two.ahead, LSTM) and two.output_size == 8
    assert torch.allclose(states[0, 2], torch.cat([ahead[0, 1], back.flip(1)[0, 3]]))
    assert not states[0, 0, :4].any() and not states[0, -1, 4:].any()


def test_padding_changes_nothing() -> None:
    two = around_place(BiLSTM, "both", lambda make: make(INPUT, True, hidden_size=4))
    inputs, lengths = torch.randn(2, 6, INPUT), torch.tensor([6, 3])
    states, _ = two(inputs, lengths)
    inputs[1, 3:] = float("nan")
    again, _ = two(inputs, lengths)
    assert torch.equal(states[0], again[0]) and torch.equal(states[1, :3], again[1, :3])
    alone, _ = two(inputs[1:, :3], lengths[1:])
    assert torch.allclose(alone[0], states[1, :3], atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "window", "cnn", "bag"])
def test_long_rows_in_pieces_have_the_states_of_the_whole_row(name: str) -> None:
    found = network(name, SMALL.get(name, {}))
    ids = np.random.default_rng(0).integers(0, WORDS, 90)
    with torch.no_grad():
        whole = found(torch.from_numpy(ids)[None], torch.tensor([90]))[0]
        pieces = torch.cat(list(read_in_pieces(found, ids, 25, None, torch.device("cpu"))), 1)
    assert torch.allclose(whole, pieces, atol=1e-6)


class Joint(Encoder):
    """Reads both sides at each position."""

    def __init__(self, input_size: int, causal: bool) -> None:
        super().__init__(input_size, causal)
        self.output_size = input_size

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        return inputs + inputs.sum(1, keepdim=True), None


class Inherited(BiLSTM):
    """Has its own forward pass, perhaps: what LSTM does says nothing about it."""


@pytest.mark.parametrize("make", [Joint, Inherited])
def test_an_encoder_of_both_sides_without_a_one_way_version_is_refused(make: type[Encoder]) -> None:
    with pytest.raises(ConfigError, match=r"has read the word there.*left_to_right"):
        around_place(make, "both", lambda one_way: one_way(INPUT, True))


def test_the_left_side_alone_carries_its_state_on() -> None:
    torch.manual_seed(0)
    one = AroundPlace(LSTM(INPUT, True, hidden_size=4), None)
    inputs = torch.randn(1, 6, INPUT)
    whole, _ = one(inputs, torch.tensor([6]))
    first, carry = one(inputs[:, :2], torch.tensor([2]))
    rest, _ = one(inputs[:, 2:], torch.tensor([4]), carry)
    assert one.receptive_field == (None, 0)
    assert torch.allclose(torch.cat([first, rest], 1), whole, atol=1e-6)
