"""The benchmark table: one row per encoder, one column per task, then the costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from core.experiment.grid import Failure
from core.runs.result import Result
from core.view import run_table
from core.view.run_table import BASELINES, Score, by_row, comparable, distinct, grouped, row_names

COSTS = ("parameters", "tokens/s", "seconds")


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
    """One table per data set, of a grid's runs and failures; different fingerprints are in different columns."""
    names, results = row_names(results), distinct(results)
    runs, failed = grouped(results, lambda r: r.data), grouped(failures, lambda f: f.config.data.name)
    return [_table(data, runs.get(data, []), failed.get(data, []), names) for data in {**runs, **failed}]


def _table(
    data: str, results: Sequence[Result], failures: Sequence[Failure], names: Mapping[str, str]
) -> BenchTable:
    columns, runs = _columns(results, failures), by_row(results, names)
    failed = grouped(failures, lambda failure: _row_of(failure, runs))
    runs = {name: runs.get(name, []) for name in {**runs, **failed}}
    rows = {name: [_score(column, runs[name], failed.get(name, [])) for column in columns] for name in runs}
    costs = {name: _costs(runs[name]) for name in runs}
    baselines = {b: [_baseline(_of(column, results), b) for column in columns] for b in BASELINES}
    reasons = [f"{f.config.task.name} {f.config.encoder.name}: {f.error}" for f in failures]
    return BenchTable(data, columns, rows, costs, baselines, reasons)


def _columns(results: Sequence[Result], failures: Sequence[Failure]) -> list[Column]:
    """The columns of one data set; a task whose runs all failed has one too."""
    firsts = [group[0] for group in comparable(results)]
    scoring = [{k: v for k, v in r.config.items() if k.startswith(("task.", "data."))} for r in firsts]
    names = run_table.distinguishing_names([(r.task, "", c, ()) for r, c in zip(firsts, scoring, strict=True)])
    columns = [
        Column(name, r.task, r.primary, r.minimize, r.fingerprints["test"])
        for name, r in zip(names, firsts, strict=True)
    ]
    known = {r.task for r in firsts}
    failed = {f.config.task.name: f.config.task.load() for f in failures if f.config.task.name not in known}
    return columns + [
        Column(name, name, getattr(task, "primary", "score"), task.minimize) for name, task in failed.items()
    ]


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
    reason = next((str(f.error) for f in failures if f.config.task.name == column.task), "")
    return Score.of(scores) if scores else Score(reason=reason)


def _baseline(runs: Sequence[Result], name: str) -> Score:
    """A baseline of a column; of several ceilings (for readers of one side and of both) the best."""
    values = [r.baselines[name][r.primary] for r in runs if r.baselines.get(name)]
    return Score.of([(min if runs[0].minimize else max)(values)]) if values else Score()


def _costs(runs: Sequence[Result]) -> list[float]:
    if not runs:
        return [math.nan] * len(COSTS)
    seconds = sum(fmean(r.cost["seconds"] for r in same) for same in grouped(runs, lambda r: r.task).values())
    speed = fmean(r.cost["train_tokens_per_second"] for r in runs)
    return [max(r.cost["parameters"] for r in runs), speed, seconds]


def sort_rows(table: BenchTable, key: str) -> None:
    """Sort the rows by a task, ``encoder`` or a cost, the best first; a table without it is left as it is."""
    if key == "encoder":
        table.rows = dict(sorted(table.rows.items()))
        return
    values: dict[str, float] = {}
    if key in COSTS:
        values = {name: costs[COSTS.index(key)] for name, costs in table.costs.items()}
    elif key in (tasks := [column.task for column in table.columns]):
        index = tasks.index(key)
        sign = 1 if table.columns[index].minimize else -1
        values = {name: sign * scores[index].mean for name, scores in table.rows.items()}
    last = {name: math.inf if math.isnan(value) else value for name, value in values.items()}
    table.rows = dict(sorted(table.rows.items(), key=lambda row: last.get(row[0], 0)))
