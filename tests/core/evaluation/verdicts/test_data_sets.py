"""Ranks over data sets against SciPy and published tables; counted differences by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.evaluation.verdicts.data_sets import Ranking, count_differences, pairs_with_differences, rank
from core.evaluation.verdicts.verdict import Difference, Verdict


@pytest.mark.parametrize("seed", range(4))
def test_friedmans_test_is_scipys_in_the_form_of_iman_and_davenport(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = np.round(
        random.normal(size=(8, 4)) + [0, 0.3, 0.6, 0.9], 1 if seed % 2 else 6
    )  # with and without ties
    chi_square = stats.friedmanchisquare(*scores.T).statistic
    expected = stats.f.sf(7 * chi_square / (8 * 3 - chi_square), 3, 21)
    found = rank(["a", "b", "c", "d"], scores)
    assert found.p == pytest.approx(expected)
    assert found.ranks == tuple(sorted(stats.rankdata(-scores, axis=1).mean(0)))


@pytest.mark.parametrize(("rows", "q"), [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_the_critical_difference_is_that_of_demsars_table(rows: int, q: float) -> None:
    """Table 5a of Demšar (2006)."""
    found = rank([str(i) for i in range(rows)], np.random.default_rng(0).normal(size=(14, rows)))
    assert found.critical_difference == pytest.approx(q * np.sqrt(rows * (rows + 1) / (6 * 14)), rel=1e-3)


def test_the_example_of_demsar() -> None:
    """Table 6 of Demšar (2006): the ranks of four variants of C4.5 on 14 data sets, with their published means."""
    table = """4 3 2 1, 1 2 3 4, 4 1 2 3, 4 1 3 2, 4 2 3 1, 1 2.5 4 2.5, 3 2 4 1, 2.5 2.5 4 1, 4 3 2 1,
        2.5 2.5 2.5 2.5, 4 2.5 1 2.5, 3 2 4 1, 4 1 2 3, 3 1 4 2"""
    scores = -np.array([row.split() for row in table.split(",")], dtype=np.float64)
    found = rank(["C4.5", "m", "cf", "m+cf"], scores)
    assert dict(zip(found.names, np.round(found.ranks, 3), strict=True)) == {
        "m+cf": 1.964,
        "m": 2.0,
        "cf": 2.893,
        "C4.5": 3.143,
    }
    assert found.critical_difference == pytest.approx(1.25, abs=0.005)
    assert found.critical_difference == pytest.approx(
        stats.studentized_range.ppf(0.95, 4, np.inf) / np.sqrt(2) * np.sqrt(4 * 5 / (6 * 14))
    )
    chi_square = 12 * 14 / 20 * ((np.array(found.ranks) ** 2).sum() - 4 * 25 / 4)
    assert chi_square == pytest.approx(9.28, abs=0.01)
    assert 13 * chi_square / (14 * 3 - chi_square) == pytest.approx(3.69, abs=0.01)  # without correction for ties
    assert found.p < stats.f.sf(3.69, 3, 39)
    assert found.groups() == [("m+cf", "m", "cf", "C4.5")]


def test_rows_within_the_critical_difference_share_a_bar() -> None:
    ranking = Ranking(("a", "b", "c", "d"), (1.0, 1.9, 2.5, 3.9), 0.01, 1.5, 6)
    assert ranking.groups() == [("a", "b", "c"), ("c", "d")]
    assert Ranking(("a", "b"), (1.0, 2.0), 0.01, 0.5, 20).groups() == []
    assert rank(["a", "b"], np.ones((6, 2))).p == 1
    assert rank(["a", "b"], np.tile([2.0, 1.0], (6, 1))).p == 0


def test_data_sets_with_a_difference_are_counted_by_hand() -> None:
    """Sorted .001 * 3, .02 * 2, .3: two; the bound never falls again."""
    assert count_differences([0.02, 0.3, 0.001]) == 2
    assert count_differences([0.02, 0.03, 0.04]) == 0
    assert count_differences([0.04]) == 1 and count_differences([0.2]) == 0 and count_differences([]) == 0


def verdict(first: str, second: str, p: float) -> Verdict:
    pair = Difference(first, second, 1.0, 0.0, 2.0, p, p, 1, "models")
    return Verdict("accuracy", (first, second), ("a", "a"), ((1, 2), (1, 2)), (pair,), 1.0, 100, "row")


def test_a_difference_counts_in_its_own_direction_only() -> None:
    verdicts = [verdict("a", "b", 0.001), verdict("a", "b", 0.004), verdict("b", "a", 0.001)]
    assert pairs_with_differences(verdicts, "ab") == {("a", "b"): 2, ("b", "a"): 1}
    assert pairs_with_differences([verdict("a", "b", 0.5), verdict("a", "b", 0.9)], "ab") == {}
