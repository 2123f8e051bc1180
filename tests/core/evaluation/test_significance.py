"""McNemar's test against the sum of the binomial tail."""

from __future__ import annotations

import math
import random
import time

import pytest

from core.evaluation.significance import mcnemar


def binomial_tail(only_first: int, only_second: int) -> float:
    """Twice the probability that at most the smaller of the two counts comes up, with a fair coin."""
    n = only_first + only_second
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1)) / 2**n)


def test_mcnemars_p_is_the_two_sided_binomial_tail() -> None:
    draw = random.Random(0)
    cases = [(0, 0), (0, 1), (1, 0), (1, 9), (7, 7), (3, 20), (20, 3), (130, 170), (0, 60), (3, 900)]
    for a, b in [*cases, *((draw.randrange(200), draw.randrange(200)) for _ in range(300))]:
        assert mcnemar(a, b) == pytest.approx(binomial_tail(a, b), rel=1e-12)


def test_mcnemars_p_of_many_events_is_that_of_the_normal_approximation_and_fast() -> None:
    mcnemar(0, 0), mcnemar(1, 2)  # imports scipy
    start = time.perf_counter()
    # 2 * (1 - Phi((|a - b| - 1) / sqrt(a + b)))
    for a, b in [(20_000, 20_200), (1_000_000, 1_001_000)]:
        expected = math.erfc((b - a - 1) / math.sqrt(2 * (a + b)))
        assert mcnemar(a, b) == pytest.approx(expected, rel=1e-3)
    assert time.perf_counter() - start < 0.5
