"""How uncertain a difference is: the variances that come from the rows and from the seeds.

Rows and seeds are two crossed sources of chance: other rows might have been sampled, and other seeds trained. A
percentile interval from resampled rows and seeds is too narrow with 3 to 10 seeds. So the bootstrap gives the
variance over rows, the seeds that over seeds, and Student's t the factor, as in an analysis of variance with two
random factors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from core.types import Float64s, Int64s

LEVEL = 0.95  # of the intervals
POWER = 0.8  # with which a detectable difference is detected
WIDEST, STEPS = 10, 401  # standard deviations over which p-values are integrated, and in how many steps


@dataclass(frozen=True)
class Spread:
    """The uncertainty of the mean difference over seeds.

    Args:
        rows: the variance from the rows, as far as it is the same for all seeds.
        rows_freedom: the degrees of freedom of ``rows``.
        seeds: the variance from the seeds, and from the rows as far as they differ between seeds.
        seeds_freedom: the degrees of freedom of ``seeds``; 0: seeds are not a source of chance.
        cautious: whether the interval is made of the differences whose ``p_value`` is large enough, which is a
            little wider than that with the degrees of freedom of Satterthwaite.
    """

    rows: float
    rows_freedom: int
    seeds: float = 0.0
    seeds_freedom: int = 0
    cautious: bool = False

    @property
    def variance(self) -> float:
        """The variance of the mean difference."""
        return self.rows + self.seeds

    @property
    def freedom(self) -> float:
        """The degrees of freedom of ``variance`` (Satterthwaite, 1946)."""
        parts = self.rows**2 / self.rows_freedom + self.seeds**2 / max(1, self.seeds_freedom)
        return self.variance**2 / parts if parts else float(self.rows_freedom)

    @property
    def margin(self) -> float:
        """Half of the width of the interval."""
        usual = self._quantile((1 + LEVEL) / 2) * math.sqrt(self.variance)
        if not (self.cautious and self.rows > 0 and self.seeds > 0):
            return usual
        from scipy.optimize import brentq

        return float(brentq(lambda margin: self.p_value(margin) - (1 - LEVEL), usual / 2, usual * 4, rtol=1e-6))

    def detectable(self, level: float) -> float:
        """The difference that a two-sided test at ``level`` finds with a probability of ``POWER``."""
        from scipy.special import nctdtrinc

        bound = self._quantile(1 - level / 2)
        return float(nctdtrinc(self.freedom, 1 - POWER, bound)) * math.sqrt(self.variance)

    def p_value(self, difference: float) -> float:
        """The two-sided p-value of a difference, from the distribution of Behrens and Fisher (1935).

        With few seeds Satterthwaite's t gives p-values near 0.001 that are several times too small, which the
        correction for many pairs depends on; these are at most too large.
        """
        from scipy.special import stdtr

        if not self.variance > 0:
            return 0.0 if difference else 1.0
        if not self.seeds > 0:
            return 2 * float(stdtr(self.rows_freedom, -abs(difference) / math.sqrt(self.variance)))
        grid = np.linspace(-WIDEST, WIDEST, STEPS)
        density = (1 + grid**2 / self.rows_freedom) ** (-(self.rows_freedom + 1) / 2)  # of t, up to a factor
        left = (abs(difference) - grid * math.sqrt(self.rows)) / math.sqrt(self.seeds)
        return min(1.0, 2 * float(np.average(stdtr(self.seeds_freedom, -left), weights=density)))

    def _quantile(self, probability: float) -> float:
        from scipy.special import stdtrit

        return float(stdtrit(self.freedom, probability))


def over_rows(resampled: Float64s, units: int) -> Spread:
    """The uncertainty of the difference between trained models: other rows might have been sampled.

    Args:
        resampled: float64 (resamples, S), the difference of each seed on resampled rows.
        units: the number of rows, or blocks of them, that were resampled.
    """
    return Spread(float(np.var(resampled.mean(1))) * units / (units - 1), units - 1)


def over_rows_and_seeds(
    resampled: Float64s, units: int, differences: Float64s, split: Int64s | None = None
) -> Spread:
    """The uncertainty of the difference between methods: also other seeds might have been trained.

    Args:
        resampled: float64 (resamples, S), the difference of each seed on resampled rows.
        units: the number of rows, or blocks of them, that were resampled.
        differences: float64 (S,), the difference of each seed, at least two.
        split: int64 (S,), from 0: the split that each has predicted, of some that are given; None: all the same.
            The mean is that of the splits' means, and the variance over seeds is the same in each of them.
    """
    split = np.zeros(len(differences), dtype=np.int64) if split is None else split
    groups = [np.flatnonzero(split == number) for number in range(split.max() + 1)]
    unbiased, means = units / (units - 1), [resampled[:, own].mean(1) for own in groups]
    rows, both = float(np.var(np.mean(means, axis=0))) * unbiased, 0.0
    for own, mean in zip(groups, means, strict=True):
        if len(own) > 1:  # what rows give that differs between seeds
            alone = float(np.var(resampled[:, own], axis=0).mean() - np.var(mean)) * unbiased
            both += max(0.0, alone) / (len(own) - 1) / len(groups) ** 2
    freedom = len(differences) - len(groups)
    squares = sum(float(np.var(differences[own])) * len(own) for own in groups)
    seeds = squares / freedom * sum(1 / len(own) for own in groups) / len(groups) ** 2
    return Spread(max(0.0, rows - both), units - 1, seeds, freedom)


def over_rows_and_splits(resampled: Float64s, units: int, differences: Float64s) -> Spread:
    """The uncertainty of the difference between methods on other splits of the same data.

    The splits are a random sample of all that there are, so their means vary as their mean does. But rows that are
    in the test rows of several splits make the means alike: what they have in common is not in that variance, so
    the t test over splits is too confident (Nadeau and Bengio, 2003). Their correction assumes what test rows of
    this number share, and that all variance comes from them; here the covariance of the splits is that of rows
    that are resampled in all splits together.

    Args:
        resampled: float64 (resamples, P), the difference of each split on resampled rows, the mean over its seeds.
        units: the number of rows, or blocks of them, that were resampled.
        differences: float64 (P,), the difference of each split.
    """
    return replace(over_rows_and_seeds(resampled, units, differences), cautious=True)
