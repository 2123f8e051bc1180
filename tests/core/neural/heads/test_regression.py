"""The head of kind ``number``."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.vocab import SPECIALS, Vocab
from core.neural.base import Encoder
from core.neural.concat_embedding import ConcatEmbedding
from core.neural.heads.regression import RegressionHead


class Same(Encoder):
    """The states are the inputs."""

    output_size = 3

    def forward(self, inputs, lengths, carry=None):
        return inputs, carry


def head(**options) -> RegressionHead:
    torch.manual_seed(0)
    vocab = Vocab([*SPECIALS, "a"], np.ones(3, dtype=np.int64))
    return RegressionHead(Same(3, False), ConcatEmbedding(vocab, {}), 7, **options)


LENGTHS = torch.tensor([2, 1, 2])


def test_numbers_are_standardised_by_the_training_rows_and_predicted_in_their_units() -> None:
    own = head()
    own.prepare(torch.tensor([1e9, 1e9 + 2, torch.nan, 1e9 + 4], dtype=torch.float64))
    assert float(own.mean) == 1e9 + 2 and float(own.deviation) == pytest.approx(np.sqrt(8 / 3))
    torch.nn.init.zeros_(own.linear.weight)
    torch.nn.init.constant_(own.linear.bias, 0.5)
    states = torch.rand(3, 2, 3)
    numbers = own.predict(states, LENGTHS)["number"]
    assert numbers.dtype == np.float64 and numbers == pytest.approx(
        [1e9 + 2 + 0.5 * np.sqrt(8 / 3)] * 3, rel=1e-15
    )


@pytest.mark.parametrize(("loss", "expected"), [("squared", 0.25 + 2.25), ("absolute", 0.5 + 1.5)])
def test_the_loss_is_that_of_standardised_numbers_without_the_rows_that_have_none(
    loss: str, expected: float
) -> None:
    own = head(loss=loss)
    own.prepare(torch.tensor([8.0, 12.0], dtype=torch.float64))  # mean 10, deviation 2
    torch.nn.init.zeros_(own.linear.weight)
    torch.nn.init.constant_(own.linear.bias, 0.5)
    targets = torch.tensor([12.0, torch.nan, 8.0], dtype=torch.float64)  # 1, none, -1
    total, count = own.loss(torch.rand(3, 2, 3), LENGTHS, targets)
    assert total.item() == pytest.approx(expected) and int(count) == 2


def test_equal_numbers_are_not_divided_by_zero() -> None:
    own = head()
    own.prepare(torch.full((5,), 7.0, dtype=torch.float64))
    assert float(own.deviation) == 1 and float(own.mean) == 7
    assert np.isfinite(own.predict(torch.rand(3, 2, 3), LENGTHS)["number"]).all()


def test_a_row_in_pieces_has_the_number_of_the_whole_row() -> None:
    for pooling in ("mean", "max", "attention"):
        own = head(pooling=pooling)
        own.prepare(torch.tensor([3.0, 9.0], dtype=torch.float64))
        states = torch.rand(1, 7, 3)
        whole = own.predict(states, torch.tensor([7]))["number"]
        pieces = own.predict_pieces(iter(states.split(3, 1)), torch.zeros(1))["number"]
        assert pieces == pytest.approx(whole, rel=1e-6)
