from __future__ import annotations

import pytest
import torch

from core.testing import check_encoder
from plugins.encoders.bag import Bag

LENGTHS = torch.tensor([6, 0, 1, 4])


def inputs_of():
    return torch.randn(4, 6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("size", [1, 3])
def test_bag_keeps_the_contract(size):
    check_encoder("bag", size=size)


@pytest.mark.parametrize("size", [1, 2, 4, 9])
def test_a_causal_state_is_the_mean_of_the_last_words(size):
    inputs = inputs_of()
    states, _ = Bag(2, True, size=size)(inputs, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        for t in range(length):
            assert torch.allclose(states[row, t], inputs[row, max(0, t + 1 - size) : t + 1].mean(0))


def test_the_state_of_the_other_kinds_is_the_vector_of_the_word():
    inputs = inputs_of()
    states, carry = Bag(2, False, size=3)(inputs, LENGTHS)
    assert torch.equal(states, inputs) and carry is None


@pytest.mark.parametrize("size", [1, 2, 4, 9])
@pytest.mark.parametrize("cuts", [[1, 2, 3], [5, 1], [2, 2, 2]])
def test_chunks_with_carry_equal_the_whole(size, cuts):
    encoder, inputs = Bag(2, True, size=size), inputs_of()
    whole, _ = encoder(inputs, torch.full((4,), 6))
    carry, parts = None, []
    for chunk in inputs.split(cuts, 1):
        states, carry = encoder(chunk, torch.full((4,), chunk.shape[1]), carry)
        parts.append(states)
    assert torch.allclose(torch.cat(parts, 1), whole)


def test_gradients_are_those_of_finite_differences():
    inputs = inputs_of().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: Bag(2, True, size=3)(x, LENGTHS)[0], inputs)
