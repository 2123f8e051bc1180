"""Verdicts over several data sets (Demšar, 2006; Dror et al., 2017)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.evaluation.verdicts.verdict import LEVEL, Verdict
from core.types import Float64s

LEAST = 5  # data sets from which ranks are compared; with fewer, data sets with a difference are counted


@dataclass(frozen=True)
class Ranking:
    """The rows of several tables by their mean rank.

    Args:
        names: the rows, best first.
        ranks: the mean rank of each, from 1.
        p: of Friedman's test that all rows are equally good, in the form of Iman and Davenport (1980).
        critical_difference: of two mean ranks, by Nemenyi's test.
        data_sets: how many.
    """

    names: tuple[str, ...]
    ranks: tuple[float, ...]
    p: float
    critical_difference: float
    data_sets: int

    def groups(self) -> list[tuple[str, ...]]:
        """The longest runs of rows, in the order of ranks, that are within the critical difference: the bars."""
        found: list[tuple[int, int]] = []
        for start in range(len(self.names)):
            near = [rank - self.ranks[start] <= self.critical_difference for rank in self.ranks[start:]]
            end = start + sum(near)
            if end - start > 1 and (not found or end > found[-1][1]):
                found.append((start, end))
        return [self.names[start:end] for start, end in found]


def rank(names: Sequence[str], scores: Float64s) -> Ranking:
    """Rank the rows of a table per data set.

    Args:
        names: the rows of the table, at least two.
        scores: float64 (N, K), of each data set and row; higher is better.
    """
    from scipy.special import fdtrc
    from scipy.stats import rankdata, studentized_range

    count, size = scores.shape
    ranks = rankdata(-scores, axis=1)  # (N, K)
    means = ranks.mean(0)  # (K,)
    spread = ((ranks - (size + 1) / 2) ** 2).sum() / (size - 1)  # less where rows are tied
    chi_square = count**2 * ((means - (size + 1) / 2) ** 2).sum() / spread if spread else 0.0
    rest = count * (size - 1) - chi_square
    p = float(fdtrc(size - 1, (size - 1) * (count - 1), (count - 1) * chi_square / rest)) if rest > 1e-9 else 0.0
    scale = math.sqrt(size * (size + 1) / (12 * count))
    critical = float(studentized_range.ppf(1 - LEVEL, size, np.inf)) * scale
    order = np.argsort(means, kind="stable").tolist()
    ordered = tuple(float(means[row]) for row in order)
    return Ranking(tuple(names[row] for row in order), ordered, p, critical, count)


def count_differences(p_values: Sequence[float]) -> int:
    """On how many data sets at least one row is better than another, from one-sided p-values (Dror et al., 2017).

    The largest u for which it is certain at ``LEVEL`` that at least u of the data sets have a difference, whatever
    the dependence between them (Bonferroni's partial conjunction; Benjamini and Heller, 2008).
    """
    ordered = sorted(p_values)
    bounds = [(len(ordered) - place) * p for place, p in enumerate(ordered)]
    return int(sum(np.maximum.accumulate(bounds) <= LEVEL)) if bounds else 0


def pairs_with_differences(verdicts: Sequence[Verdict], names: Sequence[str]) -> dict[tuple[str, str], int]:
    """(better, worse) -> on how many of the data sets the first is better for certain, at least; without zeros.

    Args:
        verdicts: one per data set.
        names: rows that all of them have.
    """
    found = {}
    for first, second in combinations(names, 2):
        for better, worse in ((first, second), (second, first)):
            count = count_differences([_one_sided(verdict, better, worse) for verdict in verdicts])
            if count:
                found[better, worse] = count
    return found


def _one_sided(verdict: Verdict, better: str, worse: str) -> float:
    """The p-value of one row being better than another."""
    pair = next(pair for pair in verdict.pairs if {pair.first, pair.second} == {better, worse})
    return pair.p / 2 if pair.first == better else 1 - pair.p / 2
