from __future__ import annotations

import pytest
import torch

from core.errors import ConfigError
from plugins.encoders.window import Window

LENGTHS = torch.tensor([6, 0, 1, 4])
FORMS = [(True, 3, True), (True, 4, False), (True, 1, True), (False, 3, True), (False, 5, False)]


def make(causal, size, direct):
    torch.manual_seed(0)
    return Window(2, causal, size=size, hidden_size=4, direct=direct).double()


def inputs_of():
    return torch.randn(4, 6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("causal", "size", "direct"), FORMS)
def test_states_are_those_of_the_equation_word_by_word(causal, size, direct):
    encoder, inputs = make(causal, size, direct), inputs_of()
    states, _ = encoder(inputs, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        for t in range(length):
            first = t - size + 1 if causal else t - size // 2
            vectors = [
                inputs[row, i] if 0 <= i < length else torch.zeros(2).double() for i in range(first, first + size)
            ]
            x = torch.cat(vectors)
            state = torch.tanh(encoder.hidden.weight @ x + encoder.hidden.bias)
            assert torch.allclose(states[row, t], torch.cat([state, x]) if direct else state)
    assert states.shape[-1] == encoder.output_size


@pytest.mark.parametrize(("causal", "size", "direct"), FORMS)
@pytest.mark.parametrize("junk", [float("nan"), 1e9])
def test_padding_does_not_change_the_states(causal, size, direct, junk):
    encoder = make(causal, size, direct)
    inside = (torch.arange(6) < LENGTHS[:, None])[..., None]
    found = [
        torch.where(inside, encoder(inputs_of().masked_fill(~inside, fill), LENGTHS)[0], 0) for fill in (0, junk)
    ]
    assert torch.equal(*found)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_chunks_with_carry_equal_the_whole(size):
    encoder, inputs, full = make(True, size, True), inputs_of(), torch.full((4,), 6)
    whole, _ = encoder(inputs, full)
    carry, parts = None, []
    for at in (0, 1, 3):
        chunk = inputs[:, at : {0: 1, 1: 3, 3: 6}[at]]
        states, carry = encoder(chunk, torch.full((4,), chunk.shape[1]), carry)
        parts.append(states)
    assert torch.allclose(torch.cat(parts, 1), whole)


@pytest.mark.parametrize(("causal", "size", "direct"), FORMS)
def test_gradients_are_those_of_finite_differences(causal, size, direct):
    encoder = make(causal, size, direct)
    arguments = (inputs_of().requires_grad_(), *encoder.parameters())
    assert torch.autograd.gradcheck(lambda x, *_: encoder(x, LENGTHS)[0], arguments)


def test_a_centred_window_must_be_odd():
    with pytest.raises(
        ConfigError, match="encoder.size: a centred window cannot have 4 tokens; give an odd number"
    ):
        Window(2, False, size=4)
