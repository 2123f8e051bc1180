"""States and gates over many rows, in the order of their tokens; how often gates saturate."""

from __future__ import annotations

import neural_cases
import numpy as np
import pytest

from core.errors import ConfigError
from core.neural.inspection.reading import Track, places, read_gates, read_states, saturation, shows_layers
from core.neural.inspection.sample import windows
from plugins.encoders.cnn import CNN
from plugins.encoders.recurrent import GRU, LSTM, RNN


class Reversed(LSTM):
    """A subclass that changes ``forward`` alone, so that ``inspect`` no longer shows what it does."""

    def forward(self, inputs, lengths, carry=None):
        states, carry = super().forward(inputs, lengths, carry)
        return -states, carry


def test_states_stand_beside_their_tokens():
    corpus, model = neural_cases.corpus("token", rows=200), neural_cases.model("token", (GRU, {"hidden_size": 4}))
    parts = windows(model, corpus, 1000, 9)
    (track,) = read_states(model, corpus, parts)
    at = places(parts)
    assert len(parts) > 1 and sorted(at.tolist()) == np.flatnonzero(corpus.tokens.inner).tolist()
    first = corpus.tokens.offsets[:-1][corpus.tokens.lengths > 1]
    word = corpus.tokens.values[first]
    values = dict(zip(at.tolist(), track.values.tolist(), strict=True))
    by_word = {}
    for place, name in zip(first.tolist(), word.tolist(), strict=True):  # the first state follows from the word
        np.testing.assert_allclose(values[place], by_word.setdefault(name, values[place]), atol=1e-6)
    assert len(by_word) > 5


def test_only_encoders_that_show_them_have_layers():
    for make, known in ((LSTM, True), (RNN, True), (CNN, False), (Reversed, False)):
        model = neural_cases.model("token", (make, {}))
        assert shows_layers(model) is known
        corpus = neural_cases.corpus("token", rows=5)
        parts = windows(model, corpus, 5, 9)
        tracks = read_states(model, corpus, parts)
        assert {track.layer for track in tracks} == ({"layer 1"} if known else {"encoder"})
        if make is not LSTM:
            with pytest.raises(ConfigError, match="has no gates" if known else "does not show any gates"):
                read_gates(model, corpus, parts)


def test_saturation_by_hand():
    values = np.array([[0.95, 0.05], [0.91, 0.5], [0.9, 0.1], [0.02, 0.3]], dtype=np.float32)
    (found,) = saturation([Track("layer 1", "f", values)])
    assert (found.high, found.low) == (25.0, 25.0)
    assert found.mean == pytest.approx(values.mean())
