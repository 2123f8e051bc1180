"""Prediction from the distinct words of a batch: the states of the tokens read one by one."""

import numpy as np
import pytest
import torch
from neural_cases import corpus, model

from core import config
from core.neural.ops import kernels
from core.runs import components
from plugins.encoders.recurrent import GRU, LSTM, BiLSTM, layers

LENGTHS = torch.tensor([6, 0, 1, 4, 6])
INSIDE = (torch.arange(6) < LENGTHS[:, None])[..., None]


def encoder_of(make, **options):
    torch.manual_seed(0)
    return make(3, make.directions == 1, hidden_size=5, **options).eval()


@pytest.mark.parametrize("make", [LSTM, BiLSTM])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2}, {"initial_state": "learned"}])
def test_the_states_are_those_of_tokens(make, options):
    encoder = encoder_of(make, **options)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    vectors, words = torch.randn(4, 3), torch.randint(4, (5, 6))
    with torch.inference_mode():
        expected, carry = encoder(vectors[words], LENGTHS)
        states, after = encoder.forward_words(vectors, words, LENGTHS)
        again, _ = encoder.forward_words(vectors, words, LENGTHS, after)
        more, _ = encoder(vectors[words], LENGTHS, carry)
    torch.testing.assert_close(states[INSIDE[..., 0]], expected[INSIDE[..., 0]], atol=1e-6, rtol=1e-5)
    assert states.isfinite().all()
    assert (carry is None) == (after is None) == (make is BiLSTM)
    if carry is not None:
        whole = LENGTHS == 6
        torch.testing.assert_close(again[whole], more[whole], atol=1e-6, rtol=1e-5)


def test_only_an_lstm_in_float32_reads_words_and_only_from_some_rows_on():
    few, many = torch.zeros(layers.MANY - 1, 2), torch.zeros(layers.MANY, 2)
    assert encoder_of(LSTM).reads_words(many) and not encoder_of(LSTM).reads_words(few)
    for other in (encoder_of(GRU), encoder_of(LSTM).double(), encoder_of(LSTM, proj_size=2)):
        assert not other.reads_words(many)
    assert not encoder_of(LSTM, norm="layer").reads_words(many)
    assert not encoder_of(LSTM, residual=True).reads_words(many)


@pytest.mark.parametrize("kind", ["token", "next"])
def test_a_model_predicts_the_same_from_words_and_from_tokens(kind, monkeypatch):
    make = BiLSTM if kind == "token" else LSTM
    trained, rows, found, calls = model(kind, (make, {"hidden_size": 6})), corpus(kind, 40), [], []
    read = layers.read_words
    monkeypatch.setattr(layers, "read_words", lambda *given: calls.append(given) or read(*given))
    for least in (1, 1000):
        monkeypatch.setattr(layers, "MANY", least)
        found.append(trained.predict(rows))
    assert calls
    for name, values in found[0].items():
        assert np.allclose(values, found[1][name], atol=1e-6)


def test_the_step_is_compiled_before_a_run(monkeypatch):
    fresh = kernels.compiled(kernels.lstm_step_of_words.py_func)
    monkeypatch.setattr(kernels, "lstm_step_of_words", fresh)
    components.warm(config.expand(["task=pos", "encoder=bilstm"])[0], True, "cpu")
    assert len(fresh.signatures) == 1
    with torch.inference_mode():
        for make in (LSTM, BiLSTM):
            encoder_of(make).forward_words(torch.randn(4, 3), torch.randint(4, (5, 6)), LENGTHS)
    assert len(fresh.signatures) == 1
