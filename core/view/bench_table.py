"""The benchmark table: a row an encoder, a column a task, the costs beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from core.experiment.grid import Failure
from core.runs.result import Result
from core.view.run_table import BASELINES, by_row, comparable, distinct, row_names, told_apart

COSTS = ("parameters", "tokens/s", "seconds")


@dataclass
class Cell:
    """One figure.

    Args:
        mean: over seeds; NaN where there is none.
        deviation: the standard deviation over seeds, None for one seed.
        runs: how many seeds.
        reason: why there is no figure.
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
    """What the figures of one column are.

    Args:
        name: the task, and what else was set differently where it has several columns.
        task: the task.
        metric: its primary metric.
        minimize: whether less is better.
        fingerprint: of the scored events; empty where every run failed.
    """

    name: str
    task: str
    metric: str
    minimize: bool
    fingerprint: str = ""


@dataclass
class Matrix:
    """One table: all that ran on one data set.

    Args:
        data: the data set.
        columns: one a task and fingerprint.
        rows: a row's name -> a cell a column.
        costs: a row's name -> parameters (the largest), training tokens/s (mean), seconds (of all tasks, a seed).
        baselines: ceiling, most frequent and chance -> a cell a column.
        failures: what failed, and why.
    """

    data: str
    columns: list[Column]
    rows: dict[str, list[Cell]]
    costs: dict[str, list[float]]
    baselines: dict[str, list[Cell]]
    failures: list[str]


def matrices(results: Sequence[Result], failures: Sequence[Failure] = ()) -> list[Matrix]:
    """One matrix a data set; results whose fingerprints differ get columns of their own.

    Args:
        results: the runs of a grid.
        failures: the cells that failed.
    """
    names, results = row_names(results), distinct(results)
    made = []
    for data in dict.fromkeys([*(r.data for r in results), *(f.config.data.name for f in failures)]):
        here = [r for r in results if r.data == data]
        made.append(_matrix(data, here, [f for f in failures if f.config.data.name == data], names))
    return made


def _matrix(data: str, here: Sequence[Result], failed: Sequence[Failure], names: Mapping[str, str]) -> Matrix:
    columns, runs = _columns(here, failed), by_row(here, names)
    faults: dict[str, list[Failure]] = {}
    for failure in failed:
        faults.setdefault(_row_of(failure, runs), []).append(failure)
    runs = {name: runs.get(name, []) for name in [*runs, *faults]}
    rows = {name: [_cell(column, runs[name], faults.get(name, [])) for column in columns] for name in runs}
    costs = {name: _costs(runs[name]) for name in runs}
    baselines = {b: [_baseline(_of(column, here), b) for column in columns] for b in BASELINES}
    told = [f"{f.config.task.name} {f.config.encoder.name}: {f.error}" for f in failed]
    return Matrix(data, columns, rows, costs, baselines, told)


def _columns(results: Sequence[Result], failures: Sequence[Failure]) -> list[Column]:
    """The columns of one data set: a task whose cells all failed has one too."""
    groups = [group[0] for group in comparable(results)]
    names = told_apart([(r.task, "", _of_column(r.config), ()) for r in groups])
    columns = [
        Column(name, r.task, r.primary, r.minimize, r.fingerprints["test"])
        for name, r in zip(names, groups, strict=True)
    ]
    known = {column.task for column in columns}
    failed = {f.config.task.name: f.config.task.load() for f in failures if f.config.task.name not in known}
    return columns + [
        Column(name, name, getattr(task, "primary", "score"), task.minimize) for name, task in failed.items()
    ]


def _of_column(config: Mapping[str, Any]) -> dict[str, Any]:
    """The options that decide what is scored."""
    return {key: value for key, value in config.items() if key.startswith(("task.", "data."))}


def _of(column: Column, results: Sequence[Result]) -> list[Result]:
    return [r for r in results if (r.task, r.fingerprints["test"]) == (column.task, column.fingerprint)]


def _row_of(failure: Failure, runs: Mapping[str, Sequence[Result]]) -> str:
    """The row of the same encoder and embedding where there is one alone, else one of the encoder's name."""
    config = failure.config
    kind = config.encoder.name, "+".join(config.embeddings)
    same = [name for name, some in runs.items() if (some[0].encoder, some[0].embedding) == kind]
    return same[0] if len(same) == 1 else config.encoder.name


def _cell(column: Column, runs: Sequence[Result], failures: Sequence[Failure]) -> Cell:
    """The figure of a row, or why it has none."""
    scores = [r.score for r in _of(column, runs)]
    if not scores:
        return Cell(reason=next((str(f.error) for f in failures if f.config.task.name == column.task), ""))
    spread = stdev(scores) if len(scores) > 1 and all(map(math.isfinite, scores)) else None
    return Cell(fmean(scores), spread, len(scores))


def _baseline(runs: Sequence[Result], name: str) -> Cell:
    """A baseline of a column; of several ceilings (readers of one side and of both) the highest."""
    found = [r.baselines[name][r.primary] for r in runs if r.baselines.get(name)]
    if not found:
        return Cell()
    return Cell(min(found) if runs[0].minimize else max(found), None, 1)


def _costs(runs: Sequence[Result]) -> list[float]:
    if not runs:
        return [math.nan] * len(COSTS)
    tasks = dict.fromkeys(r.task for r in runs)
    seconds = sum(fmean(r.cost["seconds"] for r in runs if r.task == task) for task in tasks)
    speed = fmean(r.cost["train_tokens_per_second"] for r in runs)
    return [max(r.cost["parameters"] for r in runs), speed, seconds]


def sort_rows(matrix: Matrix, key: str) -> bool:
    """Order the rows by a column, the best first; False where the matrix has no such column.

    Args:
        matrix: changed in place.
        key: a task, ``encoder``, or a cost.
    """
    columns = [column.task for column in matrix.columns]
    if key == "encoder":
        order: dict[str, Any] = {name: name for name in matrix.rows}
    elif key in COSTS:
        order = {name: _last(costs[COSTS.index(key)]) for name, costs in matrix.costs.items()}
    elif key in columns:
        at = columns.index(key)
        sign = 1 if matrix.columns[at].minimize else -1
        order = {name: _last(sign * cells[at].mean) for name, cells in matrix.rows.items()}
    else:
        return False
    matrix.rows = {name: matrix.rows[name] for name in sorted(matrix.rows, key=order.__getitem__)}
    return True


def _last(value: float) -> float:
    return math.inf if math.isnan(value) else value
