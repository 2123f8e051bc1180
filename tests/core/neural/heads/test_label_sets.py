"""The head of kind ``set``."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.vocab import SPECIALS, Vocab
from core.kinds.thresholds import best_threshold
from core.neural.base import Encoder
from core.neural.concat_embedding import ConcatEmbedding
from core.neural.heads.label_sets import LabelSetHead


class Same(Encoder):
    """The states are the inputs."""

    output_size = 2

    def forward(self, inputs, lengths, carry=None):
        return inputs, carry


def head(**options) -> LabelSetHead:
    torch.manual_seed(0)
    vocab = Vocab([*SPECIALS, "a"], np.ones(3, dtype=np.int64))
    own = LabelSetHead(Same(2, False), ConcatEmbedding(vocab, {}), 2, **options)
    torch.nn.init.zeros_(own.linear.weight)
    with torch.no_grad():
        own.linear.bias.copy_(torch.logit(torch.tensor([0.8, 0.3])))
    return own


STATES, LENGTHS = torch.rand(3, 2, 2), torch.tensor([2, 1, 2])


def test_each_label_is_decided_by_its_own_sigmoid() -> None:
    arrays = head().predict(STATES, LENGTHS)
    assert arrays["probs"] == pytest.approx(np.array([[0.8, 0.3]] * 3), rel=1e-6)
    assert arrays["labels"].tolist() == [[True, False]] * 3
    assert head(threshold=0.25).predict(STATES, LENGTHS)["labels"].all()


def test_the_loss_is_minus_the_log_probability_of_the_sets_without_the_rows_that_have_none() -> None:
    total, count = head().loss(STATES, LENGTHS, torch.tensor([[1, 1], [-1, -1], [0, 0]]))
    assert total.item() == pytest.approx(-np.log(0.8 * 0.3) - np.log(0.2 * 0.7), rel=1e-5) and int(count) == 2


def test_the_threshold_with_the_best_score_is_chosen_the_nearest_to_a_half_of_equal_ones() -> None:
    probs, gold = np.array([[0.62], [0.33], [0.12]]), np.array([[True], [True], [False]])
    own = head(threshold="auto")
    assert own.undecided and own.threshold == 0.5 and not head().undecided
    found = own.decide({"probs": probs}, lambda arrays: float((arrays["labels"] == gold).mean()))
    assert found == {"threshold": 0.3} and own.threshold == 0.3  # 0.3, 0.25, 0.2 and 0.15 are right everywhere
    assert best_threshold(probs, lambda arrays: 0.0) == 0.5
