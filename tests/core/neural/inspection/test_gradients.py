"""Gradients through time: a linear recurrence, finite differences, what an encoder cannot see."""

from __future__ import annotations

import neural_cases
import numpy as np
import pytest
import torch

from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import ConfigError
from core.neural.inspection.gradients import Falloff, falloff, gradient_norms
from core.neural.inspection.sample import Window, neural, windows
from plugins.encoders.recurrent import GRU, LSTM, RNN, BiLSTM


def linear(factor: float, kind: str = "next"):
    """h_t = x_t + factor Q h_(t-1), Q orthogonal."""
    torch.manual_seed(3)
    model = neural_cases.model(kind, (RNN, {"hidden_size": 5, "activation": "identity"}))
    cell = model.network.encoder.layers[0][0]
    with torch.no_grad():
        cell.weight_ih_l0.copy_(torch.eye(5))
        cell.weight_hh_l0.copy_(factor * torch.linalg.qr(torch.randn(5, 5))[0])
        cell.bias_ih_l0.zero_(), cell.bias_hh_l0.zero_()
    return model


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_linear_recurrence_changes_by_its_factor_per_step(kind, factor):
    corpus = neural_cases.corpus(kind, rows=30, longest=30)
    model = linear(factor, kind)
    if kind == "sequence":
        model.network.head.pooling = "last"
    parts = windows(model, corpus, 30, 40)
    for part in parts:
        for at, norms in gradient_norms(model, part, None):
            for row in np.flatnonzero(at >= 1):
                own = norms[row, : at[row] + 1]  # from the first input to the one at the loss
                np.testing.assert_allclose(own[:-1] / own[1:], factor, rtol=1e-4)


def test_the_mean_over_one_position_is_exactly_exponential():
    model = linear(0.9)
    corpus = neural_cases.corpus("next", rows=1, longest=30, seed=4)
    (part,) = windows(model, corpus, 1, 40)
    last = int(part.lengths[0]) - 1
    targets = np.where(np.arange(part.ids.shape[1]) == last, part.targets, -1)
    found = falloff(model, corpus, [part._replace(targets=targets)], last, losses=1000)
    assert last > 8 and found.counts.sum() == last + 1
    np.testing.assert_allclose([found.at(k + 1) / found.at(k) for k in range(last)], 0.9, rtol=1e-4)


@pytest.mark.parametrize("make", [RNN, LSTM, GRU, BiLSTM])
def test_finite_differences(make):
    kind = "token" if make is BiLSTM else "next"
    corpus = neural_cases.corpus(kind, rows=12, longest=7)
    model = neural_cases.model(kind, (make, {"hidden_size": 4, "num_layers": 2}))
    model.network.double().eval()
    (part,) = windows(model, corpus, 12, 7)
    network, t = model.network, 3
    targets = torch.full(part.targets.shape, -1)
    targets[:, t] = torch.tensor(part.targets)[:, t]
    vectors, lengths = network.embedding(torch.tensor(part.ids)).detach(), torch.tensor(part.lengths)

    def loss(inputs):
        with torch.no_grad():
            return network.head.loss(network.encoder(inputs, lengths)[0], lengths, targets)[0].item()

    ((at, norms),) = gradient_norms(model, part, None, np.array([t]))
    row = int(np.flatnonzero(at == t)[0])
    for j in range(int(part.lengths[row])):
        slopes = []
        for unit in range(vectors.shape[2]):
            ends = []
            for sign in (1, -1):
                moved = vectors.clone()
                moved[row, j, unit] += sign * 1e-5
                ends.append(loss(moved))
            slopes.append((ends[0] - ends[1]) / 2e-5)
        assert norms[row, j] == pytest.approx(np.linalg.norm(slopes), rel=1e-3, abs=1e-8)


@pytest.mark.parametrize("make", [RNN, LSTM, BiLSTM])
def test_only_an_encoder_of_both_sides_depends_on_later_inputs(make):
    corpus = neural_cases.corpus("token", rows=20)
    model = neural_cases.model("token", (make, {"hidden_size": 4}))
    found = falloff(model, corpus, windows(model, corpus, 20, 9), 4, losses=100)
    later = found.sums[found.steps < 0]
    assert found.counts.all()
    assert (later > 0).all() if make is BiLSTM else (later == 0).all()
    assert (found.sums[found.steps >= 0] > 0).all()


def test_a_row_with_a_number_has_its_loss_at_its_end():
    tokens = neural_cases.ragged([[2, 3, 4], [5], [2, 2, 6, 7]])
    names = Vocab(["</s>", "<unk>", "-1.5", "2"], np.ones(4, dtype=np.int64))
    columns = {"tokens": tokens, "labels": neural_cases.ragged([[2], [3], [2]])}
    corpus = Corpus(neural_cases.vocab(neural_cases.WORDS), columns, (), names)
    model = neural_cases.model("number", (RNN, {"hidden_size": 4}))
    ((at, norms),) = gradient_norms(model, windows(model, corpus, 3, 9)[0], None)
    assert at.tolist() == [0, 2, 3]
    assert (norms[0, 1:] == 0).all() and (norms[2] > 0).all()


def test_the_network_is_left_as_it_was():
    corpus = neural_cases.corpus("next")
    model = neural_cases.model("next")
    model.network.train()
    before = {name: value.clone() for name, value in model.network.state_dict().items()}
    falloff(model, corpus, windows(model, corpus, 5, 9), 3, losses=2)
    assert model.network.training and all(p.grad is None for p in model.network.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.network.state_dict().items())


def test_losses_are_spread_and_repeat():
    corpus = neural_cases.corpus("next", rows=3, longest=30)
    model = neural_cases.model("next")
    parts = windows(model, corpus, 3, 30)
    few, again = (falloff(model, corpus, parts, 2, losses=3) for _ in range(2))
    assert 0 < few.counts[2] <= 9 and np.array_equal(few.sums, again.sums)
    assert falloff(model, corpus, parts, 2, losses=100).counts[2] == sum(part.lengths.sum() for part in parts)


def test_means_without_pairs_are_not_a_number():
    assert np.isnan(Falloff(1, np.zeros(3), np.zeros(3, dtype=np.int64)).means).all()


def test_rows_of_running_text_are_windows():
    corpus = neural_cases.corpus("next", rows=40)
    model = neural_cases.model("next", mode="stream")
    size = len(corpus.tokens.values)
    parts = windows(model, corpus, 1000, 16)
    assert sum(part.lengths.sum() for part in parts) == size
    places = np.concatenate([part.places[part.places >= 0] for part in parts])
    assert sorted(places.tolist()) == list(range(size - 1))  # the last END is read by nobody
    for part in parts:
        inside = part.places >= 0
        np.testing.assert_array_equal(corpus.tokens.values[part.places[inside]], part.ids[inside])


def test_a_sample_of_rows_is_the_same_each_time():
    corpus, model = neural_cases.corpus("token", rows=300), neural_cases.model("token")
    first, second = (windows(model, corpus, 50, 9) for _ in range(2))
    assert sum(len(part.ids) for part in first) == 50
    assert all(np.array_equal(a.places, b.places) for a, b in zip(first, second, strict=True))
    for part in first:
        assert isinstance(part, Window) and (part.lengths > 0).all()
        inside = part.places >= 0
        np.testing.assert_array_equal(corpus.tokens.values[part.places[inside]], part.ids[inside])


def test_a_model_without_a_network_is_refused():
    with pytest.raises(ConfigError, match="gradients needs a network that reads rows"):
        neural(object(), "gradients")
