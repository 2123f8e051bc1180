"""The softmax and its gradient in bfloat16, compared with float32."""

import pytest
import torch

from core.neural.ops.half_projection import errors_in_place


@pytest.mark.parametrize(("words", "events", "scale"), [(37, 5, 3), (1000, 70, 3), (5, 3, 300)])
def test_errors_are_probabilities_minus_the_answers(words, events, scale):
    generator = torch.Generator().manual_seed(1)
    logits = (scale * torch.randn(words, events, generator=generator)).bfloat16()
    bias, answers = torch.randn(words, generator=generator), torch.randint(words, (events,), generator=generator)
    log_probs = (logits.double() + bias[:, None]).log_softmax(0)
    errors = log_probs.exp()
    errors[answers, torch.arange(events)] -= 1
    found, by_row = errors_in_place(logits, bias, answers)
    torch.testing.assert_close(found.double(), log_probs[answers, torch.arange(events)], atol=3e-5, rtol=1e-5)
    torch.testing.assert_close(logits.double(), errors, atol=1e-7, rtol=0.01)
    torch.testing.assert_close(by_row.double(), errors.sum(1), atol=2e-3 * events**0.5, rtol=0)


def test_a_logit_that_is_no_number_gives_a_loss_that_is_none():
    logits, bias = torch.zeros(4, 2).bfloat16(), torch.zeros(4)
    logits[1, 0] = torch.nan
    found, _ = errors_in_place(logits, bias, torch.tensor([2, 2]))
    assert found[0].isnan() and found[1] == pytest.approx(-1.3862944, abs=1e-5)
