"""The verdict on one column of a table: each pair of its rows compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from core.evaluation.verdicts import letters
from core.evaluation.verdicts.pairing import Pairing, Runs, pair_runs
from core.evaluation.verdicts.resampling import EXCHANGES, RESAMPLES, bootstrap, exchange_tests
from core.evaluation.verdicts.seeds import LEAST, Superiority, superiority
from core.evaluation.verdicts.spread import Spread, over_rows, over_rows_and_seeds, over_rows_and_splits
from core.row_sums import Formula
from core.types import Float64s

LEVEL = 0.05  # of the tests, for all pairs of a column together

About = Literal["models", "methods", "splits"]
"""What a verdict is about: ``models``: these trained models, on other rows; ``methods``: the methods on these
splits, also with other seeds; ``splits``: the methods, also on other splits of the same data."""


@dataclass(frozen=True, eq=False)
class Scored:
    """The runs of one column.

    Args:
        metric: what they are compared by.
        minimize: whether less is better.
        names: the rows of the table.
        runs: for each row, the key of a run (its seed, or its split and seed) -> the place of the run in ``sums``.
        sums: float64 (U, M, D), what each of U units (rows of the data, or blocks) adds to each run's score; 0
            where the split of the run does not have it.
        formula: the score from sums over units.
        unit: what a unit is: ``row``, ``block of 8 rows``.
        fixed: the rows of the table whose training depends on no seed.
        splits: the split of each run (M,); empty where all have the same.
    """

    metric: str
    minimize: bool
    names: Sequence[str]
    runs: Sequence[Runs]
    sums: Float64s
    formula: Formula
    unit: str = "row"
    fixed: frozenset[str] = frozenset()
    splits: Sequence[int] = ()


@dataclass(frozen=True)
class Difference:
    """Two rows of the table compared.

    Args:
        first: the row with the better score.
        second: the other one.
        difference: first minus second, the mean over the splits, and in each over the seeds, that both have.
        low: lower end of the 95 % interval.
        high: upper end.
        p: the p-value.
        corrected_p: the p-value corrected by Holm's method for the pairs of the column.
        seeds: how many seeds both have, in the split with the fewest.
        about: see ``About``.
        superiority: how the runs of the two compare, from 5 seeds on, on one split.
        splits: how many splits of the data both have.
        runs: how many pairs of runs both have.
        won: on how many of the splits the first is better.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    corrected_p: float
    seeds: int
    about: About
    superiority: Superiority | None = None
    splits: int = 1
    runs: int = 1
    won: int = 0

    @property
    def separated(self) -> bool:
        """Whether the first is better by more than chance explains."""
        return self.corrected_p <= LEVEL


@dataclass(frozen=True)
class Verdict:
    """What the runs of a column show.

    Args:
        metric: what they are compared by.
        names: the rows of the table, best first.
        letters: one text per row; rows that share a letter are not separated.
        ranks: the best and the worst rank that each row may have.
        pairs: every pair of rows, in the order of ``names``.
        detectable: the smallest difference that a typical pair would have shown with a probability of 80 %.
        units: how many rows, or blocks of them, were resampled.
        unit: what a unit is.
    """

    metric: str
    names: tuple[str, ...]
    letters: tuple[str, ...]
    ranks: tuple[tuple[int, int], ...]
    pairs: tuple[Difference, ...]
    detectable: float
    units: int
    unit: str

    @property
    def winner(self) -> str | None:
        """The best row if it is separated from every other one."""
        first = self.names[0]
        return first if all(pair.separated for pair in self.pairs if pair.first == first) else None

    def rows_json(self) -> dict[str, dict[str, Any]]:
        """The letters and ranks of each row as JSON data."""
        rows = zip(self.names, self.letters, self.ranks, strict=True)
        return {name: {"letters": own, "ranks": list(ranks)} for name, own, ranks in rows}

    def to_json(self) -> dict[str, Any]:
        """The verdict as JSON data, without what ``rows_json`` says."""
        pairs = [asdict(pair) | {"separated": pair.separated} for pair in self.pairs]
        about = {"detectable": self.detectable, "units": self.units, "unit": self.unit}
        return {"metric": self.metric, **about, "pairs": pairs}


def verdict(scored: Scored, *, resamples: int = RESAMPLES, exchanges: int = EXCHANGES) -> Verdict:
    """Compare every pair of rows of a column.

    Args:
        scored: at least two rows with finite scores, and two units; each pair of rows has a seed in common.
        resamples: of the rows of the data, for the intervals.
        exchanges: of the two rows of a pair, for the p-values.
    """
    scores = scored.formula(scored.sums.sum(0))  # (M,)
    means = [_mean(scored, scores, list(runs.values())) for runs in scored.runs]
    order = sorted(range(len(means)), key=lambda row: means[row] if scored.minimize else -means[row])
    indices = list(combinations(order, 2))
    pairings = [_pairing(scored, first, second) for first, second in indices]
    resampled = bootstrap(scored.sums, scored.formula, resamples)  # (resamples, M)
    if scored.splits:  # a resample of all rows may have none of a small split
        resampled = resampled[np.isfinite(resampled).all(axis=1)]
    found = exchange_tests(scored.sums, scored.formula, pairings, exchanges)  # (P,)
    spreads, p_values = [], []
    for pairing, p in zip(pairings, found.tolist(), strict=True):
        gaps = scores[pairing.first] - scores[pairing.second]  # (S,)
        resampled_gaps = resampled[:, pairing.first] - resampled[:, pairing.second]  # (resamples, S)
        spread, p = _tested(pairing, gaps, resampled_gaps, len(scored.sums), p, 1 / (1 + exchanges))
        gap = gaps @ pairing.weights
        reversed_gap = gap > 0 if scored.minimize else gap < 0  # in the runs that both have
        spreads.append(spread)
        p_values.append(1.0 if reversed_gap else p)
    corrected = letters.holm(np.array(p_values)).tolist()
    compared = zip(indices, pairings, spreads, p_values, corrected, strict=True)
    return _assembled(scored, order, [_difference(scored, scores, *each) for each in compared], spreads)


def _about(pairing: Pairing) -> About:
    """What so many splits and seeds can say; five of something have four degrees of freedom."""
    if pairing.splits >= LEAST:
        return "splits"
    return "methods" if len(pairing.split) - pairing.splits >= LEAST - 1 else "models"


def _tested(
    pairing: Pairing, gaps: Float64s, resampled: Float64s, units: int, p: float, least: float
) -> tuple[Spread, float]:
    """The uncertainty of a difference and its p-value.

    Args:
        pairing: the runs.
        gaps: float64 (S,), the difference of each pair of runs.
        resampled: float64 (resamples, S), the same on resampled rows.
        units: the number of units that were resampled.
        p: the p-value of exchanged rows.
        least: the smallest p-value that random exchanges can give; beyond it is the tail of Student's t.
    """
    by_split, about = resampled @ pairing.by_split.T, _about(pairing)  # (resamples, P)
    models, difference = over_rows(by_split, units), float(gaps @ pairing.weights)
    if p == least:
        p = min(p, models.p_value(difference))
    if about == "models":
        return models, p
    if about == "splits":
        methods = over_rows_and_splits(by_split, units, pairing.by_split @ gaps)
    else:
        methods = over_rows_and_seeds(resampled, units, gaps, pairing.split)
    return methods, max(p, methods.p_value(difference))  # these models differ, and so would others


def _difference(
    scored: Scored,
    scores: Float64s,
    rows: tuple[int, int],
    pairing: Pairing,
    spread: Spread,
    p: float,
    corrected: float,
) -> Difference:
    """One pair of rows of the table, the better one first."""
    first, second = scores[pairing.first], scores[pairing.second]  # (S,) each
    difference, sign = float((first - second) @ pairing.weights), -1 if scored.minimize else 1
    about, by_split = _about(pairing), pairing.by_split @ (first - second)
    many = about == "methods" and pairing.splits == 1
    if about == "models" and not pairing.seeded:
        about = "methods"  # another seed gives the same models
    return Difference(
        first=scored.names[rows[0]],
        second=scored.names[rows[1]],
        difference=difference,
        low=difference - spread.margin,
        high=difference + spread.margin,
        p=p,
        corrected_p=corrected,
        seeds=int(np.bincount(pairing.split).min()),
        about=about,
        superiority=superiority(sign * first, sign * second) if many else None,
        splits=pairing.splits,
        runs=len(first),
        won=int((sign * by_split > 0).sum()),
    )


def _assembled(
    scored: Scored, order: Sequence[int], pairs: Sequence[Difference], spreads: Sequence[Spread]
) -> Verdict:
    """The letters and ranks that follow from the pairs."""
    names = [scored.names[row] for row in order]
    places = combinations(range(len(names)), 2)
    separated = [place for place, pair in zip(places, pairs, strict=True) if pair.separated]
    return Verdict(
        metric=scored.metric,
        names=tuple(names),
        letters=tuple(letters.letter_display(len(names), separated)),
        ranks=tuple(letters.rank_intervals(len(names), separated)),
        pairs=tuple(pairs),
        detectable=float(np.median([spread.detectable(LEVEL / len(pairs)) for spread in spreads])),
        units=len(scored.sums),
        unit=scored.unit,
    )


def _pairing(scored: Scored, first: int, second: int) -> Pairing:
    """The runs of two rows of the table that are compared."""
    fixed = scored.names[first] in scored.fixed, scored.names[second] in scored.fixed
    return pair_runs(scored.runs[first], scored.runs[second], fixed, scored.splits)


def _mean(scored: Scored, scores: Float64s, places: Sequence[int]) -> float:
    """The mean score of a row of the table: of its splits, and in each of its seeds."""
    by_split: dict[int, list[float]] = {}
    for place in places:
        by_split.setdefault(scored.splits[place] if scored.splits else 0, []).append(float(scores[place]))
    return float(np.mean([np.mean(own) for own in by_split.values()]))
