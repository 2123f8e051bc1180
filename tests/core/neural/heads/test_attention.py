"""Attention against loops over its definition, its padding and its gradients."""

from __future__ import annotations

import pytest
import torch

from core.errors import ConfigError
from core.neural.heads.attention import Attention

SIZE, WIDTH = 3, 4
LENGTHS = torch.tensor([5, 2, 0])


def attention_of(scoring):
    torch.manual_seed(0)
    return Attention(scoring, SIZE, SIZE if scoring == "dot" else WIDTH).double()


def given(scoring):
    torch.manual_seed(1)
    width = SIZE if scoring == "dot" else WIDTH
    memory = torch.randn(3, 5, width, dtype=torch.float64)
    memory[1, 2:], memory[2] = 0, 0
    return torch.randn(3, 2, SIZE, dtype=torch.float64), memory


def score(attention, state, place):
    if attention.scoring == "dot":
        return state @ place
    if attention.scoring == "general":
        return state @ attention.key.weight @ place
    inner = attention.key.weight @ place + attention.key.bias + attention.query.weight @ state
    return attention.weight.weight[0] @ torch.tanh(inner)


@pytest.mark.parametrize("scoring", ["general", "dot", "additive"])
def test_weights_and_means_are_those_of_loops(scoring):
    attention, (states, memory) = attention_of(scoring), given(scoring)
    context, weights = attention(states, attention.keys(memory), memory, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        for step in range(2):
            scores = [score(attention, states[row, step], memory[row, t]) for t in range(length)]
            own = torch.stack(scores).softmax(0) if scores else torch.zeros(0, dtype=torch.float64)
            assert weights[row, step, :length].detach().numpy() == pytest.approx(own.detach().numpy())
            assert not weights[row, step, length:].any()
            mean = sum((w * memory[row, t] for t, w in enumerate(own)), torch.zeros(memory.shape[2]).double())
            assert context[row, step].detach().numpy() == pytest.approx(mean.detach().numpy())


@pytest.mark.parametrize("scoring", ["general", "dot", "additive"])
def test_gradients_are_those_of_finite_differences(scoring):
    attention, (states, memory) = attention_of(scoring), given(scoring)
    weights = list(attention.parameters())

    def output(states, memory, *weights):
        return attention(states, attention.keys(memory), memory, LENGTHS)

    assert torch.autograd.gradcheck(
        output, (states.requires_grad_(), memory.requires_grad_(), *weights), fast_mode=True
    )


def test_dot_needs_one_size():
    with pytest.raises(ConfigError, match="head.hidden_size=4"):
        Attention("dot", 3, 4)
