from __future__ import annotations

import pytest
import torch
from recurrent_cases import INSIDE, LENGTHS, encoder_of, inputs_of

from plugins.encoders.recurrent import GRU, LSTM, RNN, BiGRU, BiLSTM, BiRNN

LOOPS = [  # what the fused kernels cannot compute
    (RNN, {"activation": "sigmoid"}),
    (BiRNN, {"norm": "layer"}),
    (LSTM, {"norm": "layer", "proj_size": 2}),
    (LSTM, {"norm": "batch"}),
    (BiGRU, {"reset_after": False}),
    (GRU, {"norm": "batch", "reset_after": False}),
]
ALL = [(make, {}) for make in (RNN, LSTM, GRU, BiRNN, BiLSTM, BiGRU)] + LOOPS
ONE_WAY = [(make, options) for make, options in ALL if make.directions == 1]


@pytest.mark.parametrize(("make", "options"), ALL)
@pytest.mark.parametrize("junk", [float("nan"), 1e9])
@pytest.mark.parametrize("training", [False, True])
def test_padding_does_not_change_the_states(make, options, junk, training):
    encoder = encoder_of(make, num_layers=2, **options).train(training)
    found = []
    for fill in (0.0, junk):
        states, _ = encoder(inputs_of().masked_fill(~INSIDE, fill), LENGTHS)
        states = torch.where(INSIDE, states, 0.0)
        found.append([states, *torch.autograd.grad(states.square().sum(), list(encoder.parameters()))])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize(("make", "options"), ALL)
def test_the_states_of_a_row_do_not_depend_on_other_rows(make, options):
    encoder, inputs = encoder_of(make, num_layers=2, **options), inputs_of()
    encoder.train()(inputs_of(seed=5), torch.full((4,), 6))  # leaves running statistics that differ by step
    states, _ = encoder.eval()(inputs, LENGTHS)
    alone, _ = encoder(inputs[3:, :4], LENGTHS[3:])
    assert torch.allclose(states[3, :4], alone[0])


@pytest.mark.parametrize(("make", "options"), ONE_WAY)
@pytest.mark.parametrize("start", ["zero", "learned"])
def test_chunks_with_carry_equal_the_whole(make, options, start):
    encoder, inputs = encoder_of(make, num_layers=2, initial_state=start, **options), inputs_of()
    encoder.train()(inputs_of(seed=5), torch.full((4,), 6))
    full = torch.full((4,), 6)
    whole, _ = encoder.eval()(inputs, full)
    first, carry = encoder(inputs[:, :2], full.clamp(max=2))
    second, _ = encoder(inputs[:, 2:], full - 2, carry)
    assert torch.allclose(torch.cat([first, second], 1), whole)
    assert all(len(part) == 4 for layer in carry for part in layer)  # batch first


@pytest.mark.parametrize(("make", "options"), ALL)
def test_gradients_are_those_of_finite_differences(make, options):
    encoder, inputs = encoder_of(make, num_layers=2, **options).train(), inputs_of(steps=4).requires_grad_()
    lengths = torch.tensor([4, 0, 2, 4])  # at each step two rows: batch norm always has a batch
    inside = (torch.arange(4) < lengths[:, None])[..., None]

    def states(values, *_):
        return torch.where(inside, encoder(values, lengths)[0], 0.0)

    assert torch.autograd.gradcheck(states, (inputs, *encoder.parameters()), fast_mode=True)


def test_last_joins_the_two_ends():
    encoder = encoder_of(BiLSTM, proj_size=2)
    states, _ = encoder(inputs_of(), LENGTHS)
    last = encoder.last(states, LENGTHS)
    assert torch.equal(last[3], torch.cat([states[3, 3, :2], states[3, 0, 2:]]))
    assert torch.equal(last[1], torch.zeros(4, dtype=torch.float64))
