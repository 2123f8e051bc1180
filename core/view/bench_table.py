"""The benchmark table: one row per encoder, one column per task, then the costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from core.experiment.grid import Failure
from core.runs.result import Result
from core.view.run_table import BASELINES, by_row, comparable, distinct, distinguishing_names, row_names

COSTS = ("parameters", "tokens/s", "seconds")


@dataclass
class Score:
    """One number of the table.

    Args:
        mean: over seeds; NaN if there is none.
        deviation: the standard deviation over seeds, None for one seed.
        runs: the number of seeds.
        reason: why there is no score.
    """

    mean: float = math.nan
    deviation: float | None = None
    runs: int = 0
    reason: str = ""

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "failed" if self.reason else "-"
        text = f"{self.mean:,.2f}" if math.isfinite(self.mean) else "inf"
        return text if self.deviation is None else f"{text} ± {self.deviation:.2f}"


@dataclass(frozen=True)
class Column:
    """What one column shows.

    Args:
        name: the task, and the options that differ if it has several columns.
        task: the task.
        metric: its primary metric.
        minimize: whether less is better.
        fingerprint: the hash of the scored events; empty if every run failed.
    """

    name: str
    task: str
    metric: str
    minimize: bool
    fingerprint: str = ""


@dataclass
class BenchTable:
    """Everything that ran on one data set.

    Args:
        data: the data set.
        columns: one per task and fingerprint.
        rows: name -> one score per column.
        costs: name -> parameters (maximum), training tokens/s (mean), seconds (per seed, of all tasks).
        baselines: ceiling, most frequent and chance -> one score per column.
        failures: what failed, and why.
    """

    data: str
    columns: list[Column]
    rows: dict[str, list[Score]]
    costs: dict[str, list[float]]
    baselines: dict[str, list[Score]]
    failures: list[str]


def bench_tables(results: Sequence[Result], failures: Sequence[Failure] = ()) -> list[BenchTable]:
    """One table per data set; results with different fingerprints are in different columns.

    Args:
        results: the runs of a grid.
        failures: the runs that failed.
    """
    names, results = row_names(results), distinct(results)
    tables = []
    for data in dict.fromkeys([*(r.data for r in results), *(f.config.data.name for f in failures)]):
        group = [r for r in results if r.data == data]
        tables.append(_table(data, group, [f for f in failures if f.config.data.name == data], names))
    return tables


def _table(
    data: str, results: Sequence[Result], failures: Sequence[Failure], names: Mapping[str, str]
) -> BenchTable:
    columns, runs = _columns(results, failures), by_row(results, names)
    failed: dict[str, list[Failure]] = {}
    for failure in failures:
        failed.setdefault(_row_of(failure, runs), []).append(failure)
    runs = {name: runs.get(name, []) for name in [*runs, *failed]}
    rows = {name: [_score(column, runs[name], failed.get(name, [])) for column in columns] for name in runs}
    costs = {name: _costs(runs[name]) for name in runs}
    baselines = {b: [_baseline(_of(column, results), b) for column in columns] for b in BASELINES}
    reasons = [f"{f.config.task.name} {f.config.encoder.name}: {f.error}" for f in failures]
    return BenchTable(data, columns, rows, costs, baselines, reasons)


def _columns(results: Sequence[Result], failures: Sequence[Failure]) -> list[Column]:
    """The columns of one data set; a task whose runs all failed has one too."""
    groups = [group[0] for group in comparable(results)]
    names = distinguishing_names([(r.task, "", _scoring_options(r.config), ()) for r in groups])
    columns = [
        Column(name, r.task, r.primary, r.minimize, r.fingerprints["test"])
        for name, r in zip(names, groups, strict=True)
    ]
    known = {column.task for column in columns}
    failed = {f.config.task.name: f.config.task.load() for f in failures if f.config.task.name not in known}
    return columns + [
        Column(name, name, getattr(task, "primary", "score"), task.minimize) for name, task in failed.items()
    ]


def _scoring_options(config: Mapping[str, Any]) -> dict[str, Any]:
    """The options that decide what is scored."""
    return {key: value for key, value in config.items() if key.startswith(("task.", "data."))}


def _of(column: Column, results: Sequence[Result]) -> list[Result]:
    return [r for r in results if (r.task, r.fingerprints["test"]) == (column.task, column.fingerprint)]


def _row_of(failure: Failure, runs: Mapping[str, Sequence[Result]]) -> str:
    """The row of the same encoder and embedding if there is exactly one, else a row named after the encoder."""
    config = failure.config
    pair = config.encoder.name, "+".join(config.embeddings)
    same = [name for name, results in runs.items() if (results[0].encoder, results[0].embedding) == pair]
    return same[0] if len(same) == 1 else config.encoder.name


def _score(column: Column, runs: Sequence[Result], failures: Sequence[Failure]) -> Score:
    """The score of a row in a column, or why it has none."""
    scores = [r.score for r in _of(column, runs)]
    if not scores:
        return Score(reason=next((str(f.error) for f in failures if f.config.task.name == column.task), ""))
    spread = stdev(scores) if len(scores) > 1 and all(map(math.isfinite, scores)) else None
    return Score(fmean(scores), spread, len(scores))


def _baseline(runs: Sequence[Result], name: str) -> Score:
    """A baseline of a column; of several ceilings (for readers of one side and of both) the best."""
    values = [r.baselines[name][r.primary] for r in runs if r.baselines.get(name)]
    if not values:
        return Score()
    return Score(min(values) if runs[0].minimize else max(values), None, 1)


def _costs(runs: Sequence[Result]) -> list[float]:
    if not runs:
        return [math.nan] * len(COSTS)
    tasks = dict.fromkeys(r.task for r in runs)
    seconds = sum(fmean(r.cost["seconds"] for r in runs if r.task == task) for task in tasks)
    speed = fmean(r.cost["train_tokens_per_second"] for r in runs)
    return [max(r.cost["parameters"] for r in runs), speed, seconds]


def sort_rows(table: BenchTable, key: str) -> bool:
    """Sort the rows by a column, the best first; returns False if the table has no such column.

    Args:
        table: changed in place.
        key: a task, ``encoder``, or a cost.
    """
    tasks = [column.task for column in table.columns]
    if key == "encoder":
        order: dict[str, Any] = {name: name for name in table.rows}
    elif key in COSTS:
        order = {name: _nan_last(costs[COSTS.index(key)]) for name, costs in table.costs.items()}
    elif key in tasks:
        index = tasks.index(key)
        sign = 1 if table.columns[index].minimize else -1
        order = {name: _nan_last(sign * scores[index].mean) for name, scores in table.rows.items()}
    else:
        return False
    table.rows = {name: table.rows[name] for name in sorted(table.rows, key=order.__getitem__)}
    return True


def _nan_last(value: float) -> float:
    return math.inf if math.isnan(value) else value
