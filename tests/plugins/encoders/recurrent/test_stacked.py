"""Stacks in one call, as a GPU reads them, on a CPU: the states of the layers one by one, in the stated type."""

import numpy as np
import pytest
import torch
from recurrent_cases import INSIDE, LENGTHS, encoder_of, inputs_of
from torch import nn

from core.neural.ops.collation import to_device
from plugins.encoders.recurrent import GRU, LSTM, RNN, BiGRU, BiLSTM, BiRNN, stacked
from plugins.encoders.recurrent.layers import Recurrent
from plugins.encoders.recurrent.packing import packing

CASES = [
    (RNN, {"activation": "relu"}),
    (LSTM, {"proj_size": 2}),
    (GRU, {"initial_state": "learned"}),
    (BiRNN, {}),
    (LSTM, {"residual": True, "hidden_size": 3}),
    (BiLSTM, {"initial_state": "learned", "proj_size": 3}),
    (BiGRU, {}),
]


@pytest.fixture
def on_gpu(monkeypatch):
    monkeypatch.setattr(Recurrent, "on_gpu", True)


@pytest.fixture
def calls(monkeypatch):
    """The arguments of each call of torch's cells."""
    found = []
    for name, call in stacked.CALLS.items():
        monkeypatch.setitem(stacked.CALLS, name, lambda *given, call=call: (found.append(given), call(*given))[1])
    return found


@pytest.mark.parametrize(("make", "options"), CASES)
def test_states_and_gradients_are_those_of_the_layers_one_by_one(make, options, monkeypatch, calls):
    encoder, inputs = encoder_of(make, num_layers=3, **options), inputs_of().masked_fill(~INSIDE, torch.nan)

    def everything():
        states, carry = encoder(inputs, LENGTHS)
        states = torch.where(INSIDE, states, 0.0)
        ends = [] if carry is None else [part[LENGTHS == 6] for layer in carry for part in layer]
        return [states, *ends, *torch.autograd.grad(states.square().sum(), list(encoder.parameters()))]

    one_by_one = everything()
    monkeypatch.setattr(Recurrent, "on_gpu", True)
    for at_once, expected in zip(everything(), one_by_one, strict=True):
        torch.testing.assert_close(at_once, expected)
    assert len(calls) == (3 * encoder.directions if encoder.residual else 1)


@pytest.mark.parametrize("make", [LSTM, BiGRU])
@pytest.mark.parametrize("lengths", [[6, 0, 1, 4], [6, 6, 6, 6], [3, 2, 3, 2], [0, 0, 0, 0]])
def test_what_is_collated_changes_no_state_and_no_gradient(make, lengths, on_gpu):
    encoder, inputs, lengths = encoder_of(make, num_layers=2), inputs_of(), torch.tensor(lengths)
    inside = (torch.arange(6) < lengths[:, None])[..., None]
    inputs = inputs.masked_fill(~inside, torch.nan).requires_grad_()
    found = to_device(encoder.collate(lengths.numpy(), 6), inputs.device)

    def everything(*collated):
        states = torch.where(inside, encoder(inputs, lengths, None, *collated)[0], 0.0)
        return [states, *(torch.autograd.grad(states.square().sum(), inputs) if lengths.any() else [])]

    for collated, alone in zip(everything(found), everything(), strict=True):
        assert torch.equal(collated, alone)


def test_full_rows_are_not_cleared(on_gpu, monkeypatch):
    encoder, full = encoder_of(LSTM), torch.full((4,), 6)
    found = encoder.collate(full.numpy(), 6)
    assert found is True and encoder.collate(LENGTHS.numpy(), 6) is False
    expected, _ = encoder(inputs_of(), full)
    monkeypatch.setattr("plugins.encoders.recurrent.layers.cleared", None)
    assert torch.equal(encoder(inputs_of(), full, None, found)[0], expected)


def test_tokens_are_ordered_by_position_with_longer_rows_first():
    cells, tokens, sizes = packing(np.array([1, 0, 3, 2]), 4)
    assert cells.tolist() == [8, 12, 0, 9, 13, 10] and sizes.tolist() == [3, 2, 1]
    assert tokens.ravel()[cells].tolist() == list(range(6)) and tokens.shape == (4, 4)
    assert np.bincount(tokens.ravel()).max() <= 4  # no token is read for all of the cells beyond the lengths
    assert encoder_of(BiLSTM).collate(LENGTHS.numpy(), 6) is None  # on a CPU


@pytest.mark.parametrize("make", [RNN, LSTM, GRU])
def test_chunks_with_carry_equal_the_whole(make, on_gpu):
    encoder, inputs, full = encoder_of(make, num_layers=2), inputs_of(), torch.full((4,), 6)
    whole, _ = encoder(inputs, full)
    first, carry = encoder(inputs[:, :2], full - 4)
    second, _ = encoder(inputs[:, 2:], full - 2, carry)
    assert torch.allclose(torch.cat([first, second], 1), whole)


@pytest.mark.parametrize("make", [RNN, LSTM, GRU, BiRNN, BiLSTM, BiGRU])
@pytest.mark.parametrize("layers", [1, 2])
def test_cells_are_called_in_bfloat16_outside_of_autocast(make, layers, on_gpu, monkeypatch):
    encoder, found = encoder_of(make, num_layers=layers).float(), []

    def record(*given):
        tensors = [part for each in given for part in (each if isinstance(each, tuple | list) else [each])]
        found.extend(t.dtype for t in tensors if isinstance(t, torch.Tensor) and t.is_floating_point())
        assert not torch.is_autocast_enabled("cpu")
        return call(*given)

    mode = encoder.layers[0][0].mode
    call = stacked.CALLS[mode]
    monkeypatch.setitem(stacked.CALLS, mode, record)
    with torch.autocast("cpu", torch.bfloat16):
        states, _ = encoder.train()(inputs_of().float(), LENGTHS)
    assert set(found) == {torch.bfloat16} and states.dtype == torch.bfloat16
    states.float().sum().backward()
    assert all(weight.grad.dtype == torch.float32 for weight in encoder.parameters())


def test_dropout_between_layers_is_that_of_the_call(on_gpu, calls):
    encoder = encoder_of(LSTM, num_layers=2, dropout=0.4)
    states, _ = encoder(inputs_of(), LENGTHS)
    assert torch.equal(states, encoder(inputs_of(), LENGTHS)[0])
    encoder.train()
    assert not torch.equal(encoder(inputs_of(), LENGTHS)[0], states)
    assert [given[5:7] for given in calls] == [(0.4, False), (0.4, False), (0.4, True)]


def test_the_weights_of_a_stack_are_parts_of_one_tensor_with_matrices_first():
    cells = [layer[0] for layer in encoder_of(LSTM, num_layers=2).layers]
    weights = stacked._weights(cells, torch.float64)
    assert len({weight.untyped_storage().data_ptr() for weight in weights}) == 1
    by_place = sorted(weights, key=lambda weight: weight.storage_offset())
    assert [weight.dim() for weight in by_place] == [2] * 4 + [1] * 4
    true = [p for cell in cells for p in cell.parameters()]
    assert all(torch.equal(*pair) for pair in zip(weights, true, strict=True))


def test_options_that_torch_lacks_are_read_layer_by_layer():
    plain, loop = encoder_of(LSTM).layers[0][0], encoder_of(LSTM, norm="layer").layers[0][0]
    sigmoid = encoder_of(RNN, activation="sigmoid").layers[0][0]
    assert [stacked.is_fused(cell) for cell in (plain, loop, sigmoid, nn.Linear(1, 1))] == [
        True,
        False,
        False,
        False,
    ]
