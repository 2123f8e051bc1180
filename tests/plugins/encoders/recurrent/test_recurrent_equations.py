"""The recurrences equal their equations at every token, and torch's modules with the same weights."""

from __future__ import annotations

import pytest
import torch
from recurrent_cases import LENGTHS, encoder_of, finals, inputs_of, packed, torch_stack
from torch import nn

from plugins.encoders.recurrent import GRU, LSTM, RNN, BiGRU, BiLSTM, BiRNN
from plugins.encoders.recurrent.cells import ACTIVATIONS, GRULoop, LSTMLoop, RNNLoop


def rnn(cell, x, h, c, options):
    """h = f(W x + b + U h + b')."""
    f = ACTIVATIONS[options.get("activation", "tanh")]
    return f(cell.weight_ih_l0 @ x + cell.bias_ih_l0 + cell.weight_hh_l0 @ h + cell.bias_hh_l0), c


def lstm(cell, x, h, c, options):
    """Gates i, f, g, o; c = f c + i g; h = o tanh(c)."""
    gates = cell.weight_ih_l0 @ x + cell.bias_ih_l0 + cell.weight_hh_l0 @ h + cell.bias_hh_l0
    i, f, g, o = gates[:4].sigmoid(), gates[4:8].sigmoid(), gates[8:12].tanh(), gates[12:].sigmoid()
    c = f * c + i * g
    return o * c.tanh(), c


def gru(cell, x, h, c, options):
    """Gates r, z; n = tanh(W x + U (r h)), or r (U h); h = (1 - z) n + z h."""
    wx, u, b = cell.weight_ih_l0 @ x + cell.bias_ih_l0, cell.weight_hh_l0, cell.bias_hh_l0
    r, z = (wx[:4] + u[:4] @ h + b[:4]).sigmoid(), (wx[4:8] + u[4:8] @ h + b[4:8]).sigmoid()
    after = options.get("reset_after", True)
    n = (wx[8:] + (r * (u[8:] @ h + b[8:]) if after else u[8:] @ (r * h) + b[8:])).tanh()
    return (1 - z) * n + z * h, c


def by_equations(step, cell, row, options):
    h = c = torch.zeros(4, dtype=torch.float64)
    states = []
    for x in row:
        h, c = step(cell, x, h, c, options)
        states.append(h)
    return states


CASES = [(make, rnn, {"activation": name}) for make in (RNN, BiRNN) for name in ACTIVATIONS]
CASES += [(LSTM, lstm, {}), (BiLSTM, lstm, {})]
CASES += [(make, gru, {"reset_after": after}) for make in (GRU, BiGRU) for after in (True, False)]


@pytest.mark.parametrize(("make", "step", "options"), CASES)
@pytest.mark.parametrize("layers", [1, 2])
def test_states_are_those_of_the_equations_word_by_word(make, step, options, layers):
    encoder, inputs = encoder_of(make, num_layers=layers, **options), inputs_of()
    states, _ = encoder(inputs, LENGTHS)
    for number, length in enumerate(LENGTHS.tolist()):
        row = list(inputs[number, :length])
        for layer in encoder.layers:
            ahead = by_equations(step, layer[0], row, options)
            back = (
                by_equations(step, layer[1], row[::-1], options)[::-1]
                if len(layer) == 2
                else [torch.empty(0)] * length
            )
            row = [torch.cat(pair) for pair in zip(ahead, back, strict=True)]
        if length:
            assert torch.allclose(states[number, :length], torch.stack(row), atol=1e-10)


TORCH = {RNN: nn.RNN, BiRNN: nn.RNN, LSTM: nn.LSTM, BiLSTM: nn.LSTM, GRU: nn.GRU, BiGRU: nn.GRU}


PROJECTED = [(make, {"proj_size": 2}) for make in (LSTM, BiLSTM)]


@pytest.mark.parametrize(("make", "options"), [*((make, {}) for make in TORCH), *PROJECTED])
def test_states_and_final_states_are_those_of_torch_for_packed_rows(make, options):
    encoder, inputs, lengths = encoder_of(make, num_layers=3, **options), inputs_of(3), torch.tensor([6, 1, 4])
    expected, ends = packed(torch_stack(encoder, TORCH[make], **options), inputs, lengths)
    states, _ = encoder(inputs, lengths)
    for row, length in enumerate(lengths.tolist()):
        assert torch.allclose(states[row, :length], expected[row, :length])
        _, found = finals(encoder, inputs[row, :length])
        for kind, end in enumerate(ends):  # h_n, and c_n of an LSTM: (layers * directions, B, H)
            assert torch.allclose(torch.cat([after[kind] for after in found]), end[:, row])
    top = ends[0][-encoder.directions :].transpose(0, 1).flatten(1)
    assert torch.allclose(encoder.last(states, lengths), top)


@pytest.mark.parametrize("make", [RNN, LSTM, GRU])
def test_the_carry_is_the_final_state_of_torch(make):
    encoder, inputs = encoder_of(make, num_layers=2), inputs_of()
    _, ends = torch_stack(encoder, TORCH[make])(inputs)
    _, carry = encoder(inputs, torch.full((4,), 6))
    for kind, end in enumerate(ends if make is LSTM else (ends,)):
        assert torch.allclose(torch.stack([layer[kind] for layer in carry]), end)


@pytest.mark.parametrize(
    ("fused", "loop"),
    [
        (nn.RNN(3, 4, batch_first=True), lambda fused: RNNLoop(fused, "none", "tanh")),
        (nn.RNN(3, 4, nonlinearity="relu", batch_first=True), lambda fused: RNNLoop(fused, "none", "relu")),
        (nn.LSTM(3, 4, batch_first=True), lambda fused: LSTMLoop(fused, "none")),
        (nn.LSTM(3, 4, proj_size=2, batch_first=True), lambda fused: LSTMLoop(fused, "none")),
        (nn.GRU(3, 4, batch_first=True), lambda fused: GRULoop(fused, "none", True)),
    ],
)
def test_the_plain_loop_equals_the_fused_kernel(fused, loop):
    inputs, parts = inputs_of(), (2, 4) if getattr(fused, "proj_size", 0) else (4, 4)
    before = [torch.randn(4, size).double() for size in parts][: 2 if isinstance(fused, nn.LSTM) else 1]
    first = tuple(part[None] for part in before)
    expected, end = fused.double()(inputs, first if len(first) == 2 else first[0])
    states, after = loop(fused)(inputs, torch.full((4,), 6), tuple(before))
    assert torch.allclose(states, expected)
    assert all(torch.allclose(a, b[0]) for a, b in zip(after, end if len(first) == 2 else (end,), strict=True))
    grads = [torch.autograd.grad(s.square().sum(), list(fused.parameters())) for s in (states, expected)]
    assert all(torch.allclose(a, b) for a, b in zip(*grads, strict=True))


def filled(encoder, weight=0.0, bias=0.0):
    """An encoder of one layer in which all weights and all biases are equal, and its cell."""
    cell = encoder.layers[0][0]
    with torch.no_grad():
        for name, parameter in cell.named_parameters():
            parameter.fill_(bias if name.startswith("bias") else weight)
    return encoder, cell


def test_memory_example_worked_by_equations():
    # h = W x + U h, all weights 1: 1 + 1 = 2; 2 + (2 + 2) = 6; 4 + (6 + 6) = 16; two outputs add both units
    encoder, _ = filled(RNN(2, True, hidden_size=2, activation="identity"), weight=1.0)
    states, _ = encoder(torch.tensor([[[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]]]), torch.tensor([3]))
    assert states[0].tolist() == [[2, 2], [6, 6], [16, 16]]
    assert (states[0] @ torch.ones(2, 2)).tolist() == [[4, 4], [12, 12], [32, 32]]


@pytest.mark.parametrize("after", [True, False])
def test_a_gru_whose_reset_gate_is_closed_forgets_the_past(after):
    encoder, cell = filled(GRU(2, True, hidden_size=3, reset_after=after), weight=0.5)
    with torch.no_grad():
        cell.bias_ih_l0[:6] = -1e4  # r = 0; z = 0, so that the state is n alone
    inputs, other = torch.randn(2, 1, 5, 2)
    other[:, -1] = inputs[:, -1]
    last = [encoder(each, torch.tensor([5]))[0][:, -1] for each in (inputs, other)]
    assert torch.equal(*last)
    assert torch.allclose(last[0], (0.5 * inputs[:, -1].sum()).tanh().expand(1, 3))


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize(("bias", "copies"), [(1e4, True), (-1e4, False)])
def test_a_grus_update_gate_copies_or_replaces_the_state(after, bias, copies):
    encoder, cell = filled(GRU(2, True, hidden_size=3, reset_after=after))
    with torch.no_grad():
        cell.bias_ih_l0[3:6] = bias  # z
        cell.bias_ih_l0[6:] = 0.7  # n = tanh(0.7)
    before = torch.randn(2, 3)
    states, _ = encoder(torch.randn(2, 4, 2), torch.tensor([4, 4]), ((before,),))
    expected = before if copies else torch.full((2, 3), 0.7).tanh()
    assert torch.allclose(states, expected[:, None].expand(2, 4, 3))


@pytest.mark.parametrize("loop", [False, True])
def test_an_lstm_with_an_open_forget_and_a_closed_input_gate_keeps_its_cell(loop):
    encoder, cell = filled(LSTM(2, True, hidden_size=3), weight=0.5)
    with torch.no_grad():
        cell.bias_ih_l0[:3], cell.bias_ih_l0[3:6] = -1e4, 1e4  # i = 0, f = 1
    if loop:
        encoder.layers[0][0] = LSTMLoop(cell, "none")
    h, c = torch.randn(2, 4, 3)
    _, ((_, after),) = encoder(torch.randn(4, 7, 2), torch.full((4,), 7), ((h, c),))
    assert torch.equal(after, c)


@pytest.mark.parametrize(("make", "matrices"), [(RNN, 2), (GRU, 6), (LSTM, 8)])
def test_a_cell_has_the_expected_number_of_weight_matrices(make, matrices):
    weights = [p for name, p in make(5, True, hidden_size=7).named_parameters() if "weight" in name]
    assert sum(p.numel() for p in weights) == matrices // 2 * (7 * 5 + 7 * 7)


@pytest.mark.parametrize("steps", [1, 5, 40])
def test_gradients_of_a_linear_recurrence_vanish_as_the_power_of_its_scale(steps):
    encoder, cell = filled(RNN(1, True, hidden_size=6, activation="identity").double())
    with torch.no_grad():
        cell.weight_hh_l0.copy_(0.9 * torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))[0])
    before = torch.zeros(1, 6, dtype=torch.float64, requires_grad=True)
    states, _ = encoder(torch.zeros(1, steps, 1, dtype=torch.float64), torch.tensor([steps]), ((before,),))
    back = nn.functional.normalize(torch.randn(1, 6, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(states[:, -1], before, back)
    assert gradient.norm().item() == pytest.approx(0.9**steps)
