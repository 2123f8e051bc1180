"""Exchanged and resampled rows, against brute force and SciPy's tests."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from core.evaluation.verdicts import resampling
from core.evaluation.verdicts.pairing import Pairing
from core.evaluation.verdicts.resampling import bootstrap, exchange_tests
from core.row_sums import Formula, label_counts, macro_f1, mean, percent, perplexity
from core.types import Float64s


def runs(seed: int, units: int, count: int, gap: float = 0.0) -> Float64s:
    """Right answers and events of runs, the second half of which is worse: (U, M, 2)."""
    random = np.random.default_rng(seed)
    events = random.integers(1, 9, units)
    rates = 0.8 - gap * (np.arange(count) >= count // 2) + 0.1 * random.normal(size=(units, 1))
    right = random.binomial(events[:, None], np.clip(rates, 0, 1), (units, count))
    return np.stack([right, np.broadcast_to(events[:, None], right.shape)], axis=-1).astype(np.float64)


def pairing(seeds: int) -> Pairing:
    return Pairing(np.arange(seeds), np.arange(seeds, 2 * seeds), np.zeros(seeds, dtype=np.int64))


def brute_force(sums: Float64s, formula: Formula, seeds: int) -> float:
    """The share of all exchanges of the two halves of the runs that give as large a difference."""

    def difference(values: Float64s) -> float:
        scores = [float(formula(values[:, run].sum(0))) for run in range(2 * seeds)]
        return abs(np.mean(scores[:seeds]) - np.mean(scores[seeds:]))

    exchanged = np.concatenate([sums[:, seeds:], sums[:, :seeds]], axis=1)
    found = [
        difference(np.where(np.array(pattern)[:, None, None], exchanged, sums))
        for pattern in product([False, True], repeat=len(sums))
    ]
    return float(np.mean(np.array(found) >= difference(sums) - 1e-9))


@pytest.mark.parametrize("seeds", [1, 3])
def test_few_rows_have_every_exchange_computed(seeds: int) -> None:
    for formula, seed in product([percent, lambda sums: perplexity(-sums)], range(3)):
        sums = runs(seed, 8, 2 * seeds, 0.2)
        assert exchange_tests(sums, formula, [pairing(seeds)])[0] == pytest.approx(
            brute_force(sums, formula, seeds)
        )


def test_macro_f1_is_computed_again_for_every_exchange() -> None:
    random = np.random.default_rng(3)
    gold, lengths = random.integers(0, 3, 30), np.full(10, 3)
    given = [np.where(random.random(30) < rate, gold, random.integers(0, 3, 30)) for rate in (0.9, 0.8, 0.5, 0.4)]
    sums = np.stack([label_counts(gold, own, lengths, 3) for own in given], axis=1)
    assert exchange_tests(sums, macro_f1, [pairing(2)])[0] == pytest.approx(brute_force(sums, macro_f1, 2))


def test_only_rows_that_differ_decide_whether_all_exchanges_are_computed() -> None:
    sums = runs(0, 500, 2)
    sums[9:, 1] = sums[9:, 0]
    assert exchange_tests(sums, percent, [pairing(1)])[0] == pytest.approx(brute_force(sums[:9], percent, 1))
    sums[:, 1] = sums[:, 0]
    assert exchange_tests(sums, percent, [pairing(1)]).tolist() == [1.0]


def test_the_p_value_of_few_rows_is_scipys_permutation_test_and_wilcoxons_signs() -> None:
    """One event per row and one seed: the exchange test of the mean is the permutation test of paired samples."""
    random = np.random.default_rng(1)
    first, second = random.normal(0.5, 1, 11), random.normal(0, 1, 11)
    sums = np.stack([np.stack([own, np.ones(11)], -1) for own in (first, second)], axis=1)
    expected = stats.permutation_test(
        (first, second), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
    )
    assert exchange_tests(sums, mean, [pairing(1)])[0] == pytest.approx(expected.pvalue)
    ranks = stats.rankdata(np.abs(first - second)) * np.sign(first - second)
    sums[:, 0, 0], sums[:, 1, 0] = np.maximum(ranks, 0), np.maximum(-ranks, 0)
    wilcoxon = stats.wilcoxon(first, second, method="exact")
    assert exchange_tests(sums, mean, [pairing(1)])[0] == pytest.approx(wilcoxon.pvalue)


def test_random_exchanges_are_near_scipys_and_mcnemars_exact_test() -> None:
    right = np.concatenate([np.tile([1, 1], (300, 1)), np.tile([1, 0], (31, 1)), np.tile([0, 1], (15, 1))])
    sums = np.stack([right, np.ones_like(right)], axis=-1).astype(np.float64)
    p = exchange_tests(sums, percent, [pairing(1)])[0]
    assert p == pytest.approx(stats.binomtest(31, 46).pvalue, abs=0.006)
    assert p == exchange_tests(sums, percent, [pairing(1)])[0]  # the same each time


def test_random_exchanges_of_several_pairs_are_those_of_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = runs(4, 60, 4, 0.03)
    one = np.zeros(1, dtype=np.int64)
    pairings = [Pairing(np.array([a]), np.array([b]), one) for a, b in ((0, 2), (1, 3), (0, 1))]
    together = exchange_tests(sums, percent, pairings)
    assert together.tolist() == [exchange_tests(sums, percent, [pair])[0] for pair in pairings]
    exact = stats.permutation_test(
        (sums[:, 0, 0], sums[:, 2, 0]), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=20_000
    )
    assert together[0] == pytest.approx(exact.pvalue, abs=0.02)


def test_a_smaller_share_of_p_values_is_below_a_level_than_the_level_where_nothing_differs() -> None:
    found = np.array([exchange_tests(runs(seed, 25, 2), percent, [pairing(1)], 199)[0] for seed in range(400)])
    for level in (0.05, 0.2, 0.5):
        assert (found <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / 400)


def test_resampled_scores_vary_as_scipys_bootstrap_says() -> None:
    sums = runs(2, 80, 2)
    found = bootstrap(sums, percent, 4000)
    right, events = sums[:, 0, 0], sums[:, 0, 1]
    expected = stats.bootstrap(
        (right, events), lambda a, b: 100 * a.sum() / b.sum(), paired=True, vectorized=False, n_resamples=2000
    )
    assert found[:, 0].std() == pytest.approx(expected.standard_error, rel=0.06)
    assert found.shape == (4000, 2) and found.mean(0) == pytest.approx(percent(sums.sum(0)), abs=0.3)


def test_runs_share_each_resample() -> None:
    sums = runs(5, 50, 2)
    sums[:, 1] = sums[:, 0]
    found = bootstrap(sums, percent, 100)
    assert (found[:, 0] == found[:, 1]).all() and found[:, 0].std() > 0


def test_the_size_of_the_blocks_in_memory_does_not_change_anything_but_the_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sums = runs(6, 70, 2, 0.02)
    before = exchange_tests(sums, percent, [pairing(1)], 4000)[0], bootstrap(sums, percent, 1000).std()
    monkeypatch.setattr(resampling, "CELLS", 7000)
    after = exchange_tests(sums, percent, [pairing(1)], 4000)[0], bootstrap(sums, percent, 1000).std()
    assert after == pytest.approx(before, rel=0.1)
