"""A verdict in plain English."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.verdicts.seeds import LEAST, THRESHOLD
from core.evaluation.verdicts.verdict import Difference, Verdict

MOST = 4  # names in a list before the rest is counted


def sentences(verdict: Verdict) -> list[str]:
    """What is separated and by how much, what the seeds say of the methods, and what was detectable."""
    best = [pair for pair in verdict.pairs if pair.first == verdict.names[0]]
    deciding = next((pair for pair in best if pair.separated), best[0])
    found = f"A difference of {verdict.detectable:.2f} would be found 4 times in 5"
    rows = f"{verdict.units:,} {_plural(verdict.unit, verdict.units)}"
    detectable = f"{found} with {rows} and {_seeds(verdict.pairs)}."
    shown = [detectable] if verdict.detectable else []  # 0: every row of the data has the same difference
    return [_separated(verdict, best, deciding), *_over_seeds(deciding), *shown]


def about_models(verdicts: Sequence[Verdict]) -> str:
    """That verdicts with few seeds are about trained models; empty where none is."""
    few = [pair for verdict in verdicts for pair in verdict.pairs if pair.about == "models"]
    if not few:
        return ""
    every = len(few) == sum(len(verdict.pairs) for verdict in verdicts)
    start = "This is" if every else "Pairs with few seeds are"
    return f"{start} about these trained models ({_seeds(few)}), not about the methods: that takes {LEAST} seeds."


def _seeds(pairs: Sequence[Difference]) -> str:
    """How many seeds pairs have: ``3 seeds``, ``1 to 5 seeds``."""
    seeds = sorted({pair.seeds for pair in pairs})
    number = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    return f"{number} {_plural('seed', seeds[-1])}"


def _separated(verdict: Verdict, best: Sequence[Difference], deciding: Difference) -> str:
    """What the best row is separated from."""
    name = verdict.names[0]
    worse = [pair.second for pair in best if pair.separated]
    others = [pair.second for pair in best if not pair.separated]
    closest = f"; the closest is {deciding.second}" if len(worse) > 1 else ""
    if worse and others:
        better = f"{name} is better than {_listed(worse)}{closest}, {_gap(deciding)}."
        return f"{better} It is not separated from {_listed(others)}."
    if worse:
        text = "every other row" if len(worse) > 1 else worse[0]
        return f"{name} is better than {text}{closest}, {_gap(deciding)}."
    found = next((pair for pair in verdict.pairs if pair.separated), None)
    if found is not None:
        return f"{name} is not separated from any row; {found.first} is better than {found.second}, {_gap(found)}."
    if all(pair.p == 1 and pair.low == pair.high for pair in verdict.pairs):
        return f"{_listed(verdict.names)} have the same score in every row of the data."
    if len(verdict.names) == 2:
        return f"{name} and {others[0]} are not separated: they differ {_gap(best[0])}."
    widest = max(verdict.pairs, key=lambda pair: abs(pair.difference))
    return f"No row is separated from another; {widest.first} and {widest.second} differ most, {_gap(widest)}."


def _gap(pair: Difference) -> str:
    """How much the first row of a pair is better: a positive number, whichever direction is better."""
    sign = -1 if pair.difference < 0 else 1
    low, high = sorted((sign * pair.low, sign * pair.high))
    p = "p < 0.001" if pair.corrected_p < 0.001 else f"p = {pair.corrected_p:.3f}"
    return f"by {abs(pair.difference):.2f} (95 % interval {low:.2f} to {high:.2f}, {p})"


def _over_seeds(pair: Difference) -> list[str]:
    """What five or more seeds say of the methods of a pair."""
    if pair.superiority is None:
        return []
    found = pair.superiority
    order = "almost stochastic order" if found.epsilon_min < THRESHOLD else "no almost stochastic order"
    wins = f"a run of {pair.first} is better than one of {pair.second} with a probability of"
    interval = f"95 % interval {found.low:.2f} to {found.high:.2f}"
    seeds = f"Over {_seeds([pair])}, {wins} {found.probability:.2f}"
    return [f"{seeds} ({interval}; {order}, epsilon_min = {found.epsilon_min:.2f})."]


def _listed(names: Sequence[str]) -> str:
    """a, b and c; of many only the first."""
    if len(names) > MOST:
        names = [*names[: MOST - 1], f"{len(names) - MOST + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _plural(unit: str, number: int) -> str:
    """``row`` -> ``rows``, ``block of 8 rows`` -> ``blocks of 8 rows``."""
    word, _, rest = unit.partition(" ")
    return " ".join(filter(None, [word if number == 1 else f"{word}s", rest]))
