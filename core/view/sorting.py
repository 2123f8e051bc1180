"""The order of the rows of a table: ``sort=[-]KEY``, the best first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from core.errors import UnknownName, closest, nearest
from core.runs import keys
from core.runs.keys import COSTS, SPLITS
from core.runs.result import Result

NAME = "encoder"  # sorts by the names of the rows
HIGHER = "tokens/s"  # the only cost of which more is better


def sort_keys(tasks: Iterable[str]) -> list[str]:
    """The keys that sort the tables of some tasks; a score takes ``.METRIC`` after its task."""
    tasks = list(dict.fromkeys(tasks))
    return [NAME, *(f"{split}.{task}" for split in SPLITS for task in tasks), *tasks, *COSTS]


def check_sort(key: str, tasks: Iterable[str]) -> None:
    """Raise UnknownName, with the keys that there are, for a key that sorts no table of these tasks."""
    known, name = sort_keys(tasks), key.removeprefix("-")
    split, _, rest = name.partition(".")
    without_metric = f"{split}.{rest.partition('.')[0]}"
    if name not in known and without_metric not in known:
        shape = "" if closest(name, known) else "; a score is SPLIT.TASK or SPLIT.TASK.METRIC"
        remedy = nearest(name, known) + shape
        raise UnknownName(f"there is no column '{name}'", where="sort", remedy=remedy)


def sorted_rows(
    rows: Mapping[str, Sequence[Result]], key: str, split: str, costs: Mapping[str, float] | None = None
) -> list[str]:
    """The names of rows in the order of a key, those without a value last; rows of other tasks stay as they are.

    Args:
        rows: the name of each row, and its runs.
        key: of ``sort_keys``, with ``-`` in front for the worst first.
        split: what a task without a split means.
        costs: the value of each row, where the key is a cost; None takes the mean over its runs.
    """
    is_turned, name = key.startswith("-"), key.removeprefix("-")
    if name == NAME:
        return sorted(rows, reverse=is_turned)
    full = name if name in COSTS or name.partition(".")[0] in SPLITS else f"{split}.{name}"
    runs = [run for group in rows.values() for run in group]
    values = costs if costs is not None else {row: _mean(group, full) for row, group in rows.items()}
    numbers = {row: number for row in rows if (number := values[row]) is not None and not math.isnan(number)}
    known = sorted(numbers, key=lambda row: numbers[row], reverse=_less_is_better(runs, full) == is_turned)
    return known + [row for row in rows if row not in numbers]


def sorted_runs(results: Sequence[Result], key: str) -> list[Result]:
    """Runs in the order of a key of ``core.runs.keys`` or ``when``: the best scores first, other values upwards.

    Runs without a value are last; ``-`` in front of the key turns the order of the others.

    Raises:
        UnknownName: no run has the key.
    """
    is_turned, name = key.startswith("-"), key.removeprefix("-")
    if name == "when":
        return list(results)[:: -1 if is_turned else 1]  # they are stored in this order
    keys.check_key(results, name, "sort")
    values = {id(run): keys.value(run, name) for run in results}
    known = [run for run in results if values[id(run)] is not None]
    is_score = name == keys.SCORE or name.partition(".")[0] in SPLITS

    def order(run: Result) -> tuple[bool, float, str]:
        number = keys.number(values[id(run)])
        sign = -1 if name == HIGHER or is_score and not run.minimize else 1
        return number is None, sign * (number or 0.0), str(values[id(run)])

    known.sort(key=order, reverse=is_turned)
    return known + [run for run in results if values[id(run)] is None]


def _less_is_better(runs: Sequence[Result], key: str) -> bool:
    """Whether the best value of a cost is the lowest; for a score, whether the task is minimized."""
    if key in COSTS:
        return key != HIGHER
    task = key.split(".")[1]
    return any(run.minimize for run in runs if run.task == task)


def _mean(runs: Sequence[Result], key: str) -> float | None:
    """The mean of a number over the runs that have it."""
    found = [number for run in runs if isinstance(number := keys.value(run, key), int | float)]
    return fmean(found) if found else None


def unknown_metric(runs: Sequence[Result], key: str | None) -> UnknownName | None:
    """The error of a key whose task has no such metric, which only its runs tell; None where it has."""
    split, _, rest = (key or "").removeprefix("-").partition(".")
    task, _, metric = rest.partition(".")
    tests = [run.metrics.get(split, {}) for run in runs if run.task == task]
    known = list(dict.fromkeys(name for scores in tests for name in scores))
    if not metric or not known or metric in known:
        return None
    return UnknownName(f"task={task} has no metric '{metric}'", where="sort", remedy=nearest(metric, known))
