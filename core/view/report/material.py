"""The runs of the page by column of its tables, with the predictions that its chapters need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from core.data.corpus import Corpus
from core.evaluation.breakdowns import Measure, measure
from core.evaluation.metric_names import in_words
from core.evaluation.verdicts.verdict import Verdict
from core.experiment.grid import Failure
from core.kinds.base import Kind
from core.runs.predictions import read_predictions, rebuild_split, renumbered
from core.runs.result import Result
from core.task import Task
from core.types import Arrays, Float64s
from core.view.bench_table import BenchTable, Column, bench_tables, column_rows, headings
from core.view.row_labels import labels
from core.view.rows import row_options, run_key
from core.view.verdicts import column_verdict

SPLIT = "test"
MOST = 30  # rows of a column that are compared pair by pair, and whose predictions are read
DRAWN = 12  # rows in a picture


@dataclass(frozen=True, eq=False)
class Predicted:
    """The predictions of a column.

    Args:
        kind: what the task predicts.
        task: the task.
        corpus: the split.
        rows: name of the row -> the predictions of its runs on this split.
        measures: name of the row -> a number per event, the mean over its runs; empty where the kind has none.
    """

    kind: Kind
    task: Task
    corpus: Corpus
    rows: dict[str, list[Arrays]]
    measures: dict[str, Measure]


@dataclass(eq=False)
class ColumnRuns:
    """A column of a table.

    Args:
        heading: the task and the metric.
        data: the data set.
        column: what it shows.
        rows: name of the row -> its runs; only rows with some.
        verdict: which rows are separated; None where that is not known.
        notes: what is not compared, and what could not be read.
        predicted: the predictions; None where none could be read.
        labels: name of the row -> its short label, in charts and wide tables.
    """

    heading: str
    data: str
    column: Column
    rows: dict[str, list[Result]]
    verdict: Verdict | None = None
    notes: list[str] = field(default_factory=list)
    predicted: Predicted | None = None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The task and its data."""
        return f"{self.column.name} on {self.data}"

    @property
    def metric(self) -> str:
        """The primary metric in words."""
        return in_words(self.column.metric)

    def best(self, limit: int) -> list[str]:
        """The rows with the best scores on dev, at most ``limit``, in the order of the verdict or the table."""
        names = list(self.rows)
        if len(names) > limit:
            sign = 1 if self.column.minimize else -1
            names = sorted(names, key=lambda name: _last_if_unknown(sign * self._dev(name)))[:limit]
        order = self.verdict.names if self.verdict else tuple(self.rows)
        return [*(name for name in order if name in names), *(name for name in names if name not in order)]

    def _dev(self, name: str) -> float:
        return fmean(run.metrics.get("dev", {}).get(run.primary, math.nan) for run in self.rows[name])


def _last_if_unknown(value: float) -> float:
    return math.inf if math.isnan(value) else value


def collect(
    results: Sequence[Result], failures: Sequence[Failure], plugins: Sequence[str]
) -> tuple[list[BenchTable], list[ColumnRuns]]:
    """The tables with their verdicts, and their columns with the predictions.

    Args:
        results: the runs.
        failures: the runs that failed.
        plugins: files or modules of plugins that the runs need.
    """
    tables, options = bench_tables(results, failures, (SPLIT,)), row_options(results)
    columns = []
    for table in tables:
        for heading, column in zip(headings(table), table.columns, strict=True):
            own = {name: runs for name, runs in column_rows(table, column).items() if runs}
            found = ColumnRuns(heading, table.data, column, own)
            found.labels = labels({name: options[run_key(runs[0])] for name, runs in own.items()})
            _compare(found, plugins)
            table.verdicts.append(found.verdict)
            if own:
                _read(found, plugins)
                columns.append(found)
    return tables, columns


def _compare(column: ColumnRuns, plugins: Sequence[str]) -> None:
    """The verdict on the rows, or on the best of many."""
    chosen = column.best(MOST)
    column.verdict, notes = column_verdict({name: column.rows[name] for name in chosen}, SPLIT, plugins)
    column.notes += map(str, notes)
    if len(chosen) < len(column.rows):
        column.notes.append(f"Of {len(column.rows):,} rows the {MOST} with the best scores on dev are compared.")


def _read(column: ColumnRuns, plugins: Sequence[str]) -> None:
    """Read the predictions of the rows, on the first split of the data where there are several."""
    rows = {name: column.rows[name] for name in column.best(MOST)}
    split = min(run.split_seed for runs in rows.values() for run in runs)
    if len({run.split_seed for runs in rows.values() for run in runs}) > 1:
        column.notes.append(f"What is shown of single events is about the split of data.split_seed={split}.")
    chosen = {name: [run for run in runs if run.split_seed == split] for name, runs in rows.items()}
    saved = {name: own for name, runs in chosen.items() if (own := [run for run in runs if _is_saved(run)])}
    if missing := [name for name in chosen if name not in saved]:
        column.notes.append(f"Without saved predictions: {', '.join(missing)}.")
    if not saved:
        return
    first = next(iter(saved.values()))[0]
    try:
        task, corpus = rebuild_split(first, SPLIT, plugins)
    except Exception as error:  # also of a plugin; the scores are there
        column.notes.append(f"Nothing is shown of single events: {error}")
        return
    column.predicted = _predicted(column, first.kind, task, corpus, saved)


def _is_saved(run: Result) -> bool:
    return bool(run.folder) and run.config.get("save") != "none"


def _predicted(
    column: ColumnRuns, kind: Kind, task: Task, corpus: Corpus, rows: Mapping[str, Sequence[Result]]
) -> Predicted | None:
    """The predictions and measures of the rows that can be read."""
    found: dict[str, list[Arrays]] = {}
    measures: dict[str, Measure] = {}
    for name, runs in rows.items():
        try:
            own = [renumbered(run, read_predictions(run, SPLIT, corpus), corpus) for run in runs]
            measured = [m for arrays in own if (m := measure(kind, task, arrays, corpus)) is not None]
        except Exception as error:  # also of a plugin's kind
            column.notes.append(f"{name}: {error}")
            continue
        found[name] = own
        if measured:
            measures[name] = measured[0]._replace(values=_mean([m.values for m in measured]))
    return Predicted(kind, task, corpus, found, measures) if found else None


def _mean(values: Sequence[Float64s]) -> Float64s:
    return np.asarray(np.mean(np.stack(list(values)), axis=0))
