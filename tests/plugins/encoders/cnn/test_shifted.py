"""The convolution of torch, which a GPU uses, compared with the shifted sums."""

import pytest
import torch

from plugins.encoders.cnn.shifted import by_torch, convolve

CASES = [  # taps per width, inputs before the first position
    ([[0]], 0),
    ([[-1, 0], [-1, 0, 1], [-2, -1, 0, 1]], 0),
    ([[-4, 0], [-8, -4, 0]], 8),
    ([[-8, 0, 8]], 0),
    ([[-1, 0], [0]], 1),
]


@pytest.mark.parametrize(("taps", "begin"), CASES)
@pytest.mark.parametrize("steps", [1, 6])
def test_states_and_gradients_are_those_of_shifted_sums(taps, begin, steps):
    torch.manual_seed(1)
    inputs = torch.randn(2, begin + steps, 3).double().requires_grad_()
    weights = [torch.randn(4, 3 * len(places)).double().requires_grad_() for places in taps]
    biases = [torch.randn(4).double().requires_grad_() for _ in taps]
    found = []
    for function in (convolve, by_torch):
        states = function(inputs, taps, weights, biases, begin)
        found.append([states, *torch.autograd.grad(states.square().sum(), [inputs, *weights, *biases])])
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected)
