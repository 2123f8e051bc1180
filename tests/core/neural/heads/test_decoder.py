"""The decoder: all words at once and step by step, padding, gradients, bfloat16."""

from __future__ import annotations

import pytest
import torch

from core.neural.heads.decoder import Decoder

SIZE, WIDTH, LENGTHS = 7, 4, torch.tensor([3, 0, 2])
ANSWERS = torch.tensor([[2, 5, 1, 0], [0, -1, -1, -1], [6, 0, -1, -1]])
CASES = [(s, f) for s in ("general", "additive", "none") for f in (False, True)]


def decoder_of(scoring="general", feeding=False, hidden=5, output=6):
    torch.manual_seed(0)
    return Decoder(SIZE, WIDTH, 3, hidden, output, scoring, feeding, 0.0).double()


def given(decoder, lengths=LENGTHS, steps=3, fill=0.0):
    torch.manual_seed(1)
    states = torch.randn(len(lengths), 3, WIDTH, dtype=torch.float64)
    last = torch.randn(len(lengths), WIDTH, dtype=torch.float64)
    padded = torch.full((len(lengths), steps, WIDTH), fill, dtype=torch.float64)
    padded[:, :3] = states
    padded[torch.arange(steps) >= lengths[:, None]] = fill
    memory = decoder.remember(padded, lengths)
    return memory, decoder.start(memory, last)


@pytest.mark.parametrize(("scoring", "feeding"), CASES)
def test_all_words_at_once_are_the_steps_one_by_one(scoring, feeding):
    decoder = decoder_of(scoring, feeding)
    memory, state = given(decoder)
    outputs, weights = decoder.read(memory, state, ANSWERS)
    before = [0, 2, 5, 1]
    for step, word in enumerate(before):
        words = torch.full((3, 1), word)
        vectors = decoder.words(words)
        output, weight, state = decoder.step(memory, state, vectors)
        torch.testing.assert_close(output[0, 0], outputs[0, step])
        if weights is not None:
            torch.testing.assert_close(weight[0, 0], weights[0, step])


@pytest.mark.parametrize(("scoring", "feeding"), CASES)
def test_padding_of_the_row_may_hold_anything(scoring, feeding):
    decoder = decoder_of(scoring, feeding)
    plain, _ = decoder.read(*given(decoder), ANSWERS)
    wide, _ = decoder.read(*given(decoder, steps=6, fill=float("nan")), ANSWERS)
    torch.testing.assert_close(plain, wide)


@pytest.mark.parametrize("scoring", ["general", "none"])
def test_an_output_depends_on_the_words_before_it_only(scoring):
    decoder = decoder_of(scoring)
    memory, state = given(decoder)
    outputs, _ = decoder.read(memory, state, ANSWERS)
    changed = ANSWERS.clone()
    changed[0, 2] = 3
    others, _ = decoder.read(memory, state, changed)
    torch.testing.assert_close(others[0, :3], outputs[0, :3])
    assert not torch.allclose(others[0, 3], outputs[0, 3])


def test_several_texts_of_a_row_do_not_meet():
    decoder = decoder_of(feeding=True)
    memory, state = given(decoder)
    rows, texts = torch.tensor([0, 2]), torch.tensor([[0, 0, 0], [0, 0, 0]])
    vectors = decoder.words(torch.tensor([[2, 3, 4], [5, 6, 1]]))
    many = decoder.step(memory.select(rows), state.select(rows[:, None], texts), vectors)
    one = decoder.step(memory.select(rows), state.select(rows[:, None], texts[:, :1]), vectors[:, 1:2])
    torch.testing.assert_close(many[0][:, 1:2], one[0])
    torch.testing.assert_close(many[2].c[:, 1:2], one[2].c)


def test_bfloat16_training_has_about_the_outputs_and_gradients_of_fp32():
    decoder = decoder_of(hidden=32, output=32).float()
    found = []
    for half in (False, True):
        torch.manual_seed(2)
        memory = decoder.remember(torch.randn(3, 3, WIDTH), LENGTHS)
        state = decoder.start(memory, torch.randn(3, WIDTH))
        decoder.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            outputs, _ = decoder.read(memory, state, ANSWERS)
        outputs.float().square().sum().backward()
        found.append((outputs.float().detach(), decoder.words.weight.grad.clone()))
    for exact, half in zip(*found, strict=True):
        assert float((exact - half).abs().max()) < 0.03 * float(exact.abs().max())
