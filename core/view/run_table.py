"""The table of runs: scores and costs of each model, then ceiling, most frequent answer and chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.runs.result import Result
from core.types import Scores

BASELINES = ("ceiling", "most frequent", "chance")
COSTS = {
    "parameters": "parameters",
    "train_tokens_per_second": "training\ntokens/s",
    "predict_tokens_per_second": "prediction\ntokens/s",
    "seconds": "seconds",
    "peak_bytes": "peak\nmemory",
}
HOW = ("device", "precision", "threads")  # how a run is executed: not part of its id
NAMING = ("encoder.", "embedding.", "head.", "train.", "data.", "task.", *HOW)  # keys that may distinguish rows
REPLACED = (
    "of runs that differ only in device, precision or threads, only the last is saved; "
    "to save each, run them one by one, each with its own runs=FOLDER"
)


def show(results: Sequence[Result], console: Console, announced: Collection[str] = ()) -> None:
    """Print one table per group of comparable results, and below it what was chosen on dev and the notes.

    Args:
        results: finished runs, in the order in which they ran.
        console: where to print; on a narrow console the costs are in a second table.
        announced: notes that are on the screen already.
    """
    names, results = row_names(results), distinct(results)
    for group in comparable(results):
        width = console.width
        whole = _table(group, names, metrics=True, costs=True)
        if whole.__rich_measure__(console, console.options.update(max_width=500)).maximum <= width:
            console.print(whole)
        else:
            console.print(_table(group, names, metrics=True, costs=False))
            console.print(_table(group, names, metrics=False, costs=True))
        for line in _below(group, names, announced):
            console.print(Text(line, style="dim"), soft_wrap=True)


def run_key(result: Result) -> str:
    """What identifies a run: its id, and how it is executed."""
    return " ".join([result.id, *map(str, _how(result).values())])


def _how(result: Result) -> dict[str, Any]:
    return {key: result.how[key] for key in HOW if key in result.how}


def distinct(results: Sequence[Result]) -> list[Result]:
    """The results without duplicates, such as those of ``threads=auto,1`` if auto takes 1."""
    first: dict[str, Result] = {}
    for result in results:
        first.setdefault(run_key(result), result)
    return list(first.values())


def comparable(results: Sequence[Result]) -> list[list[Result]]:
    """Results grouped by task, data and fingerprint of test; only these are compared in one table."""
    groups: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        groups.setdefault((result.task, result.data, result.fingerprints["test"]), []).append(result)
    return list(groups.values())


def row_names(results: Sequence[Result]) -> dict[str, str]:
    """``run_key`` -> name of the row: the encoder, and the options that differ within a table.

    Args:
        results: of any tasks; the seed and what is chosen on dev are not part of a name.
    """
    names: dict[str, str] = {}
    for group in comparable(results):
        rows = distinguishing_names([(r.encoder, r.embedding, r.config | _how(r), r.chosen) for r in group])
        names |= {run_key(r): name for r, name in zip(group, rows, strict=True)}
    return names


def distinguishing_names(rows: Sequence[tuple[str, str, Mapping[str, Any], Collection[str]]]) -> list[str]:
    """The names of the rows of one table: the encoder, and the options that differ.

    Args:
        rows: encoder, embedding, config, and the keys of the config that are chosen on dev.
    """
    names, embeddings = [], {embedding for _, embedding, _, _ in rows if embedding}
    for encoder, embedding, config, chosen in rows:
        alike = [(other, kind) for name, kind, other, _ in rows if name == encoder]
        varied = [
            key
            for key in config
            if key.startswith(NAMING) and key not in chosen and config[key] != "auto"
            if len({str(c.get(key)) for c, kind in alike if kind == embedding or "embedding." not in key}) > 1
        ]
        extra = [f"{key.removeprefix('encoder.')}={config[key]}" for key in varied]
        if len(embeddings) > 1 and embedding:
            extra.insert(0, f"embedding={embedding}")
        names.append(" ".join([encoder, *extra]))
    return names


def by_row(group: Sequence[Result], names: Mapping[str, str]) -> dict[str, list[Result]]:
    """Name of the row -> its runs.

    Args:
        group: the runs.
        names: from ``row_names``.
    """
    rows: dict[str, list[Result]] = {}
    for result in group:
        rows.setdefault(names[run_key(result)], []).append(result)
    return rows


def _table(group: Sequence[Result], names: dict[str, str], *, metrics: bool, costs: bool) -> Table:
    first, shown = group[0], _metric_names(group) if metrics else []
    table = Table(title=_title(first) if metrics else None, title_justify="left", title_style="bold")
    table.add_column("encoder")
    for name in shown:
        heading = name.replace("_", " ") if name != "macro_f1" else "macro F1"
        table.add_column(heading, justify="right", style="bold" if name == first.primary else "")
    for heading in COSTS.values() if costs else ():
        table.add_column(heading, justify="right")
    for name, runs in by_row(group, names).items():
        label = name + ("" if all(r.status == "finished" for r in runs) else " (interrupted)")
        scores = [_summary([r.metrics["test"].get(m, math.nan) for r in runs]) for m in shown]
        table.add_row(label, *scores, *(_cost(key, runs) for key in COSTS if costs))
    if metrics:
        table.add_section()
        for baseline in BASELINES:
            for label, values in _baseline_rows(group, baseline):
                table.add_row(label, *(metric_text(values.get(m, math.nan)) for m in shown), style="dim")
    return table


def _baseline_rows(group: Sequence[Result], baseline: str) -> list[tuple[str, Scores]]:
    """Label and values of a baseline; one ceiling per direction in which the models of the group read."""
    if baseline != "ceiling":
        return [(baseline, values)] if (values := group[0].baselines.get(baseline)) else []
    by_sees = {str(r.facts.get("sees", "")): values for r in group if (values := r.baselines.get(baseline))}
    if len({str(values) for values in by_sees.values()}) < 2:
        return [(baseline, values) for values in list(by_sees.values())[:1]]
    labels = {"left": f"{baseline} (left context)", "both": f"{baseline} (both sides)"}
    return [(labels.get(sees, baseline), by_sees[sees]) for sees in sorted(by_sees)]


def _metric_names(group: Sequence[Result]) -> list[str]:
    names = dict.fromkeys(name for r in group for name in r.metrics["test"])
    measured = [n for n in names if any(not math.isnan(r.metrics["test"].get(n, math.nan)) for r in group)]
    primary = group[0].primary
    return [primary, *(n for n in measured if n != primary)]


def _title(first: Result) -> str:
    size = first.events["test"]
    title = f"{first.task} on {first.data}: test, {size['rows']:,} rows, {size['tokens']:,} tokens"
    if not first.kind.language_model:
        return title
    ends = size["rows"] * (first.config.get("task.end") != "false")
    return f"{title}, {size['tokens'] + ends:,} events"


def _summary(values: Sequence[float]) -> str:
    """The mean, and of several values the standard deviation; equal counts are shown as a whole number."""
    known = [v for v in values if not math.isnan(v)]
    if not known:
        return "-"
    if isinstance(known[0], int) and len(set(known)) == 1:
        return f"{known[0]:,}"
    mean = fmean(known)
    text = f"{mean:,.2f}" if math.isfinite(mean) else "inf"
    return f"{text} ± {stdev(known):.2f}" if len(known) > 1 and math.isfinite(mean) else text


def metric_text(value: float) -> str:
    """A metric with two decimals, a count (an int) as it is; a dash for NaN."""
    return _summary([value])


def _cost(key: str, runs: Sequence[Result]) -> str:
    value = fmean(r.cost.get(key, math.nan) for r in runs)
    if math.isnan(value):
        return "-"
    if key == "seconds":
        return f"{value:,.1f}"
    if key == "peak_bytes":
        return f"{value / 1e6:,.0f} MB"
    return short(value)


def short(value: float) -> str:
    """A number with three digits: 1234567 -> 1.23M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:.{max(0, 2 - int(math.log10(scaled)))}f}{unit}"
    return f"{value:.0f}"


def replacement_notes(results: Sequence[Result]) -> list[str]:
    """A note if a saved run replaced another one of the same id; empty otherwise."""
    return [REPLACED] if len({r.id for r in results}) < len(distinct(results)) else []


def _below(group: Sequence[Result], names: dict[str, str], announced: Collection[str]) -> list[str]:
    notes = dict.fromkeys(note.text for r in group for note in r.notes if note.text not in announced)
    lines = [f"note: {note}" for note in notes]
    rows = by_row(group, names)
    for name, runs in rows.items():
        chosen = dict.fromkeys(", ".join(f"{k}={v}" for k, v in r.chosen.items()) for r in runs if r.chosen)
        lines += [f"{name}: chosen on dev: {text}" for text in chosen]
    if len({r.history for r in group}) > 1:
        lines += [f"{name}: reads back over the {runs[0].history}" for name, runs in rows.items()]
    lines += [f"note: {text}" for text in replacement_notes(group)]
    folders = [r.folder for r in group if r.folder]
    return [*lines, *(f"saved in {folder}" for folder in folders if len(folders) == 1)]
