"""``data=toy-numbers``."""

from __future__ import annotations

import numpy as np

from core.testing import check_dataset
from plugins.datasets.synthetic.numbers import SIGMA, ToyNumbers, draw, lexicon


def test_it_keeps_the_contract() -> None:
    check_dataset("toy-numbers", rows=100)


def test_the_error_of_the_oracle_is_the_noise() -> None:
    source = ToyNumbers(rows=50_000)
    rows = draw(source.count("test"), "test", source)
    error = np.sqrt(np.mean((rows.numbers - rows.sums) ** 2))
    assert abs(error - SIGMA) < 0.02  # 20,000 rows: a standard error of 0.005
    assert np.array_equal(source.oracle("number", "test", "both")["number"], rows.sums)


def test_a_number_is_the_sum_of_the_weights_with_not_reversing_the_next_word() -> None:
    source = ToyNumbers(rows=50)
    (batch,) = source.batches("train")
    names, weights = lexicon()
    of_word = dict(zip(names, weights.tolist(), strict=True))
    sums = source.oracle("number", "train", "both")["number"]
    assert any("not" in tokens for tokens in batch.column("tokens").to_pylist())
    for tokens, total in zip(batch.column("tokens").to_pylist(), sums, strict=True):
        signs = [-1 if before == "not" else 1 for before in ["", *tokens[:-1]]]
        own = sum(sign * of_word.get(token, 0) for sign, token in zip(signs, tokens, strict=True))
        assert np.isclose(50 + own, total)
