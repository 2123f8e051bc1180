"""A verdict in plain English."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.verdicts.seeds import LEAST, THRESHOLD
from core.evaluation.verdicts.verdict import Difference, Verdict

MOST = 4  # names in a list before the rest is counted


def sentences(verdict: Verdict) -> list[str]:
    """What is separated and by how much, what the seeds or splits say of the methods, and what was detectable."""
    best = [pair for pair in verdict.pairs if pair.first == verdict.names[0]]
    deciding = next((pair for pair in best if pair.separated), best[0])
    found = f"A difference of {verdict.detectable:.2f} would be found 4 times in 5"
    rows = f"{verdict.units:,} {_plural(verdict.unit, verdict.units)}"
    detectable = f"{found} with {rows} and {_runs(verdict.pairs)}."
    shown = [detectable] if verdict.detectable else []  # 0: every row of the data has the same difference
    return [
        _separated(verdict, best, deciding),
        *_over_splits(_named(verdict, best, deciding)),
        *_over_seeds(deciding),
        *shown,
    ]


def about(verdicts: Sequence[Verdict]) -> list[str]:
    """What verdicts with few seeds or with several splits are about."""
    pairs = [pair for verdict in verdicts for pair in verdict.pairs]
    models = [pair for pair in pairs if pair.about == "models"]
    given = [pair for pair in pairs if pair.about == "methods" and pair.splits > 1]
    new = [pair for pair in pairs if pair.about == "splits"]
    found = []
    for what, own in (("few seeds", models), ("few splits", given), (f"{LEAST} splits or more", new)):
        start = "This is" if len(own) == len(pairs) else f"Pairs with {what} are"
        found += [f"{start} about {_about(own)}."] if own else []
    return found


def _about(pairs: Sequence[Difference]) -> str:
    """What pairs of one kind are about."""
    runs, several = _runs(pairs), any(pair.splits > 1 for pair in pairs)
    if pairs[0].about == "models":
        enough = f"more seeds, or {LEAST} splits" if several else f"{LEAST} seeds"
        return f"these trained models ({runs}), not about the methods: that takes {enough}"
    if pairs[0].about == "methods":
        return f"the methods on these splits ({runs}), not on other splits of the data: that takes {LEAST} splits"
    return f"the methods on other splits of the same data ({runs}), not on other data"


def _runs(pairs: Sequence[Difference]) -> str:
    """How many seeds, or splits and seeds, pairs have: ``3 seeds``, ``1 to 5 seeds``, ``5 splits x 3 seeds``."""
    seeds, most = sorted({pair.seeds for pair in pairs}), max(-(-pair.runs // pair.splits) for pair in pairs)
    text = _number([*seeds, most] if any(pair.splits > 1 for pair in pairs) else seeds, "seed")
    splits = sorted({pair.splits for pair in pairs})
    return text if splits == [1] else f"{_number(splits, 'split')} x {text}"


def _number(numbers: Sequence[int], unit: str) -> str:
    number = f"{min(numbers)}" if min(numbers) == max(numbers) else f"{min(numbers)} to {max(numbers)}"
    return f"{number} {_plural(unit, max(numbers))}"


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
    found = _named(verdict, best, deciding)
    if found.separated:
        return f"{name} is not separated from any row; {found.first} is better than {found.second}, {_gap(found)}."
    if all(pair.p == 1 and pair.low == pair.high for pair in verdict.pairs):
        return f"{_listed(verdict.names)} have the same score in every row of the data."
    if len(verdict.names) == 2:
        return f"{name} and {others[0]} are not separated: they differ {_gap(best[0])}."
    return f"No row is separated from another; {found.first} and {found.second} differ most, {_gap(found)}."


def _named(verdict: Verdict, best: Sequence[Difference], deciding: Difference) -> Difference:
    """The pair whose difference is shown: of the best row, else the first that is separated, else the widest."""
    if deciding.separated or len(verdict.names) == 2:
        return deciding
    widest = max(verdict.pairs, key=lambda pair: abs(pair.difference))
    return next((pair for pair in verdict.pairs if pair.separated), widest)


def _gap(pair: Difference) -> str:
    """How much the first row of a pair is better: a positive number, whichever direction is better."""
    sign = -1 if pair.difference < 0 else 1
    low, high = sorted((sign * pair.low, sign * pair.high))
    p = "p < 0.001" if pair.corrected_p < 0.001 else f"p = {pair.corrected_p:.3f}"
    return f"by {abs(pair.difference):.2f} (95 % interval {low:.2f} to {high:.2f}, {p})"


def _over_splits(pair: Difference) -> list[str]:
    """On how many splits the better row of a pair is better."""
    if pair.splits == 1:
        return []
    won = "all" if pair.won == pair.splits else f"{pair.won} of"
    return [f"On {won} {pair.splits} splits, {pair.first} scores better than {pair.second}."]


def _over_seeds(pair: Difference) -> list[str]:
    """What five or more seeds say of the methods of a pair."""
    if pair.superiority is None:
        return []
    found = pair.superiority
    order = "almost stochastic order" if found.epsilon_min < THRESHOLD else "no almost stochastic order"
    wins = f"a run of {pair.first} is better than one of {pair.second} with a probability of"
    interval = f"95 % interval {found.low:.2f} to {found.high:.2f}"
    seeds = f"Over {_runs([pair])}, {wins} {found.probability:.2f}"
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
