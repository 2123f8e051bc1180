"""The table: a row a model, its figures beside ceiling, most frequent answer and chance, then what it cost."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.runs.result import Result

BASELINES = ("ceiling", "most frequent", "chance")
COSTS = {
    "parameters": "parameters",
    "train_tokens_per_second": "training\ntokens/s",
    "predict_tokens_per_second": "prediction\ntokens/s",
    "seconds": "seconds",
    "peak_bytes": "peak\nmemory",
}
HOW = ("device", "precision", "threads")  # how a run was done: no part of its id
NAMING = ("encoder.", "embedding.", "head.", "train.", "data.", "task.", *HOW)  # what may tell rows apart
REPLACED = (
    "of runs that differ in device, precision or threads alone only the last is kept; "
    "to keep each, run them one by one, each with a runs=FOLDER of its own"
)


def show(results: Sequence[Result], console: Console, announced: Collection[str] = ()) -> None:
    """Print one table for each group of comparable results, and what was chosen and noted below it.

    Args:
        results: finished runs, in the order in which they ran.
        console: where to print; where the full width is not there, the costs go into a table of their own.
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
    """What tells runs apart: the id, and how it was done."""
    return " ".join([result.id, *map(str, _how(result).values())])


def _how(result: Result) -> dict[str, Any]:
    return {key: result.how[key] for key in HOW if key in result.how}


def distinct(results: Sequence[Result]) -> list[Result]:
    """The results without those that are there already, such as of ``threads=auto,1`` where auto takes 1."""
    first: dict[str, Result] = {}
    for result in results:
        first.setdefault(run_key(result), result)
    return list(first.values())


def comparable(results: Sequence[Result]) -> list[list[Result]]:
    """Results by task, data and fingerprint of test: only what shares all three shares a table."""
    groups: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        groups.setdefault((result.task, result.data, result.fingerprints["test"]), []).append(result)
    return list(groups.values())


def row_names(results: Sequence[Result]) -> dict[str, str]:
    """A result's row, by ``run_key``: its encoder, and what else differs for results that share a table.

    Args:
        results: of any tasks; what was chosen on dev and the seed name no row.
    """
    names: dict[str, str] = {}
    for group in comparable(results):
        told = told_apart([(r.encoder, r.embedding, r.config | _how(r), r.chosen) for r in group])
        names |= {run_key(r): name for r, name in zip(group, told, strict=True)}
    return names


def told_apart(rows: Sequence[tuple[str, str, Mapping[str, Any], Collection[str]]]) -> list[str]:
    """The names of rows of one table.

    Args:
        rows: encoder, embedding, config, and the keys of it that were chosen on dev.
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
    """The runs of each row.

    Args:
        group: the runs.
        names: of ``row_names``.
    """
    rows: dict[str, list[Result]] = {}
    for result in group:
        rows.setdefault(names[run_key(result)], []).append(result)
    return rows


def _table(group: Sequence[Result], names: dict[str, str], *, metrics: bool, costs: bool) -> Table:
    first = group[0]
    rows = by_row(group, names)
    scores = _metric_names(group) if metrics else []
    table = Table(title=_title(first) if metrics else None, title_justify="left", title_style="bold")
    table.add_column("encoder")
    for name in scores:
        heading = name.replace("_", " ") if name != "macro_f1" else "macro F1"
        table.add_column(heading, justify="right", style="bold" if name == first.primary else "")
    for heading in COSTS.values() if costs else ():
        table.add_column(heading, justify="right")
    for name, runs in rows.items():
        label = name + ("" if all(r.status == "finished" for r in runs) else " (interrupted)")
        cells = [_spread([r.metrics["test"].get(s, math.nan) for r in runs]) for s in scores]
        table.add_row(label, *cells, *(_cost(key, runs) for key in COSTS if costs))
    if metrics:
        table.add_section()
        for baseline in BASELINES:
            for sees, run in _baseline_rows(group, baseline):
                values = run.baselines.get(baseline, {})
                if values:
                    cells = [_spread([values.get(s, math.nan)]) for s in scores]
                    table.add_row(baseline + sees, *cells, style="dim")
    return table


def _baseline_rows(group: Sequence[Result], baseline: str) -> list[tuple[str, Result]]:
    """One row a baseline; the ceiling one for each side that the models of the group look at."""
    if baseline != "ceiling":
        return [("", group[0])]
    by_sees = {str(r.facts.get("sees", "")): r for r in group if r.baselines.get(baseline)}
    if len({str(r.baselines[baseline]) for r in by_sees.values()}) < 2:
        return [("", r) for r in list(by_sees.values())[:1]]
    words = {"left": " (left context)", "both": " (both sides)"}
    return [(words.get(sees, ""), by_sees[sees]) for sees in sorted(by_sees)]


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


def _spread(values: Sequence[float]) -> str:
    """Mean, and with several values the standard deviation; a count that is the same in all is a whole number."""
    known = [v for v in values if not math.isnan(v)]
    if not known:
        return "-"
    if isinstance(known[0], int) and len(set(known)) == 1:
        return f"{known[0]:,}"
    mean = fmean(known)
    text = f"{mean:,.2f}" if math.isfinite(mean) else "inf"
    return f"{text} ± {stdev(known):.2f}" if len(known) > 1 and math.isfinite(mean) else text


def figure(value: float) -> str:
    """A metric in two decimals, a count (an int) as it is; a dash where there is none."""
    return _spread([value])


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
    """A number in three digits: 1234567 -> 1.23M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:.{max(0, 2 - int(math.log10(scaled)))}f}{unit}"
    return f"{value:.0f}"


def replaced(results: Sequence[Result]) -> list[str]:
    """What is to be said where one run took another's place in the store; nothing where each has its own."""
    return [REPLACED] if len({r.id for r in results}) < len(distinct(results)) else []


def _below(group: Sequence[Result], names: dict[str, str], announced: Collection[str]) -> list[str]:
    notes = dict.fromkeys(note.text for r in group for note in r.notes if note.text not in announced)
    lines = [f"note: {note}" for note in notes]
    rows = by_row(group, names)
    for name, runs in rows.items():
        chosen = dict.fromkeys(", ".join(f"{k}={v}" for k, v in r.chosen.items()) for r in runs if r.chosen)
        lines += [f"{name}: chosen on dev: {text}" for text in chosen]
    if len({r.history for r in group}) > 1:
        lines += [f"{name}: reads back over {runs[0].history}" for name, runs in rows.items()]
    lines += [f"note: {text}" for text in replaced(group)]
    kept = [r.folder for r in group if r.folder]
    return [*lines, *(f"kept in {folder}" for folder in kept[:1] if len(kept) == 1)]
