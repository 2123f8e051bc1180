"""The states that are recomputed from the weights are those of the fused kernels."""

from __future__ import annotations

import pytest
import torch
from recurrent_cases import INSIDE, LENGTHS, encoder_of, inputs_of

from core.neural.inspection.layers import spectral_radius
from plugins.encoders.recurrent import GRU, LSTM, RNN, BiGRU, BiLSTM, BiRNN

CASES = [
    *((make, {}) for make in (RNN, LSTM, GRU, BiRNN, BiLSTM, BiGRU)),
    *((make, {"num_layers": 2, "residual": True}) for make in (RNN, BiLSTM, GRU)),
    *((make, {"norm": "layer"}) for make in (RNN, LSTM, BiGRU)),
    *((make, {"norm": "batch"}) for make in (RNN, LSTM, GRU)),
    *((RNN, {"activation": name}) for name in ("relu", "sigmoid", "identity")),
    (LSTM, {"proj_size": 2, "num_layers": 2}),
    (BiLSTM, {"proj_size": 2}),
    (GRU, {"reset_after": False}),
    (BiLSTM, {"initial_state": "learned", "num_layers": 2}),
]


@pytest.mark.parametrize(("make", "options"), CASES)
def test_states_of_the_last_layer_are_the_output(make, options):
    encoder, inputs = encoder_of(make, **options), inputs_of()
    with torch.no_grad():
        output, _ = encoder(inputs, LENGTHS)
        layers = encoder.inspect(inputs, LENGTHS)
    assert len(layers) == encoder.num_layers * encoder.directions
    last = torch.cat([layer.states["h"] for layer in layers[-encoder.directions :]], -1)
    if options.get("residual"):
        below = torch.cat([layer.states["h"] for layer in layers[: encoder.directions]], -1)
        last = last + below
    torch.testing.assert_close(last * INSIDE, output * INSIDE)


def test_the_last_cell_and_state_are_the_carry_of_torch():
    encoder, inputs = encoder_of(LSTM), inputs_of()
    with torch.no_grad():
        layer = encoder.inspect(inputs, torch.tensor([6] * 4))[0]
        _, (h, c) = torch.nn.LSTM.forward(encoder.layers[0][0], inputs)
    torch.testing.assert_close(layer.states["h"][:, -1], h[0])
    torch.testing.assert_close(layer.states["c"][:, -1], c[0])


def test_gates_by_hand():
    """One unit, one input of 1, weights of 0: the gates are the sigmoids of the biases."""
    encoder = LSTM(1, True, hidden_size=1, forget_bias=1.0).eval()
    cell = encoder.layers[0][0]
    with torch.no_grad():
        for weight in (cell.weight_ih_l0, cell.weight_hh_l0):
            weight.zero_()
        cell.bias_ih_l0.copy_(torch.tensor([0.0, 1.0, 2.0, -1.0]))  # i, f, g, o
        (layer,) = encoder.inspect(torch.ones(1, 2, 1), torch.tensor([2]))
    found = {name: gate[0, :, 0].tolist() for name, gate in layer.gates.items()}
    assert found["i"] == pytest.approx([0.5, 0.5])
    assert found["f"] == pytest.approx([0.7310586, 0.7310586])
    assert found["o"] == pytest.approx([0.2689414, 0.2689414])
    c1 = 0.5 * 0.9640276
    assert layer.states["c"][0, :, 0].tolist() == pytest.approx([c1, 0.7310586 * c1 + c1])


def test_a_gate_of_a_gru_of_one_keeps_the_state():
    encoder = GRU(1, True, hidden_size=1, initial_state="learned").eval()
    with torch.no_grad():
        encoder.starts[0].fill_(0.7)
        encoder.layers[0][0].bias_ih_l0.copy_(torch.tensor([0.0, 50.0, 0.0]))  # r, z, n
        (layer,) = encoder.inspect(torch.ones(1, 3, 1), torch.tensor([3]))
    assert layer.states["h"].flatten().tolist() == pytest.approx([0.7] * 3)
    assert layer.gates["z"].flatten().tolist() == pytest.approx([1.0] * 3)


def test_matrices_are_square_and_in_the_order_of_torch():
    encoder = encoder_of(LSTM, num_layers=2, proj_size=2)
    (first, second) = encoder.recurrences()
    assert (first.name, second.name) == ("layer 1", "layer 2")
    assert list(first.matrices) == ["i", "f", "g", "o"]
    cell = encoder.layers[0][0]
    torch.testing.assert_close(first.matrices["g"], cell.weight_hh_l0[8:12] @ cell.weight_hr_l0)
    assert [list(layer.matrices) for layer in encoder_of(BiGRU).recurrences()] == [["r", "z", "n"]] * 2
    assert [layer.name for layer in encoder_of(BiRNN).recurrences()] == [
        "layer 1, left to right",
        "layer 1, right to left",
    ]


def test_spectral_radius_by_hand():
    assert spectral_radius(torch.tensor([[0.0, -2.0], [2.0, 0.0]])) == pytest.approx(2.0)  # i 2 and -i 2
    assert spectral_radius(torch.tensor([[0.5, 100.0], [0.0, -0.25]])) == pytest.approx(0.5)
