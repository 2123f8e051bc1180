"""An encoder that breaks its contract is rejected before training, and the probe changes nothing in a run."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch
from neural_cases import WORDS, context, corpus, model, ragged, vocab
from torch import Tensor

import core.neural.model as module
from core.data.corpus import Corpus
from core.data.vocab import END, FIRST, UNK
from core.errors import PluginError
from core.kinds import find_kind
from core.neural.base import Carry, Encoder
from core.neural.contract_probe import STEPS, _rows, constructor_error, probe
from plugins.encoders.bag import Bag
from plugins.encoders.cnn import CNN
from plugins.encoders.recurrent import LSTM, BiLSTM

DEVICE = torch.device("cpu")


class Faulty(Encoder):
    """The sum of the vectors so far, with one fault, by name."""

    def __init__(self, input_size: int, causal: bool, *, fault: str = "") -> None:
        super().__init__(input_size, causal)
        self.fault, self.gate = fault, torch.nn.Parameter(torch.zeros(1))
        if fault != "no size":
            self.output_size = input_size

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        noise = torch.rand(3).sum() * 0  # draws, as dropout would
        states = inputs.cumsum(1) + self.gate + noise
        if self.fault in ("peeks", "peeks far", "peeks once trained"):
            ahead = inputs.roll(-10 if "far" in self.fault else -1, 1)
            return states + (self.gate * 100 if "trained" in self.fault else 1) * ahead, None
        if self.fault == "knows the length":
            return states / (1 + lengths[:, None, None]), None
        if self.fault == "states alone":
            return states  # type: ignore[return-value] # the fault
        if self.fault == "last state":
            return states[:, -1], None
        return states, None


class Orphan(Encoder):
    """Does not call its parent's constructor."""

    def __init__(self, input_size: int, causal: bool) -> None:
        self.output_size = input_size


def test_a_constructor_that_does_not_call_its_parents_is_an_error() -> None:
    with pytest.raises(PluginError, match="the constructor of Orphan does not call super"):
        model("next", (Orphan, {}))
    assert (
        constructor_error(torch.nn.Linear(2, 2))
        == "contract: Linear is not a subclass of core.neural.base.Encoder"
    )


FAULTS = {
    "peeks": "causality: states before position 4 change when later inputs change, so the encoder does not see",
    "knows the length": "causality: states before position 4 change when the row ends there",
    "states alone": "shapes: forward returns a Tensor instead of two values, (states, carry)",
    "last state": "shapes: states are (4, 5), not (B, T, output_size) = (4, 9, 5)",
    "no size": "shapes: the constructor must set self.output_size, the size of a state, to an int, not None",
}


def fitted(kind: str, encoder: Any, notes: list[str] | None = None, **options: Any) -> module.NeuralModel:
    network = model(kind, encoder, train={"epochs": 1}, **options)
    observed = context(notify=lambda event, **facts: notes.append(facts["text"]) if event == "note" else None)
    network.fit(corpus(kind), corpus(kind, 10, seed=8), observed if notes is not None else context())
    return network


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_an_error_of_one_sentence_before_the_first_step(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Trainer, "step", None)
    with pytest.raises(PluginError) as caught:
        fitted("next", (Faulty, {"fault": fault}))
    assert caught.value.where == "encoder" and caught.value.what.startswith(FAULTS[fault])


def test_an_encoder_that_may_see_the_right_context_is_not_checked_for_it() -> None:
    fitted("token", (Faulty, {"fault": "peeks"}))
    with pytest.raises(PluginError, match="causality"):
        fitted("token", (Faulty, {"fault": "peeks"}), sees="left")


def test_an_encoder_that_looks_ten_words_ahead_is_detected_in_long_rows() -> None:
    long = corpus("next", longest=60)
    network = model("next", (Faulty, {"fault": "peeks far"}))
    wrong = probe(network.network, find_kind("next").examples(long), vocab(WORDS), True, DEVICE)
    assert wrong is not None and "before position 12" in wrong[1]


def test_an_encoder_that_looks_ahead_only_once_trained_gives_a_note() -> None:
    notes: list[str] = []
    fitted("next", (Faulty, {"fault": "peeks once trained"}), notes)
    assert len(notes) == 1 and notes[0].startswith("after training: encoder: causality")
    fitted("next", (LSTM, {"hidden_size": 6}), notes)
    assert len(notes) == 1


@pytest.mark.parametrize("encoder", [(LSTM, {"hidden_size": 6, "dropout": 0.5, "num_layers": 2}), (Faulty, {})])
@pytest.mark.parametrize(("kind", "mode"), [("next", "stream"), ("next", "sentence"), ("token", "sentence")])
def test_weights_and_learning_curve_are_bit_identical_without_the_probe(
    encoder: Any, kind: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    probed = fitted(kind, encoder, mode=mode, sees="left")
    monkeypatch.setattr(module, "probe", lambda *arguments: None)
    bare = fitted(kind, encoder, mode=mode, sees="left")
    for name, weight in bare.network.state_dict().items():
        assert torch.equal(weight, probed.network.state_dict()[name]), name
    assert [row["loss"] for row in bare.history] == [row["loss"] for row in probed.history]


@pytest.mark.parametrize("encoder", [(LSTM, {}), (BiLSTM, {}), (CNN, {}), (Bag, {})])
def test_the_probe_takes_milliseconds(encoder: Any) -> None:
    network, examples = model("token", encoder), find_kind("token").examples(corpus("token", rows=300, longest=60))
    times = []
    for _ in range(5):
        start = time.process_time()
        assert probe(network.network, examples, vocab(WORDS), False, DEVICE) is None
        times.append(time.process_time() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize("kind", ["next", "token"])
def test_the_probe_reads_the_first_words_of_the_longest_of_a_few_rows(kind: str) -> None:
    rows = [[2, 3], [4], [], list(range(FIRST, WORDS)) * 3, [5, 6, 7 + WORDS]]
    data = Corpus(vocab(WORDS), {"tokens": ragged(rows)}, [f"open{i}" for i in range(99)])
    ids, lengths = _rows(find_kind(kind).examples(data), vocab(WORDS))
    moved = kind == "next"
    assert lengths.tolist() == [1 + moved, 2 + moved, 3 + moved, STEPS]
    read = [([END] if moved else []) + row for row in ([4], [2, 3], [5, 6, UNK], rows[3])]
    for read_ids, row in zip(ids.tolist(), read, strict=True):
        assert read_ids == [*row[:STEPS], *[END] * (STEPS - len(row))]


@pytest.mark.parametrize("rows", [[[]], [[], []], [[2]], [[2, 3, 4, 5]]])
def test_tiny_texts_are_probed_too(rows: list[list[int]]) -> None:
    data = Corpus(vocab(WORDS), {"tokens": ragged(rows)})
    for kind in ("next", "token", "sequence"):
        examples = find_kind(kind).examples(data)
        assert probe(model("next").network, examples, vocab(WORDS), True, DEVICE) is None
    assert np.array_equal(data.tokens.offsets, ragged(rows).offsets)
