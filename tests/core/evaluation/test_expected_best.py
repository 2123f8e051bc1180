"""The expected best of n trials against all subsets, with and without replacement."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from core.evaluation.expected_best import expected_best

SCORES = [3.0, 1.0, 4.0, 1.0, 5.0]


@pytest.mark.parametrize("minimize", [False, True])
@pytest.mark.parametrize("replacement", [False, True])
def test_it_is_the_mean_and_the_deviation_over_all_subsets(minimize: bool, replacement: bool) -> None:
    found = expected_best(SCORES, minimize, replacement)
    best = min if minimize else max
    assert found.n.tolist() == [1, 2, 3, 4, 5]
    for n in found.n:
        subsets = product(SCORES, repeat=n) if replacement else combinations(SCORES, n)
        values = [best(subset) for subset in subsets]
        mean, spread = np.mean(values), np.std(values)
        assert found.mean[n - 1] == pytest.approx(mean)
        assert found.low[n - 1] == pytest.approx(max(mean - spread, min(SCORES)))
        assert found.high[n - 1] == pytest.approx(min(mean + spread, max(SCORES)))


def test_more_trials_are_never_worse() -> None:
    found = expected_best(np.random.default_rng(1).normal(size=50), False)
    assert (np.diff(found.mean) > 0).all() and (found.low <= found.mean).all() and (found.mean <= found.high).all()
    unbiased = expected_best(SCORES, False, replacement=False)
    assert unbiased.mean[-1] == max(SCORES) and unbiased.mean[0] == pytest.approx(np.mean(SCORES))


def test_one_score_and_none() -> None:
    one, none = expected_best([2.0], True), expected_best([], True)
    assert (one.mean.tolist(), one.low.tolist(), one.high.tolist()) == ([2.0], [2.0], [2.0])
    assert not len(none.n) and not len(none.mean)


def test_a_score_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        expected_best([1.0, float("nan")], False)
