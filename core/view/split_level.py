"""Runs on several random splits of the same data (``data.split_seed=1,2,3``): one more level of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, variance

from core.printable import counted
from core.runs.result import Result
from core.types import Scores

KEY = "data.split_seed"

RowKey = tuple[object, ...]


def merged(groups: Sequence[list[Result]], row_key: Callable[[Result], RowKey]) -> list[list[Result]]:
    """Groups of runs with the same events, those of the same table together.

    Groups are of one table if a row is in both, with other split seeds.

    Args:
        groups: the runs of each split of the data.
        row_key: what a run has in common with the runs of its row, whatever the split and seed.
    """
    found: list[list[Result]] = []
    for group in groups:
        seeds = _seeds(group, row_key)
        alike = [other for other in found if _is_same_table(_seeds(other, row_key), seeds)]
        found = [other for other in found if other not in alike]
        found.append([run for part in [*alike, group] for run in part])
    return found


def _seeds(runs: Sequence[Result], row_key: Callable[[Result], RowKey]) -> dict[RowKey, set[int]]:
    """The split seeds of each row."""
    seeds: dict[RowKey, set[int]] = {}
    for run in runs:
        seeds.setdefault(row_key(run), set()).add(run.split_seed)
    return seeds


def _is_same_table(first: Mapping[RowKey, set[int]], second: Mapping[RowKey, set[int]]) -> bool:
    common = first.keys() & second.keys()
    return bool(common) and not any(first[key] & second[key] for key in common)


def by_split(runs: Sequence[Result]) -> dict[int, list[Result]]:
    """Split seed -> its runs."""
    found: dict[int, list[Result]] = {}
    for run in runs:
        found.setdefault(run.split_seed, []).append(run)
    return found


def mean_scores(found: Sequence[Scores]) -> Scores:
    """The mean of each metric over splits."""
    return {
        name: fmean(scores[name] for scores in found if name in scores) for name in (found[0] if found else {})
    }


def components(values: Sequence[float], splits: Sequence[int]) -> tuple[float | None, float | None]:
    """The standard deviations of the means of the splits, and of the seeds of a split; None where there is one.

    Args:
        values: the score of each run.
        splits: its split seed.
    """
    groups = [
        [v for v, own in zip(values, splits, strict=True) if own == split] for split in dict.fromkeys(splits)
    ]
    several = [group for group in groups if len(group) > 1]
    between = variance(map(fmean, groups)) ** 0.5 if len(groups) > 1 else None
    freedom = sum(len(group) - 1 for group in several)
    within = (sum(variance(group) * (len(group) - 1) for group in several) / freedom) ** 0.5 if several else None
    return between, within


def level_line(rows: Mapping[str, Sequence[Result]], split: str) -> str:
    """What the deviations of a column are over; empty where there is one split.

    Args:
        rows: the runs of each row.
        split: ``dev`` or ``test``.
    """
    runs = [own for own in rows.values() if own]
    splits = len({run.split_seed for own in runs for run in own})
    if splits < 2:
        return ""
    seeds = sorted({len(same) for own in runs for same in by_split(own).values()})
    number = str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    text = f"mean ± standard deviation over {splits} splits (data.split_seed)"
    text += f" x {number} seed{'s' if seeds[-1] > 1 else ''}"
    scores = [[run.metrics[split][run.primary] for run in own] for own in runs]
    found = [components(own, [r.split_seed for r in same]) for own, same in zip(scores, runs, strict=True)]
    parts = [
        f"{_range(deviations)} {which}"
        for which, deviations in zip(("between splits", "between seeds"), zip(*found, strict=True), strict=True)
        if any(deviation is not None for deviation in deviations)
    ]
    return f"{text}; the deviation is {' and '.join(parts)}" if parts else text


def _range(deviations: Sequence[float | None]) -> str:
    known = [deviation for deviation in deviations if deviation is not None]
    low, high = f"{min(known):.2f}", f"{max(known):.2f}"
    return low if low == high else f"{low} to {high}"


def size_text(runs: Sequence[Result], split: str) -> str:
    """The size of dev or test: ``200 rows, 3,000 tokens``, or ``3 splits of 200 rows``."""
    sizes = [own[0].events[split] for own in by_split(runs).values()]
    if len(sizes) == 1:
        return f"{counted(sizes[0]['rows'], 'row')}, {counted(sizes[0]['tokens'], 'token')}"
    rows = sorted({size["rows"] for size in sizes})
    number = f"{rows[0]:,}" if len(rows) == 1 else f"{rows[0]:,} to {rows[-1]:,}"
    return f"{len(sizes)} splits of {number} rows"
