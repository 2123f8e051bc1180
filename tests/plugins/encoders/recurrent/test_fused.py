"""The passes with hand-written gradients, compared with torch's modules and finite differences."""

import pytest
import torch
from torch import nn

from plugins.encoders.recurrent.fused import FastGRU, FastRNN

PAIRS = [
    (FastRNN(3, 4, "tanh"), nn.RNN(3, 4, batch_first=True)),
    (FastRNN(3, 4, "relu"), nn.RNN(3, 4, nonlinearity="relu", batch_first=True)),
    (FastGRU(3, 4, batch_first=True), nn.GRU(3, 4, batch_first=True)),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_states_and_gradients_are_those_of_torch(ours, theirs):
    ours, theirs = ours.double(), theirs.double()
    theirs.load_state_dict(ours.state_dict())
    generator = torch.Generator().manual_seed(1)
    inputs, first, weight = (
        torch.randn(shape, generator=generator).double() for shape in [(2, 5, 3), (1, 2, 4), (2, 5, 4)]
    )

    def everything(cell):
        given = inputs.clone().requires_grad_(), first.clone().requires_grad_()
        states, last = cell(*given)
        grads = torch.autograd.grad((states * weight).sum() + last.square().sum(), [*given, *cell.parameters()])
        return [states, last, *grads]

    for mine, other in zip(everything(ours), everything(theirs), strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
def test_the_gradients_of_every_activation_are_those_of_finite_differences(activation):
    torch.manual_seed(2)
    cell, inputs = FastRNN(2, 3, activation).double(), torch.randn(2, 4, 2).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x, *_: cell(x)[0], (inputs, *cell.parameters()))


@pytest.mark.parametrize("cell", [FastRNN(3, 4, "tanh"), FastGRU(3, 4, batch_first=True)])
def test_training_in_half_precision_keeps_the_state_in_full_precision(cell):
    cell, inputs = cell.float(), torch.randn(2, 5, 3)
    exact = cell(inputs)[0]
    with torch.autocast("cpu", torch.bfloat16):
        states = cell(inputs)[0]
    assert states.dtype == torch.float32
    torch.testing.assert_close(states, exact, atol=0.02, rtol=0)
