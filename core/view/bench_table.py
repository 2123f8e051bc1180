"""The benchmark table: one row per encoder, one column per task, then the costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from core.evaluation.metric_names import in_words
from core.evaluation.verdicts.verdict import Verdict
from core.experiment.grid import Failure
from core.runs.result import Result
from core.types import Note
from core.view.budgets import budget_text
from core.view.rows import (
    Score,
    baseline_names,
    by_row,
    comparable,
    distinct,
    distinguishing_names,
    grouped,
    marked,
    row_names,
    short,
)
from core.view.sorting import sorted_rows
from core.view.split_level import by_split, level_line
from core.view.verdicts import HEADING, bold_rows, column_verdict, group_text, lines

COSTS = ("parameters", "tokens/s", "seconds")

Lines = list[list[str]]


@dataclass(frozen=True)
class Column:
    """What one column shows.

    Args:
        name: the task, and the options that differ if it has several columns.
        task: the task.
        metric: its primary metric.
        minimize: whether less is better.
        fingerprints: the hashes of the scored events, one per split of the data; none if every run failed.
        split: ``dev`` or ``test``.
    """

    name: str
    task: str
    metric: str
    minimize: bool
    fingerprints: frozenset[str] = frozenset()
    split: str = "test"

    @property
    def heading(self) -> str:
        """What stands above the column in data that programs read; the columns of dev are marked."""
        return f"{self.name} {self.metric}" if self.split == "test" else f"{self.split} {self.name} {self.metric}"


@dataclass
class BenchTable:
    """Everything that ran on one data set.

    Args:
        data: the data set.
        columns: one per split, task and events.
        rows: name -> one score per column.
        costs: name -> parameters (maximum), training tokens/s (mean), seconds (per seed, of all tasks).
        baselines: ceiling, most frequent and chance -> one score per column; those of dev are not recorded.
        failures: what failed, and why.
        runs: name -> the runs of the row.
        verdicts: one per column, None where there is none; empty where they are left out.
    """

    data: str
    columns: list[Column]
    rows: dict[str, list[Score]]
    costs: dict[str, list[float]]
    baselines: dict[str, list[Score]]
    failures: list[str]
    runs: dict[str, list[Result]]
    verdicts: list[Verdict | None] = field(default_factory=list)

    def verdict(self, index: int) -> Verdict | None:
        """The verdict on a column."""
        return self.verdicts[index] if self.verdicts else None


def bench_tables(
    results: Sequence[Result], failures: Sequence[Failure] = (), splits: Sequence[str] = ("test",)
) -> list[BenchTable]:
    """One table per data set, of a grid's runs and failures; different fingerprints are in different columns."""
    names, results = row_names(results), distinct(results)
    runs, failed = grouped(results, lambda r: r.data), grouped(failures, lambda f: f.config.data.name)
    return [_table(data, runs.get(data, []), failed.get(data, []), names, splits) for data in {**runs, **failed}]


def _table(
    data: str,
    results: Sequence[Result],
    failures: Sequence[Failure],
    names: Mapping[str, str],
    splits: Sequence[str],
) -> BenchTable:
    runs = by_row(results, names)
    columns = [column for split in splits for column in _columns(results, failures, split)]
    failed = grouped(failures, lambda failure: _row_of(failure, runs))
    runs = {name: runs.get(name, []) for name in {**runs, **failed}}
    rows = {name: [_score(column, runs[name], failed.get(name, [])) for column in columns] for name in runs}
    costs = {name: _costs(runs[name]) for name in runs}
    baselines = {
        b: [_baseline(_of(column, results), b) if column.split == "test" else Score() for column in columns]
        for b in baseline_names(results)
    }
    reasons = [f"{f.config.task.name} {f.config.encoder.name}: {f.error}" for f in failures]
    return BenchTable(data, columns, rows, costs, baselines, reasons, runs)


def _columns(results: Sequence[Result], failures: Sequence[Failure], split: str) -> list[Column]:
    """The columns of one data set and split; a task whose runs all failed has one too."""
    groups = comparable(results, (split,))
    firsts = [group[0] for group in groups]
    scoring = [{k: v for k, v in r.config.items() if k.startswith(("task.", "data."))} for r in firsts]
    names = distinguishing_names([(r.task, "", c, ()) for r, c in zip(firsts, scoring, strict=True)], but=())
    columns = []
    for name, group in zip(names, groups, strict=True):
        first, events = group[0], frozenset(r.fingerprints[split] for r in group)
        columns.append(Column(name, first.task, first.primary, first.minimize, events, split))
    known = {r.task for r in firsts}
    failed = {f.config.task.name: f.config.task.load() for f in failures if f.config.task.name not in known}
    return columns + [
        Column(name, name, getattr(task, "primary", "score"), task.minimize, split=split)
        for name, task in failed.items()
    ]


def _of(column: Column, results: Sequence[Result]) -> list[Result]:
    own = [r for r in results if r.task == column.task]
    return [r for r in own if r.fingerprints.get(column.split) in column.fingerprints]


def _row_of(failure: Failure, runs: Mapping[str, Sequence[Result]]) -> str:
    """The row of the same encoder and embedding if there is exactly one, else a row named after the encoder."""
    config = failure.config
    pair = config.encoder.name, "+".join(config.embeddings)
    same = [name for name, results in runs.items() if (results[0].encoder, results[0].embedding) == pair]
    return same[0] if len(same) == 1 else config.encoder.name


def _score(column: Column, runs: Sequence[Result], failures: Sequence[Failure]) -> Score:
    """The score of a row in a column, or why it has none."""
    own = _of(column, runs)
    scores = [r.metrics[column.split][r.primary] for r in own]
    reason = next((str(f.error) for f in failures if f.config.task.name == column.task), "")
    return Score.of(scores, [r.split_seed for r in own]) if scores else Score(reason=reason)


def _baseline(runs: Sequence[Result], name: str) -> Score:
    """A baseline on test: the best of the ceilings (for readers of one side and of both); of splits the mean."""
    found = []
    for same in by_split(runs).values():
        values = [r.baselines[name][r.primary] for r in same if r.baselines.get(name)]
        found += [(min if runs[0].minimize else max)(values)] if values else []
    return Score.of([fmean(found)]) if found else Score()


def _costs(runs: Sequence[Result]) -> list[float]:
    if not runs:
        return [math.nan] * len(COSTS)
    seconds = sum(fmean(r.cost["seconds"] for r in same) for same in grouped(runs, lambda r: r.task).values())
    speed = fmean(r.cost["train_tokens_per_second"] for r in runs)
    return [max(r.cost["parameters"] for r in runs), speed, seconds]


def sort_rows(table: BenchTable, key: str) -> None:
    """Sort the rows by a key (see ``core.view.sorting``), the best first; a table without it is left as it is."""
    name = key.removeprefix("-")
    costs = None
    if name in COSTS:
        costs = {row: values[COSTS.index(name)] for row, values in table.costs.items()}
    split = table.columns[0].split if table.columns else "test"
    order = sorted_rows(table.runs, key, split, costs)
    table.rows = {row: table.rows[row] for row in order}


def column_rows(table: BenchTable, column: Column) -> dict[str, list[Result]]:
    """The runs of each row that a column shows."""
    return {name: _of(column, runs) for name, runs in table.runs.items()}


def add_verdicts(table: BenchTable, plugins: Sequence[str] = ()) -> list[Note]:
    """Compare the rows of each column by their saved predictions; notes on what is not compared."""
    notes: list[Note] = []
    for column in table.columns:
        verdict, own = column_verdict(column_rows(table, column), column.split, plugins)
        table.verdicts.append(verdict)
        notes += own
    return notes


def headings(table: BenchTable) -> list[str]:
    """The heading of each column; where both splits are shown, all columns name theirs."""
    splits = {column.split for column in table.columns}
    names = [f"{column.split} {column.name}" if splits != {"test"} else column.name for column in table.columns]
    return [f"{n} {in_words(c.metric)}" for n, c in zip(names, table.columns, strict=True)]


def best_rows(table: BenchTable, index: int) -> set[str]:
    """The names of the rows with the best score of a column; with verdicts, only one that is separated."""
    if table.verdicts and sum(bool(scores[index].runs) for scores in table.rows.values()) > 1:
        return bold_rows(table.verdict(index))
    means = {name: scores[index].mean for name, scores in table.rows.items()}
    known = [mean for mean in means.values() if not math.isnan(mean)]
    best = (min if table.columns[index].minimize else max)(known, default=math.nan)
    return {name for name, mean in means.items() if mean == best}


def lines_below(table: BenchTable) -> list[str]:
    """The budget, what the deviations are over, where there are several splits, and what the verdicts say."""
    named, found = headings(table), list[str]()
    if text := budget_text([run for runs in table.runs.values() for run in runs]):
        found.append(f"{text[0].upper()}{text[1:]}.")
    for heading, column in zip(named, table.columns, strict=True):
        line = level_line(column_rows(table, column), column.split)
        found += [f"{heading}: {line}."] if line else []
    both = zip(named, table.verdicts, strict=False)
    return found + lines({heading: verdict for heading, verdict in both if verdict is not None})


def score_places(table: BenchTable) -> list[int]:
    """Where the score of each column is in the lines of ``texts``; its letters and ranks, if any, come next."""
    places, at = [], 1
    for index in range(len(table.columns)):
        places.append(at)
        at += 1 if table.verdict(index) is None else 2
    return places


def texts(table: BenchTable) -> tuple[list[str], Lines, Lines]:
    """Heading, rows and baselines as text."""
    heading = [part for i, text in enumerate(headings(table)) for part in _with_group(table, i, text, HEADING)]
    rows = []
    for name, scores in table.rows.items():
        groups = [group_text(table.verdict(i), name) for i in range(len(scores))]
        cells = [_with_group(table, i, str(score), groups[i]) for i, score in enumerate(scores)]
        rows.append(
            [
                marked(name, table.runs[name]),
                *(part for parts in cells for part in parts),
                *cost_texts(table.costs[name]),
            ]
        )
    baselines = []
    for name, scores in table.baselines.items():
        shown = [str(s) if c.split == "test" else "" for c, s in zip(table.columns, scores, strict=True)]
        parts = [part for i, text in enumerate(shown) for part in _with_group(table, i, text, "")]
        if any(score.runs for score in scores):
            baselines.append([name, *parts, *[""] * len(COSTS)])
    return ["encoder", *heading, *COSTS], rows, baselines


def _with_group(table: BenchTable, index: int, text: str, group: str) -> list[str]:
    """A cell of a column, and that of its letters where it has some."""
    return [text] if table.verdict(index) is None else [text, group]


def cost_texts(costs: Sequence[float]) -> list[str]:
    """The costs of a row, in the order of ``COSTS``."""
    parameters, speed, seconds = costs
    return ["-"] * len(COSTS) if math.isnan(parameters) else [short(parameters), short(speed), f"{seconds:,.1f}"]
