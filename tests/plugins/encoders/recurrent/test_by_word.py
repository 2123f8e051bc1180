"""Prediction from the distinct words of a batch: the states of the tokens read one by one."""

import numpy as np
import pytest
import torch
from neural_cases import corpus, model

from plugins.encoders.recurrent import LSTM, BiGRU, BiLSTM, layers

LENGTHS = torch.tensor([6, 0, 1, 4, 6])
INSIDE = (torch.arange(6) < LENGTHS[:, None])[..., None]


def encoder_of(make, **options):
    torch.manual_seed(0)
    return make(3, make.directions == 1, hidden_size=5, **options).eval()


@pytest.mark.parametrize("options", [{}, {"num_layers": 2}, {"initial_state": "learned"}])
def test_the_states_are_those_of_tokens(options):
    encoder = encoder_of(BiLSTM, **options)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
    vectors, words = torch.randn(4, 3), torch.randint(4, (5, 6))
    with torch.inference_mode():
        expected, _ = encoder(vectors[words], LENGTHS)
        states, carry = encoder.forward_words(vectors, words, LENGTHS)
    torch.testing.assert_close(states[INSIDE[..., 0]], expected[INSIDE[..., 0]], atol=1e-6, rtol=1e-5)
    assert states.isfinite().all() and carry is None


def test_only_a_bilstm_in_float32_reads_words_and_only_from_some_tokens_on():
    many = layers.ENOUGH
    assert encoder_of(BiLSTM).reads_words(many) and not encoder_of(BiLSTM).reads_words(many - 1)
    others = encoder_of(LSTM), encoder_of(BiGRU), encoder_of(BiLSTM).double(), encoder_of(BiLSTM, proj_size=2)
    for other in (*others, encoder_of(BiLSTM, norm="layer"), encoder_of(BiLSTM, residual=True)):
        assert not other.reads_words(many)


def test_a_model_predicts_the_same_from_words_and_from_tokens(monkeypatch):
    trained, rows, found, calls = model("token", (BiLSTM, {"hidden_size": 6})), corpus("token", 40), [], []
    read = layers.read_words
    monkeypatch.setattr(layers, "read_words", lambda *given: calls.append(given) or read(*given))
    tokens = len(rows.tokens.values)
    for least in (tokens, tokens + 1):  # all batches are read from words, or none, however few rows one has
        monkeypatch.setattr(layers, "ENOUGH", least)
        monkeypatch.setattr("core.neural.model.ROWS", 39)
        found.append(trained.predict(rows))
    assert len(calls) == 2
    for name, values in found[0].items():
        assert np.allclose(values, found[1][name], atol=1e-6)
