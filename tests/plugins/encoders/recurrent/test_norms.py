"""Normalisation inside a recurrence, compared with the equations of the papers and with torch's layers."""

from __future__ import annotations

import pytest
import torch
from recurrent_cases import INSIDE, LENGTHS, encoder_of, inputs_of
from torch import nn

from plugins.encoders.recurrent import GRU, LSTM, RNN
from plugins.encoders.recurrent.norms import BATCH_EPSILON, STEPS, BatchNorm, steps_of


def normed(values, gain):
    """Ba et al. (2016, eq. 4) without the shift."""
    return gain * (values - values.mean()) / (values.var(unbiased=False) + 1e-5).sqrt()


def layer_rnn(cell, x, h, c):
    total = cell.weight_ih_l0 @ x + cell.weight_hh_l0 @ h
    return (normed(total, cell.sum_norm.gain) + cell.bias_ih_l0 + cell.bias_hh_l0).tanh(), c


def layer_lstm(cell, x, h, c):
    gates = normed(cell.weight_ih_l0 @ x, cell.input_norm.gain) + cell.bias_ih_l0 + cell.bias_hh_l0
    i, f, g, o = (gates + normed(cell.weight_hh_l0 @ h, cell.state_norm.gain)).chunk(4)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * (normed(c, cell.cell_norm.gain) + cell.cell_shift).tanh(), c


def layer_gru(cell, x, h, c):
    w, u, b, d = cell.weight_ih_l0 @ x, cell.weight_hh_l0 @ h, cell.bias_ih_l0, cell.bias_hh_l0
    gates = normed(w[:8], cell.input_norms[0].gain) + normed(u[:8], cell.state_norms[0].gain) + b[:8] + d[:8]
    r, z = gates.sigmoid().chunk(2)
    reset = normed(u[8:], cell.state_norms[1].gain) + d[8:]
    return (1 - z) * (normed(w[8:], cell.input_norms[1].gain) + b[8:] + r * reset).tanh() + z * h, c


@pytest.mark.parametrize(("make", "step"), [(RNN, layer_rnn), (LSTM, layer_lstm), (GRU, layer_gru)])
def test_layer_norm_equals_the_equation_of_the_paper_at_every_token(make, step):
    encoder, inputs = encoder_of(make, norm="layer"), inputs_of()
    states, _ = encoder(inputs, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        h = c = torch.zeros(4, dtype=torch.float64)
        for t in range(length):
            h, c = step(encoder.layers[0][0], inputs[row, t], h, c)
            assert torch.allclose(states[row, t], h)


def steps_for(lengths, read=0, steps=6):
    lengths = torch.tensor(lengths)
    return list(steps_of(lengths, torch.full_like(lengths, read), steps, inputs_of()))


def test_batch_norm_equals_torchs_for_full_batches_and_in_prediction():
    ours, torchs = BatchNorm(3).double(), nn.BatchNorm1d(3, eps=BATCH_EPSILON, momentum=None).double()
    with torch.no_grad():
        torchs.weight.fill_(0.1)  # Cooijmans et al. (2016, section 4)
    shift = torch.zeros(3, dtype=torch.float64)
    (step,) = steps_for([1] * 4, steps=1)
    for seed in range(5):  # both keep a plain mean so far
        values = inputs_of(seed=seed)[:, 0]
        assert torch.allclose(ours(values, shift, step), torchs(values))
    assert torch.allclose(ours.eval()(values, shift, step), torchs.eval()(values))


def test_running_statistics_forget_old_batches():
    norm, (step,) = BatchNorm(3).double(), steps_for([1] * 4, steps=1)
    for mean in [0.0] * 10 + [1.0] * 40:
        norm(inputs_of()[:, 0] * 0 + mean, torch.zeros(3), step)
    assert norm.mean[0].tolist() == pytest.approx([1 - 0.9**40] * 3)


def test_the_statistics_of_batch_norm_are_those_of_the_tokens_at_one_step():
    norm, values = BatchNorm(3).double(), inputs_of()
    for t, step in enumerate(steps_for(LENGTHS.tolist())):
        norm(torch.where(INSIDE, values, 1e9)[:, t], torch.zeros(3), step)
    for t in range(4):  # rows 0 and 3, at the first step 2 as well
        real = values[:, t][INSIDE[:, t, 0]]
        assert torch.allclose(norm.mean[t], real.mean(0)) and torch.allclose(norm.variance[t], real.var(0))
    assert norm.count.tolist() == [1] * 4 + [0] * (STEPS - 4)  # then row 0 is alone: nothing to learn


def test_batch_norm_predicts_late_steps_with_the_last_statistics_that_training_saw():
    norm, values, shift = BatchNorm(3).double(), inputs_of(), torch.zeros(3)
    for t, step in enumerate(steps_for([2] * 4, steps=2)):
        norm(values[:, t], shift, step)
    at = [norm.eval()(values[:, 5], shift, steps_for([9] * 4, read)[0]) for read in (0, 1, 2, STEPS + 7)]
    assert not torch.equal(at[0], at[1]) and torch.equal(at[1], at[2]) and torch.equal(at[1], at[3])


def test_batch_norm_shares_statistics_among_steps_beyond_its_limit():
    norm = BatchNorm(3).double()
    for read in (STEPS - 1, STEPS, 10 * STEPS):
        norm(inputs_of(seed=read)[:, 0], torch.zeros(3), steps_for([1] * 4, read, 1)[0])
    assert norm.count.nonzero().tolist() == [[STEPS - 1]] and norm.count[-1] == 3


def test_batch_norm_has_separate_statistics_for_inputs_and_states():
    cell = LSTM(3, True, hidden_size=4, norm="batch").layers[0][0]
    cell(torch.randn(4, 6, 3), torch.full((4,), 6), None)
    assert not torch.equal(cell.input_norm.mean[3], cell.state_norm.mean[3])
    assert cell.input_norm.gain.tolist() == cell.state_norm.gain.tolist() == pytest.approx([0.1] * 16)


@pytest.mark.parametrize("make", [RNN, LSTM, GRU])
def test_with_batch_norm_the_scale_of_the_input_weights_does_not_matter(make):
    encoder, found = encoder_of(make, norm="batch").train(), []
    for scale in (1, 100):
        with torch.no_grad():
            encoder.layers[0][0].weight_ih_l0.mul_(scale * 100)  # far above epsilon
        found.append(encoder(inputs_of(), torch.full((4,), 6))[0])
    assert torch.allclose(*found, atol=1e-5)
