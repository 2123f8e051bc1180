"""The passes with hand-written gradients, compared with torch's modules and finite differences."""

import pytest
import torch
from torch import nn

from plugins.encoders.recurrent import fused
from plugins.encoders.recurrent.fused import FastGRU, FastLSTM, FastRNN

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


def test_an_lstm_in_half_precision_has_the_states_and_gradients_of_torch(monkeypatch):
    monkeypatch.setattr(fused, "LARGE", 1)
    torch.manual_seed(1)
    cell = FastLSTM(30, 40, batch_first=True)
    given = torch.randn(3, 9, 30), torch.randn(1, 3, 40), torch.randn(1, 3, 40)
    weight = torch.randn(3, 9, 40)

    def everything(half):
        inputs, *first = (part.clone().requires_grad_() for part in given)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            assert cell.by_hand == half
            states, (last, memory) = cell(inputs, tuple(first))
        total = (states * weight).sum() + last.float().square().sum() + memory.square().sum()
        return [states, last, memory, *torch.autograd.grad(total, [inputs, *first, *cell.parameters()])]

    for half, full in zip(everything(True), everything(False), strict=True):
        assert (half.float() - full).norm() < 0.01 * full.norm()


def test_an_lstm_in_half_precision_starts_from_zeros(monkeypatch):
    monkeypatch.setattr(fused, "LARGE", 1)
    cell, inputs = FastLSTM(3, 4, batch_first=True), torch.randn(2, 5, 3)
    with torch.autocast("cpu", torch.bfloat16):
        states, (last, memory) = cell(inputs)
        again, _ = cell(inputs, (torch.zeros(1, 2, 4), torch.zeros(1, 2, 4)))
        rest, _ = cell(inputs[:, 3:], cell(inputs[:, :3])[1])
    assert states.dtype == last.dtype == torch.bfloat16 and memory.dtype == torch.float32
    assert torch.equal(states, again) and torch.equal(states[:, 3:], rest) and torch.equal(states[:, -1], last[0])
