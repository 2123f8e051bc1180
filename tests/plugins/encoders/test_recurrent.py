from __future__ import annotations

import pytest
import torch

from plugins.encoders.recurrent import LSTM, BiLSTM

LENGTHS = torch.tensor([6, 0, 1, 4])


def inputs_of(width=3, seed=0):
    return torch.randn(4, 6, width, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def encoder_of(make, layers=1):
    torch.manual_seed(0)
    return make(3, make is LSTM, hidden_size=4, num_layers=layers).double().eval()


def textbook(cell, row):
    """An LSTM word by word: gates i, f, g, o; c = f c + i g; h = o tanh(c)."""
    h = c = torch.zeros(4, dtype=torch.float64)
    states = []
    for x in row:
        gates = cell.weight_ih_l0 @ x + cell.bias_ih_l0 + cell.weight_hh_l0 @ h + cell.bias_hh_l0
        i, f, g, o = gates[:4].sigmoid(), gates[4:8].sigmoid(), gates[8:12].tanh(), gates[12:].sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        states.append(h)
    return states


@pytest.mark.parametrize("make", [LSTM, BiLSTM])
@pytest.mark.parametrize("layers", [1, 2])
def test_states_are_those_of_the_textbook_equations_word_by_word(make, layers):
    encoder, inputs = encoder_of(make, layers), inputs_of()
    states, _ = encoder(inputs, LENGTHS)
    for number, length in enumerate(LENGTHS.tolist()):
        row = list(inputs[number, :length])
        for layer in encoder.layers:
            ahead = textbook(layer[0], row)
            back = textbook(layer[1], row[::-1])[::-1] if make is BiLSTM else [torch.empty(0)] * length
            row = [torch.cat(pair) for pair in zip(ahead, back, strict=True)]
        if length:
            assert torch.allclose(states[number, :length], torch.stack(row), atol=1e-10)


@pytest.mark.parametrize("make", [LSTM, BiLSTM])
@pytest.mark.parametrize("junk", [float("nan"), 1e9])
def test_cells_beyond_the_length_change_nothing(make, junk):
    encoder = encoder_of(make, 2)
    inside = (torch.arange(6) < LENGTHS[:, None])[..., None]
    found = []
    for fill in (0.0, junk):
        inputs = inputs_of().masked_fill(~inside, fill)
        states, _ = encoder(inputs, LENGTHS)
        states = torch.where(inside, states, 0.0)
        found.append([states, *torch.autograd.grad(states.square().sum(), list(encoder.parameters()))])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize("make", [LSTM, BiLSTM])
def test_a_rows_states_do_not_depend_on_its_batch_mates(make):
    encoder, inputs = encoder_of(make, 2), inputs_of()
    states, _ = encoder(inputs, LENGTHS)
    alone, _ = encoder(inputs[3:, :4], LENGTHS[3:])
    assert torch.allclose(states[3, :4], alone[0])


def test_chunks_with_carry_equal_the_whole():
    encoder, inputs = encoder_of(LSTM, 2), inputs_of()
    full = torch.full((4,), 6)
    whole, _ = encoder(inputs, full)
    first, carry = encoder(inputs[:, :2], full.clamp(max=2))
    second, _ = encoder(inputs[:, 2:], full - 2, carry)
    assert torch.allclose(torch.cat([first, second], 1), whole)
    assert [tuple(part.shape) for layer in carry for part in layer] == [(4, 4)] * 4


@pytest.mark.parametrize("make", [LSTM, BiLSTM])
def test_gradients_are_those_of_finite_differences(make):
    encoder, inputs = encoder_of(make, 2), inputs_of().requires_grad_()
    inside = (torch.arange(6) < LENGTHS[:, None])[..., None]

    def states(values, *_):
        return torch.where(inside, encoder(values, LENGTHS)[0], 0.0)

    assert torch.autograd.gradcheck(states, (inputs, *encoder.parameters()), fast_mode=True)


def test_the_forget_gate_starts_open():
    cell = LSTM(3, True, hidden_size=4).layers[0][0]
    assert (cell.bias_ih_l0 + cell.bias_hh_l0).tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8


def test_dropout_stands_between_layers_and_follows_the_seed():
    encoder = LSTM(3, True, hidden_size=4, num_layers=2, dropout=0.5).train()
    inputs = torch.randn(2, 5, 3)
    runs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        runs.append(encoder(inputs, torch.tensor([5, 5]))[0])
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[1], runs[2])
