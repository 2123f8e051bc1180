"""The conditional random field against the enumeration of every path of labels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from neural_cases import LABELS, context, model, ragged, vocab

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.model.runtime import Runtime
from core.neural.heads.crf import CRF
from core.neural.heads.tagging import TaggingHead
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import BiLSTM
from plugins.encoders.window import Window

K, LENGTHS = 3, torch.tensor([4, 0, 1, 2])


def case(seed=0):
    torch.manual_seed(seed)
    crf = CRF(K).double()
    for weights in crf.parameters():
        torch.nn.init.normal_(weights)
    return crf, torch.randn(4, 4, K, dtype=torch.float64, requires_grad=True)


def labels_of():
    labels = torch.tensor([[1, 0, 2, 2], [0, 0, 0, 0], [2, 0, 0, 0], [0, 1, 0, 0]])
    return labels.masked_fill(torch.arange(4) >= LENGTHS[:, None], -1)


def score(crf, emissions, path):
    """The definition, term by term."""
    if not path:
        return torch.zeros((), dtype=torch.float64)
    total = crf.start[path[0]] + crf.end[path[-1]] + sum(emissions[t, y] for t, y in enumerate(path))
    return total + sum(crf.transitions[a, b] for a, b in zip(path[:-1], path[1:], strict=True))


def paths(crf, emissions, row, allowed=None):
    """Every path of a row that agrees with the known labels, and the scores."""
    expected = [-1] * int(LENGTHS[row]) if allowed is None else allowed[row, : LENGTHS[row]].tolist()
    every = [
        p
        for p in product(range(K), repeat=len(expected))
        if all(w in (-1, y) for y, w in zip(p, expected, strict=True))
    ]
    return every, torch.stack([score(crf, emissions[row], path) for path in every])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_partition_function_is_the_sum_over_all_paths(seed):
    crf, emissions = case(seed)
    by_hand = torch.stack([paths(crf, emissions, row)[1].logsumexp(0) for row in range(4)])
    assert torch.allclose(crf.log_partition(emissions, LENGTHS), by_hand)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_best_has_the_highest_score_of_all_paths(seed):
    crf, emissions = case(seed)
    result = crf.best(emissions, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        every, scores = paths(crf, emissions, row)
        assert tuple(result[row, :length].tolist()) == every[int(scores.argmax())]


def test_the_probabilities_of_all_paths_sum_to_one():
    crf, emissions = case()
    every = list(product(range(K), repeat=4))
    labels = torch.tensor(every)
    emissions, lengths = emissions[:1].expand(len(every), -1, -1), torch.full((len(every),), 4)
    log_probs = crf.score(emissions, lengths, labels) - crf.log_partition(emissions, lengths)
    assert torch.allclose(log_probs.exp().sum(), torch.ones((), dtype=torch.float64))


@pytest.mark.parametrize("hidden", [[], [(0, 1)], [(0, 0), (0, 3), (3, 1)], [(0, 0), (0, 1), (0, 2), (0, 3)]])
def test_unknown_labels_are_summed_over(hidden):
    crf, emissions = case()
    labels = labels_of()
    for cell in hidden:
        labels[cell] = -1
    by_hand = sum(
        paths(crf, emissions, row)[1].logsumexp(0) - paths(crf, emissions, row, labels)[1].logsumexp(0)
        for row in range(4)
    )
    assert torch.allclose(crf.loss(emissions, LENGTHS, labels), by_hand)


@pytest.mark.parametrize("hidden", [False, True])
def test_the_loss_has_the_gradients_of_finite_differences(hidden):
    crf, emissions = case()
    labels = labels_of()
    labels[0, 1] = -1 if hidden else labels[0, 1]
    weights = list(crf.parameters())
    assert torch.autograd.gradcheck(lambda e, *_: crf.loss(e, LENGTHS, labels), (emissions, *weights))


def test_the_gradient_of_an_emission_is_its_marginal_probability_minus_one_for_the_true_label():
    crf, emissions = case()
    (grad,) = torch.autograd.grad(crf.loss(emissions, LENGTHS, labels_of()), emissions)
    every, scores = paths(crf, emissions, 0)
    marginal = sum(
        p * torch.nn.functional.one_hot(torch.tensor(path), K)
        for p, path in zip(scores.softmax(0), every, strict=True)
    )
    assert torch.allclose(grad[0], marginal - torch.nn.functional.one_hot(labels_of()[0], K))


@pytest.mark.parametrize("junk", [float("nan"), 1e9, -torch.inf])
def test_emissions_beyond_the_length_change_nothing(junk):
    crf, emissions = case()
    beyond = (torch.arange(4) >= LENGTHS[:, None])[..., None]
    result = []
    for fill in (0.0, junk):
        filled = emissions.detach().masked_fill(beyond, fill).requires_grad_()
        loss = crf.loss(filled, LENGTHS, labels_of())
        best = crf.best(filled, LENGTHS).masked_fill(beyond[..., 0], 0)
        result.append([loss, best, *torch.autograd.grad(loss, [filled, *crf.parameters()])])
    assert all(torch.equal(a, b) for a, b in zip(*result, strict=True))


def test_scores_far_from_zero_neither_overflow_nor_vanish():
    crf, emissions = case()
    crf, emissions = crf.float(), emissions.float()
    lengths = torch.tensor([4, 4, 4, 4])
    far = crf.log_partition(emissions + 1e4, lengths) - 4e4
    assert torch.allclose(far, crf.log_partition(emissions, lengths), atol=0.02)
    with torch.no_grad():
        crf.transitions[0] -= 500.0  # exp(-500) is 0 in fp32
    only = emissions.detach().clone()
    only[:, :, 1:] = -1e4  # so only label 0 is likely, and its transitions are costly
    by_hand = crf.start[0] + crf.end[0] + only[:, :, 0].sum(1) + 3 * crf.transitions[0, 0]
    assert torch.allclose(crf.log_partition(only, lengths), by_hand)


def test_without_weights_between_labels_it_is_a_softmax_at_each_position():
    torch.manual_seed(0)
    encoder, table = BiLSTM(3, False, hidden_size=4), Random(vocab(9), dim=4)
    chained, plain = TaggingHead(encoder, table, K, crf=True), TaggingHead(encoder, table, K)
    chained.load_state_dict(plain.state_dict() | {n: v for n, v in chained.state_dict().items() if "crf" in n})
    states = torch.randn(4, 4, 8)
    losses = [head.loss(states, LENGTHS, labels_of()) for head in (chained, plain)]
    assert torch.allclose(losses[0][0], losses[1][0]) and losses[0][1] == losses[1][1] == 7
    labels = [head.predict(states, LENGTHS)["label"] for head in (chained, plain)]
    inside = torch.arange(4) < LENGTHS[:, None]
    assert (labels[0] == labels[1])[inside.numpy()].all()


def cyclic(rows, seed):
    """Rows that repeat one word, with labels 0 1 2 0 1 2: only the order of labels predicts them."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 9, rows)
    labels = [[FIRST + t % 3 for t in range(n)] for n in lengths]
    columns = {"tokens": ragged([[FIRST] * n for n in lengths]), "labels": ragged(labels)}
    return Corpus(vocab(14), columns, (), vocab(LABELS))


def test_a_crf_learns_an_order_of_labels_that_the_states_do_not_have(tmp_path):
    options = {"size": 1, "hidden_size": 4}
    scores = {}
    for crf in (False, True):
        train = {"epochs": 8, "learning_rate": 0.2}
        network = model("token", (Window, options), head={"crf": crf}, train=train)
        network.fit(cyclic(120, 0), cyclic(30, 1), context())
        scores[crf] = max(row["score"] for row in network.history)
        network.save(tmp_path)
        other = model("token", (Window, options), head={"crf": crf}, seed=9)
        other.restore(tmp_path, Runtime())
        dev = cyclic(30, 1)
        assert np.array_equal(other.predict(dev)["label"], network.predict(dev)["label"])
    assert scores[True] == 1.0 and scores[False] < 0.8


@pytest.mark.parametrize("lengths", [[4, 2, 0, 1], [1], [5]])
def test_marginals_are_those_of_all_paths(lengths: list[int]) -> None:
    torch.manual_seed(3)
    crf, steps = CRF(3).double(), max(1, *lengths)
    for weight in crf.parameters():
        weight.data.normal_()
    emissions = torch.randn(len(lengths), steps, 3, dtype=torch.float64)
    found = crf.marginals(emissions, torch.tensor(lengths)).exp().detach()
    for row, length in enumerate(lengths):
        paths = list(product(range(3), repeat=length)) if length else []
        own, size = emissions[row : row + 1, :length], torch.tensor([length])
        scores = [float(crf.score(own, size, torch.tensor([path])).detach()) for path in paths]
        shares = torch.tensor(scores, dtype=torch.float64).softmax(0)
        for t, label in product(range(length), range(3)):
            wanted = sum(float(share) for share, path in zip(shares, paths, strict=True) if path[t] == label)
            assert float(found[row, t, label]) == pytest.approx(wanted, abs=1e-9)
