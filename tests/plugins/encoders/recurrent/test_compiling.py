"""What is compiled ahead is all that a run uses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from neural_cases import context, corpus, model

from core.neural.heads.language import LanguageHead
from core.neural.ops import kernels
from plugins.encoders.recurrent import LSTM, BiLSTM, layers
from plugins.encoders.recurrent.fused import LARGE

OPTIONS: dict[str, Any] = {"hidden_size": LARGE, "num_layers": 2, "proj_size": None}
NAMES = ("lstm_step_of_words", "lstm_step", "lstm_step_back", "softmax_errors")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Counts the signatures of each kernel, of which none is compiled yet."""
    for name in NAMES:
        monkeypatch.setattr(kernels, name, kernels.compiled(getattr(kernels, name).py_func))
    monkeypatch.setattr("core.neural.ops.half_lstm.lstm_step", kernels.lstm_step)
    monkeypatch.setattr("core.neural.ops.half_lstm.lstm_step_back", kernels.lstm_step_back)
    monkeypatch.setattr("core.neural.ops.half_projection.softmax_errors", kernels.softmax_errors)
    return lambda: [len(getattr(kernels, name).signatures) for name in NAMES]


def test_a_bilstm_that_predicts_much_compiles_what_it_reads_words_with(compiled, monkeypatch) -> None:
    state = torch.random.get_rng_state()
    BiLSTM.compile_kernels(OPTIONS, "fp32", layers.ENOUGH - 1)
    LSTM.compile_kernels(OPTIONS, "fp32", layers.ENOUGH)
    BiLSTM.compile_kernels(OPTIONS | {"proj_size": 20}, "fp32", layers.ENOUGH)
    assert compiled() == [0, 0, 0, 0]
    BiLSTM.compile_kernels(OPTIONS, "fp32", layers.ENOUGH)
    assert compiled() == [1, 0, 0, 0] and torch.equal(state, torch.random.get_rng_state())
    monkeypatch.setattr(layers, "ENOUGH", 1)
    for rows in (1, 2, 40):
        model("token", (BiLSTM, {"hidden_size": 6})).predict(corpus("token", rows, longest=2 if rows < 3 else 9))
    assert compiled() == [1, 0, 0, 0]


def test_a_language_model_in_bfloat16_compiles_what_it_trains_with(compiled) -> None:
    for options in ({"hidden_size": LARGE - 1}, {"norm": "layer"}, {"proj_size": 20}):
        LSTM.compile_kernels(OPTIONS | options, "bf16", 0)
    LanguageHead.compile_kernels({}, "fp32", 0)
    assert compiled() == [0, 0, 0, 0]
    LSTM.compile_kernels(OPTIONS, "bf16", 0)
    LanguageHead.compile_kernels({}, "bf16", 0)
    assert compiled() == [0, 1, 1, 1]
    rows = corpus("next", 15)
    for mode, batch_size in (("sentence", 1), ("sentence", 7), ("stream", 1), ("stream", 3)):
        half = context(precision="bf16")
        network = model("next", (LSTM, OPTIONS), mode=mode, train={"epochs": 1, "batch_size": batch_size})
        network.fit(rows, rows, half)
    assert compiled() == [0, 1, 1, 1]
