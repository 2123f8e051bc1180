"""A verdict in plain English."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.verdicts.seeds import LEAST, THRESHOLD
from core.evaluation.verdicts.verdict import Difference, Verdict

MOST = 4  # names in a list before the rest is counted


def sentences(verdict: Verdict) -> list[str]:
    """What is separated and by how much, whether it is about models or methods, and what was detectable."""
    best = [pair for pair in verdict.pairs if pair.first == verdict.names[0]]
    deciding = next((pair for pair in best if pair.separated), best[0])
    seeds = sorted({pair.seeds for pair in verdict.pairs})
    number = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    trained = f"{number} {_plural('seed', seeds[-1])}"
    lines = [_separated(verdict, best, deciding), *_about(deciding, trained, seeds[0])]
    rows = f"{verdict.units:,} {_plural(verdict.unit, verdict.units)}"
    lines.append(
        f"A difference of {verdict.detectable:.2f} would be found 4 times in 5 with {rows} and {trained}."
    )
    return lines


def _separated(verdict: Verdict, best: Sequence[Difference], deciding: Difference) -> str:
    """What the best row is separated from."""
    name = verdict.names[0]
    worse = [pair.second for pair in best if pair.separated]
    others = [pair.second for pair in best if not pair.separated]
    if worse and others:
        text = f"{name} is better than {_listed(worse)}, {_gap(deciding, len(worse) > 1)}"
        return f"{text}; it is not separated from {_listed(others)}."
    if worse:
        text = f"every other row ({_listed(worse)})" if len(worse) > 1 else worse[0]
        return f"{name} is better than {text}, {_gap(deciding, len(worse) > 1)}."
    found = next((pair for pair in verdict.pairs if pair.separated), None)
    if found is not None:
        return f"{name} is not separated from any row; {found.first} is better than {found.second}, {_gap(found)}."
    if len(verdict.names) == 2:
        return f"{name} and {others[0]} are not separated: they differ {_gap(best[0])}."
    widest = max(verdict.pairs, key=lambda pair: abs(pair.difference))
    return f"No row is separated from another; {widest.first} and {widest.second} differ most, {_gap(widest)}."


def _gap(pair: Difference, named: bool = False) -> str:
    """How much the first row of a pair is better: a positive number, whichever direction is better."""
    sign = -1 if pair.difference < 0 else 1
    low, high = sorted((sign * pair.low, sign * pair.high))
    second = f" than {pair.second}" if named else ""
    size = f"by {abs(pair.difference):.2f}{second}"
    p = "p < 0.001" if pair.corrected_p < 0.001 else f"p = {pair.corrected_p:.3f}"
    return f"{size} (95 % interval {low:.2f} to {high:.2f}, {p})"


def _about(pair: Difference, trained: str, least: int) -> list[str]:
    """Whether the verdict is about trained models or about methods, and what the seeds say of the latter."""
    if pair.superiority is None or least < LEAST:
        return [
            f"This is about these trained models ({trained}), not about the methods: that takes {LEAST} seeds."
        ]
    found = pair.superiority
    order = "almost stochastic order" if found.epsilon_min < THRESHOLD else "no almost stochastic order"
    wins = (
        f"a run of {pair.first} is better than one of {pair.second} with a probability of {found.probability:.2f}"
    )
    interval = f"95 % interval {found.low:.2f} to {found.high:.2f}"
    return [f"Over {trained}, {wins} ({interval}; {order}, epsilon_min = {found.epsilon_min:.2f})."]


def _listed(names: Sequence[str]) -> str:
    """a, b and c; of many only the first."""
    if len(names) > MOST:
        names = [*names[: MOST - 1], f"{len(names) - MOST + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _plural(unit: str, number: int) -> str:
    """``row`` -> ``rows``, ``block of 8 rows`` -> ``blocks of 8 rows``."""
    word, _, rest = unit.partition(" ")
    return " ".join(filter(None, [word if number == 1 else f"{word}s", rest]))
