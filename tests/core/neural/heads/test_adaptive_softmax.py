"""The adaptive softmax against PyTorch's, and against the sum over the whole vocabulary."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from neural_cases import WORDS, context, corpus, model, vocab

from core.errors import ConfigError
from core.model.runtime import Runtime
from core.neural.heads.adaptive_softmax import AdaptiveSoftmax
from core.neural.heads.language import LanguageHead
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import LSTM

V, H, CUTOFFS = 11, 16, [4, 7]


def case(dtype=torch.float64):
    torch.manual_seed(0)
    softmax = AdaptiveSoftmax(H, V, CUTOFFS).to(dtype)
    states = torch.randn(9, H, dtype=dtype, requires_grad=True)
    return softmax, states, torch.tensor([0, 1, 3, 4, 6, 7, 10, 10, 2])


def test_it_equals_the_adaptive_softmax_of_pytorch():
    softmax, states, targets = case()
    other = torch.nn.AdaptiveLogSoftmaxWithLoss(H, V, CUTOFFS, head_bias=True).double()
    with torch.no_grad():
        other.head.weight.copy_(softmax.head.weight), other.head.bias.copy_(softmax.head.bias.normal_())
        for ours, (shrink, tail) in zip(zip(softmax.shrink, softmax.tails, strict=True), other.tail, strict=True):
            shrink.weight.copy_(ours[0].weight), tail.weight.copy_(ours[1].weight)
    result = other(states, targets)
    assert torch.allclose(softmax.target_log_probs(states, targets), result.output)
    assert torch.allclose(softmax.loss(states, targets) / len(targets), result.loss)
    assert torch.allclose(softmax.log_probs(states), other.log_prob(states))


@pytest.mark.parametrize("cutoffs", [[4, 7], [1], [10], [1, 2, 3, 10], list(range(1, V))])
def test_the_distribution_sums_to_one_and_agrees_with_the_scores_of_targets(cutoffs):
    torch.manual_seed(0)
    softmax = AdaptiveSoftmax(H, V, cutoffs).double()
    states = torch.randn(5, H, dtype=torch.float64)
    every = softmax.log_probs(states)
    assert torch.allclose(every.exp().sum(-1), torch.ones(5, dtype=torch.float64))
    for word in range(V):
        targets = torch.full((5,), word)
        assert torch.allclose(softmax.target_log_probs(states, targets), every[:, word])
        assert torch.allclose(softmax.loss(states, targets), -every[:, word].sum())


def test_the_loss_has_the_gradients_of_finite_differences():
    softmax, states, targets = case()
    weights = list(softmax.parameters())
    assert torch.autograd.gradcheck(lambda s, *_: softmax.loss(s, targets), (states, *weights))


def test_the_loss_is_finite_if_clusters_have_no_events():
    softmax, states, _ = case()
    loss = softmax.loss(states[:2], torch.tensor([0, 1]))
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in softmax.parameters())
    nothing = torch.zeros(0, dtype=torch.int64)
    assert softmax.loss(states[:0], nothing) == 0 and softmax.target_log_probs(states[:0], nothing).shape == (0,)


def test_under_bf16_the_loss_stays_fp32_and_close():
    softmax, states, targets = case(torch.float32)
    exact = softmax.loss(states, targets)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = softmax.loss(states, targets)
    assert loss.dtype == torch.float32 and torch.allclose(loss, exact, rtol=0.02)


@pytest.mark.parametrize("cutoffs", [[], [V], [4, 4], [7, 4], [4, 99]])
def test_cutoffs_that_do_not_split_the_vocabulary_are_an_error_with_a_remedy(cutoffs):
    with pytest.raises(ConfigError, match=r"head.adaptive: .* vocabulary of 11 words; .* between 1 and 10"):
        AdaptiveSoftmax(H, V, cutoffs)


def test_tied_clusters_are_an_error():
    with pytest.raises(ConfigError, match=r"head.adaptive: .*head.tied=false"):
        LanguageHead(LSTM(3, True, hidden_size=4), Random(vocab(9), dim=4), 9, tied=True, adaptive=[3])


@pytest.mark.parametrize("mode", ["sentence", "stream"])
def test_perplexity_is_exact_over_the_vocabulary_and_unchanged_by_saving(mode, tmp_path):
    data, options = corpus("next", 60), {"head": {"adaptive": [4, 9]}, "mode": mode}
    network = model("next", **options)
    network.fit(data, corpus("next", 20, seed=1), context())
    assert network.history[-1]["loss"] < math.log(WORDS)
    other = model("next", seed=7, **options)
    network.save(tmp_path), other.restore(tmp_path, Runtime())
    assert np.array_equal(other.predict(data)["log_prob"], network.predict(data)["log_prob"])
    histories = np.array([[0, 5], [0, 9], [5, 13]], dtype=np.int32)
    assert np.allclose(np.exp(network.next_log_probs(histories)).sum(1), 1, atol=1e-5)
