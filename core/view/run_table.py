"""The table of runs: scores and costs of each model, then ceiling, most frequent answer and chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from statistics import fmean

from rich.console import Console
from rich.text import Text

from core.evaluation.metric_names import in_words
from core.evaluation.verdicts.verdict import Verdict
from core.printable import counted, one_line
from core.runs.result import Result
from core.types import Note, Scores
from core.view.budgets import budget_text
from core.view.layout import Column, Row, cell, fits, print_fitted
from core.view.matrix import matrix, two_axes
from core.view.notes import few_rows, note_lines, without_seeds
from core.view.rows import (
    Score,
    baseline_names,
    by_row,
    comparable,
    distinct,
    grouped,
    marked,
    replacement_notes,
    row_names,
    row_options,
    run_key,
    short,
)
from core.view.sorting import sorted_rows
from core.view.split_level import by_split, level_line, mean_scores, size_text
from core.view.verdicts import HEADING, bold_rows, column_verdict, group_text, lines, with_letters

Verdicts = dict[str, Verdict | None]  # split -> verdict on the primary metric

COSTS = {
    "parameters": "parameters",
    "train_tokens_per_second": "training\ntokens/s",
    "predict_tokens_per_second": "prediction\ntokens/s",
    "seconds": "seconds",
    "peak_bytes": "peak\nmemory",
}
GPU_COSTS = {"gpu_peak_bytes": "peak GPU\nmemory"}  # of runs on a GPU


def show(
    results: Sequence[Result],
    console: Console,
    announced: Collection[str] = (),
    splits: Sequence[str] = ("test",),
    sort: str | None = None,
    plugins: Sequence[str] | None = None,
) -> None:
    """Print one table per group of comparable results, and below it what was chosen on dev and the notes.

    On a narrow console the costs are in a second table, and an unsorted grid over two options is a matrix.

    Args:
        results: the runs.
        console: where they are printed.
        announced: notes that are on the screen already.
        splits: whose scores are shown.
        sort: a key of ``core.view.sorting``; None keeps the order of the runs.
        plugins: those that saved runs need for the verdicts on the primary metric; None: without verdicts.
    """
    results = distinct(results)
    names = row_names(results, splits)
    for group in comparable(results, splits):
        rows = by_row(group, names)
        if sort:
            rows = {name: rows[name] for name in sorted_rows(rows, sort, splits[0])}
        verdicts, notes = _verdicts(rows, splits, plugins)
        columns, body, below = _table(rows, group, splits, verdicts)
        is_table = sort is not None or fits(console, columns, body, below)
        if is_table or not _show_matrix(rows, group, splits, console, verdicts):
            print_fitted(console, _title(group, splits), columns, body, below)
        for line in [*_level_lines(rows, group[0], splits), *_verdict_lines(group[0], verdicts)]:
            console.print(cell(one_line(line)), soft_wrap=True)
        for line in [*(f"note: {note}" for note in notes), *_below(group, names, announced)]:
            console.print(cell(one_line(line), "dim"), soft_wrap=True)


def _verdicts(
    rows: Mapping[str, Sequence[Result]], splits: Sequence[str], plugins: Sequence[str] | None
) -> tuple[Verdicts, list[Note]]:
    """The verdict of each split on the primary metric, None where there is none; empty without verdicts."""
    found: Verdicts = {}
    notes: list[Note] = []
    for split in splits if plugins is not None and len(rows) > 1 else ():
        found[split], own = column_verdict(rows, split, plugins or ())
        notes += [note for note in own if note not in notes]
    return found, notes


def _verdict_lines(first: Result, verdicts: Verdicts) -> list[str]:
    """What the verdicts say."""
    name = in_words(first.primary)
    headings = {split: name if len(verdicts) == 1 else f"{split} {name}" for split in verdicts}
    return lines({headings[split]: verdict for split, verdict in verdicts.items() if verdict is not None})


def _level_lines(rows: Mapping[str, Sequence[Result]], first: Result, splits: Sequence[str]) -> list[str]:
    """What the deviations are over, where there are several splits of the data."""
    found = {split: level_line(rows, split) for split in splits}
    name = in_words(first.primary)
    start = {split: name if len(splits) == 1 else f"{split} {name}" for split in splits}
    return [f"{start[split]}: {line}." for split, line in found.items() if line]


def _table(
    rows: Mapping[str, Sequence[Result]], group: Sequence[Result], splits: Sequence[str], verdicts: Verdicts
) -> tuple[list[Column], list[Row], list[Row]]:
    """The columns, the rows of the models and those of the baselines."""
    scores = [(split, name) for split in splits for name in _metric_names(group, split)]
    columns, primary = [Column("encoder")], group[0].primary
    for split, name in scores:
        heading = in_words(name) if len(splits) == 1 else f"{split} {in_words(name)}"
        style = "bold" if name == primary and not verdicts else ""
        columns.append(Column(heading, right=True, style=style, group=splits.index(split)))
        if name == primary and verdicts.get(split):
            columns.append(Column(HEADING, whole=True, group=splits.index(split)))
    costs = _costs(group)
    columns += [Column(heading, right=True, group=len(splits)) for heading in costs.values()]
    body: list[Row] = []
    for name, runs in rows.items():
        cells: list[str | Text] = [marked(name, runs)]
        for split, metric in scores:
            verdict = verdicts.get(split) if metric == primary else None
            cells.append(cell(_score(runs, split, metric), "bold" if name in bold_rows(verdict) else ""))
            cells += [group_text(verdict, name)] if verdict else []
        body.append([*cells, *(_cost(key, runs) for key in costs)])
    below: list[Row] = []
    for baseline in baseline_names(group):
        for label, values in _baseline_rows(group, baseline) if "test" in splits else ():
            texts = []
            for split, m in scores:
                texts.append(metric_text(values.get(m, math.nan)) if split == "test" else "")
                texts += [""] if m == primary and verdicts.get(split) else []
            below.append([cell(text, "dim") for text in (label, *texts, *[""] * len(costs))])
    return columns, body, below


def _score(runs: Sequence[Result], split: str, metric: str) -> str:
    values = [r.metrics.get(split, {}).get(metric, math.nan) for r in runs]
    return metric_text(*values, splits=[r.split_seed for r in runs])


def _show_matrix(
    rows: Mapping[str, Sequence[Result]],
    group: Sequence[Result],
    splits: Sequence[str],
    console: Console,
    verdicts: Verdicts,
) -> bool:
    """Print the primary metric of a grid over two options as a matrix per split; whether it is one, and fits."""
    if any(marked(name, runs) != name for name, runs in rows.items()):  # a matrix has no place for the mark
        return False
    options, primary = row_options(group, splits), group[0].primary
    keyed = [options[run_key(runs[0])] for runs in rows.values()]
    if (axes := two_axes(keyed)) is None:
        return False
    found = []
    for split in splits:
        own, verdict = {name: _score(runs, split, primary) for name, runs in rows.items()}, verdicts.get(split)
        bold = bold_rows(verdict)
        cells = {name: cell(score, "bold" if name in bold else "") for name, score in own.items()}
        scores = [with_letters(text, group_text(verdict, name)) for name, text in cells.items()]
        if (parts := matrix(console, axes, keyed, scores)) is None:
            return False
        found.append(parts)
    for split, parts in zip(splits, found, strict=True):
        print_fitted(console, f"{_title(group, (split,))}, {in_words(primary)}", *parts)
        known = [(label, values) for b in baseline_names(group) for label, values in _baseline_rows(group, b)]
        texts = [f"{label} {metric_text(values.get(primary, math.nan))}" for label, values in known]
        if split == "test" and texts:
            console.print(cell(", ".join(texts), "dim"), soft_wrap=True)
    others = [in_words(name) for name in _metric_names(group, splits[0]) if name != primary]
    missing = ", ".join([*others, *(heading.replace("\n", " ") for heading in _costs(group).values())])
    console.print(cell(f"not shown: {missing} (a wider terminal shows them)", "dim"), soft_wrap=True)
    return True


def _baseline_rows(group: Sequence[Result], baseline: str) -> list[tuple[str, Scores]]:
    """Label and values of a baseline; one ceiling per direction in which the models of the group read."""
    if baseline != "ceiling":
        known = [values for own in by_split(group).values() if (values := own[0].baselines.get(baseline))]
        return [(baseline, mean_scores(known))] if known else []
    readers = grouped([r for r in group if r.baselines.get(baseline)], lambda r: str(r.facts.get("sees", "")))
    by_sees = {
        sees: mean_scores([own[-1].baselines[baseline] for own in by_split(runs).values()])
        for sees, runs in readers.items()
    }
    if len({str(values) for values in by_sees.values()}) < 2:
        return [(baseline, values) for values in list(by_sees.values())[:1]]
    labels = {"left": f"{baseline} (left context)", "both": f"{baseline} (both sides)"}
    return [(labels.get(sees, baseline), by_sees[sees]) for sees in sorted(by_sees)]


def _metric_names(group: Sequence[Result], split: str) -> list[str]:
    tests = [r.metrics.get(split, {}) for r in group]
    measured = (m for test in tests for m in test if not all(math.isnan(t.get(m, math.nan)) for t in tests))
    return list(dict.fromkeys([group[0].primary, *measured]))


def _title(group: Sequence[Result], splits: Sequence[str]) -> str:
    first, parts = group[0], []
    for split in splits:
        rows, tokens = first.events[split]["rows"], first.events[split]["tokens"]
        events = tokens + rows * (first.config.get("task.end") == "true")
        size = f"{split}, {size_text(group, split)}"
        scores_tokens = first.kind.language_model and "task.end" in first.config
        parts.append(f"{size}, {counted(events, 'event')}" if scores_tokens else size)
    return "; ".join(filter(None, [f"{first.task} on {first.data}: {'; '.join(parts)}", budget_text(group)]))


def metric_text(*values: float, splits: Sequence[int] = ()) -> str:
    """The mean over seeds and its standard deviation; a count (equal ints) as it is; a dash if all are NaN.

    Args:
        values: the score of each run.
        splits: the split of each; empty: of all the same.
    """
    both = [(v, split) for v, split in zip(values, splits or [0] * len(values), strict=True) if not math.isnan(v)]
    known = [v for v, _ in both]
    if known and isinstance(known[0], int) and len(set(known)) == 1:
        return f"{known[0]:,}"
    return str(Score.of(known, [split for _, split in both]))


def _costs(group: Sequence[Result]) -> dict[str, str]:
    """The costs that are shown, and their headings."""
    return COSTS | (GPU_COSTS if any(key in r.cost for r in group for key in GPU_COSTS) else {})


def _cost(key: str, runs: Sequence[Result]) -> str:
    value = fmean(r.cost.get(key, math.nan) for r in runs)
    if key in ("seconds", "peak_bytes", *GPU_COSTS) and not math.isnan(value):
        return f"{value:,.1f}" if key == "seconds" else f"{value / 1e6:,.0f} MB"
    return "-" if math.isnan(value) else short(value)


def _on_dev(run: Result) -> str:
    """What was chosen on dev; the rows of train decide about training and pooling, a budget about sizes."""
    chosen = {k: v for k, v in run.chosen.items() if k not in run.facts.get("solved", ())}
    return ", ".join(f"{k}={value}" for k, value in chosen.items() if not k.startswith(("train.", "head.pooling")))


def _below(group: Sequence[Result], names: dict[str, str], announced: Collection[str]) -> list[str]:
    rows = by_row(group, names)
    lines = note_lines(rows, announced)
    for name, runs in rows.items():
        chosen = dict.fromkeys(_on_dev(run) for run in runs)
        lines += [f"{name}: chosen on dev: {text}" for text in chosen if text]
    if len({r.history for r in group}) > 1:
        lines += [f"{name}: reads back over the {runs[0].history}" for name, runs in rows.items()]
    lines += [f"note: {text}" for text in (*without_seeds(rows), *replacement_notes(group), *few_rows(group))]
    folders = [f"saved in {r.folder}" for r in group if r.folder]
    return lines + folders if len(folders) == 1 else lines
