from __future__ import annotations

import pytest
import torch
from recurrent_cases import encoder_of, inputs_of

from core.errors import ConfigError
from core.registry import registry
from core.testing import check_encoder
from core.testing.neural import check_neural_encoder
from plugins.encoders.recurrent import GRU, LSTM, RNN, BiGRU, BiLSTM

FULL = torch.full((4,), 6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("rnn", {"activation": "relu", "initial_state": "learned"}),
        ("rnn", {"activation": "identity", "norm": "batch"}),
        ("birnn", {"activation": "sigmoid", "norm": "layer", "residual": True}),
        ("lstm", {"proj_size": 3, "residual": True, "initial_state": "learned"}),
        ("lstm", {"norm": "batch", "forget_bias": None, "initial_state": "random"}),
        ("bilstm", {"proj_size": 3, "norm": "layer", "initial_state": "learned"}),
        ("gru", {"reset_after": False, "residual": True}),
        ("gru", {"norm": "batch", "initial_state": "learned"}),
        ("bigru", {"reset_after": False, "norm": "batch", "initial_state": "random"}),
    ],
)
def test_combined_options_keep_the_contract(name, options):
    check_neural_encoder(registry().get("encoder", name), {"hidden_size": 6, "num_layers": 2} | options)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("rnn", {"norm": "layer", "initial_state": "learned"}),
        ("bigru", {"reset_after": False, "norm": "batch", "initial_state": "random", "residual": True}),
    ],
)
def test_plain_loops_run_every_kind_of_task(name, options):
    check_encoder(name, hidden_size=8, **options)


@pytest.mark.parametrize("make", [LSTM, BiGRU])
def test_residual_adds_the_input_of_each_layer_of_equal_size(make):
    plain, added = (encoder_of(make, num_layers=2, residual=residual) for residual in (False, True))
    first, second = (encoder_of(make, num_layers=1) for _ in range(2))
    first.layers[0], second.layers[0] = plain.layers
    below, _ = first(inputs_of(), FULL)  # 3 numbers in, more out: nothing to add
    above, _ = second(below, FULL)
    assert torch.allclose(added(inputs_of(), FULL)[0], above + below)


def test_residual_adds_the_token_vectors_if_they_have_the_size_of_a_state():
    plain, added = (encoder_of(GRU, hidden_size=3, residual=residual) for residual in (False, True))
    inputs = inputs_of()
    assert torch.allclose(added(inputs, FULL)[0], plain(inputs, FULL)[0] + inputs)


@pytest.mark.parametrize(
    ("make", "options"), [(LSTM, {}), (GRU, {"reset_after": False}), (BiLSTM, {"norm": "layer"})]
)
def test_a_learned_initial_state_is_the_first_carry(make, options):
    encoder = encoder_of(make, initial_state="learned", **options)
    plain = encoder_of(make, **options)
    plain.load_state_dict(encoder.state_dict(), strict=False)
    inputs, starts = inputs_of(), encoder.starts[0].split(plain.parts, -1)  # each (directions, part)
    states, _ = encoder(inputs, FULL)
    for direction in range(plain.directions):
        before = tuple(part[direction].expand(4, -1) for part in starts)
        rows = inputs.flip(1) if direction else inputs
        expected, _ = plain.one_way(0, direction, rows, FULL, before)
        expected = expected.flip(1) if direction else expected
        assert torch.allclose(states[..., 4 * direction :][..., :4], expected)


@pytest.mark.parametrize(("make", "options"), [(RNN, {}), (BiLSTM, {}), (GRU, {"reset_after": False})])
def test_a_random_initial_state_is_noise_in_training_and_zeros_in_prediction(make, options):
    encoder, plain = (encoder_of(make, initial_state=start, **options) for start in ("random", "zero"))
    first, second = (encoder.train()(inputs_of(), FULL)[0] for _ in range(2))
    assert not torch.allclose(first, second)
    assert torch.equal(encoder.eval()(inputs_of(), FULL)[0], plain(inputs_of(), FULL)[0])


@pytest.mark.parametrize("start", ["random", "learned"])
def test_a_carry_has_precedence_over_the_initial_state(start):
    encoder = encoder_of(LSTM, initial_state=start).train()
    carry = ((torch.ones(4, 4).double(), torch.ones(4, 4).double()),)
    plain = encoder_of(LSTM)
    plain.load_state_dict(encoder.state_dict(), strict=False)
    assert torch.equal(encoder(inputs_of(), FULL, carry)[0], plain(inputs_of(), FULL, carry)[0])


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_the_forget_gate_starts_with_its_given_bias(norm):
    for options, bias in (({}, 1.0), ({"forget_bias": 3.0}, 3.0)):
        cell = LSTM(3, True, hidden_size=4, norm=norm, **options).layers[0][0]
        assert (cell.bias_ih_l0 + cell.bias_hh_l0).tolist() == [0.0] * 4 + [bias] * 4 + [0.0] * 8


def test_without_forget_bias_the_weights_are_those_of_torch():
    torch.manual_seed(3)
    ours = LSTM(3, True, hidden_size=4, forget_bias=None).layers[0][0].state_dict()
    torch.manual_seed(3)
    assert all(torch.equal(ours[name], value) for name, value in torch.nn.LSTM(3, 4).state_dict().items())


def test_the_same_seed_draws_the_same_weights_for_the_loop_and_the_fused_kernel():
    drawn = []
    for after in (True, False):
        torch.manual_seed(3)
        drawn.append(GRU(3, True, hidden_size=4, reset_after=after).state_dict())
    assert drawn[0].keys() == drawn[1].keys() and all(torch.equal(drawn[0][k], drawn[1][k]) for k in drawn[0])


def test_a_projection_that_does_not_shrink_is_rejected():
    with pytest.raises(ConfigError, match=r"encoder\.proj_size.*below encoder\.hidden_size"):
        LSTM(3, True, hidden_size=4, proj_size=4)


def test_an_rnn_with_batch_norm_rejects_a_learned_initial_state():
    with pytest.raises(ConfigError, match=r"encoder\.initial_state"):
        RNN(3, True, norm="batch", initial_state="learned")


def test_dropout_is_applied_between_layers_and_follows_the_seed():
    encoder = LSTM(3, True, hidden_size=4, num_layers=2, dropout=0.5).train()
    inputs = torch.randn(2, 5, 3)
    runs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        runs.append(encoder(inputs, torch.tensor([5, 5]))[0])
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[1], runs[2])
