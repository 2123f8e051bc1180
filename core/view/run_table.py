"""The table of runs: scores and costs of each model, then ceiling, most frequent answer and chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, TypeVar

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

T = TypeVar("T")
K = TypeVar("K")


@dataclass
class Score:
    """One number of a table.

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

    @classmethod
    def of(cls, values: Sequence[float]) -> Score:
        """The score of several seeds."""
        if not values:
            return cls()
        several = len(values) > 1 and all(map(math.isfinite, values))
        return cls(fmean(values), stdev(values) if several else None, len(values))

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "failed" if self.reason else "-"
        text = f"{self.mean:,.2f}" if math.isfinite(self.mean) else "inf"
        return text if self.deviation is None else f"{text} ± {self.deviation:.2f}"


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Key -> its items, both in order."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def show(results: Sequence[Result], console: Console, announced: Collection[str] = ()) -> None:
    """Print one table per group of comparable results, and below it what was chosen on dev and the notes.

    On a narrow console the costs are in a second table. Notes that are ``announced`` are on the screen already.
    """
    names, results = row_names(results), distinct(results)
    for group in comparable(results):
        tables = [_table(group, names, metrics=True, costs=True)]
        if tables[0].__rich_measure__(console, console.options.update(max_width=500)).maximum > console.width:
            tables = [_table(group, names, metrics=shown, costs=not shown) for shown in (True, False)]
        console.print(*tables)
        for line in _below(group, names, announced):
            console.print(Text(line, style="dim"), soft_wrap=True)


def run_key(result: Result) -> str:
    """What identifies a run: its id, and how it is executed."""
    return " ".join([result.id, *map(str, _how(result).values())])


def _how(result: Result) -> dict[str, Any]:
    return {key: result.how[key] for key in HOW if key in result.how}


def distinct(results: Sequence[Result]) -> list[Result]:
    """The results without duplicates, such as those of ``threads=auto,1`` if auto takes 1."""
    return [runs[0] for runs in grouped(results, run_key).values()]


def comparable(results: Sequence[Result]) -> list[list[Result]]:
    """Results grouped by task, data and fingerprint of test; only these are compared in one table."""
    return list(grouped(results, lambda r: (r.task, r.data, r.fingerprints["test"])).values())


def row_names(results: Sequence[Result]) -> dict[str, str]:
    """``run_key`` -> name of the row: the encoder and the options that differ in a table, without the seed."""
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


def by_row(runs: Sequence[Result], names: Mapping[str, str]) -> dict[str, list[Result]]:
    """Name of the row (from ``row_names``) -> its runs."""
    return grouped(runs, lambda r: names[run_key(r)])


def _table(group: Sequence[Result], names: dict[str, str], *, metrics: bool, costs: bool) -> Table:
    first, shown = group[0], _metric_names(group) if metrics else []
    title = _title(first) if metrics else None
    table = Table("encoder", title=title, title_justify="left", title_style="bold")
    for name in shown:
        table.add_column(metric_heading(name), justify="right", style="bold" if name == first.primary else "")
    for heading in COSTS.values() if costs else ():
        table.add_column(heading, justify="right")
    for name, runs in by_row(group, names).items():
        label = name + ("" if all(r.status == "finished" for r in runs) else " (interrupted)")
        scores = [metric_text(*(r.metrics["test"].get(m, math.nan) for r in runs)) for m in shown]
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
    tests = [r.metrics["test"] for r in group]
    measured = (m for test in tests for m in test if not all(math.isnan(t.get(m, math.nan)) for t in tests))
    return list(dict.fromkeys([group[0].primary, *measured]))


def _title(first: Result) -> str:
    rows, tokens = first.events["test"]["rows"], first.events["test"]["tokens"]
    title = f"{first.task} on {first.data}: test, {rows:,} rows, {tokens:,} tokens"
    events = tokens + rows * (first.config.get("task.end") != "false")
    return f"{title}, {events:,} events" if first.kind.language_model else title


def metric_heading(name: str) -> str:
    """The heading of a metric: its name in words."""
    return "macro F1" if name == "macro_f1" else name.replace("_", " ")


def metric_text(*values: float) -> str:
    """The mean over seeds and its standard deviation; a count (equal ints) as it is; a dash if all are NaN."""
    known = [v for v in values if not math.isnan(v)]
    if known and isinstance(known[0], int) and len(set(known)) == 1:
        return f"{known[0]:,}"
    return str(Score.of(known))


def _cost(key: str, runs: Sequence[Result]) -> str:
    value = fmean(r.cost.get(key, math.nan) for r in runs)
    if key in ("seconds", "peak_bytes") and not math.isnan(value):
        return f"{value:,.1f}" if key == "seconds" else f"{value / 1e6:,.0f} MB"
    return "-" if math.isnan(value) else short(value)


def short(value: float) -> str:
    """A number with three digits: 1234567 -> 1.23M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.{max(0, 2 - int(math.log10(value / size)))}f}{unit}"
    return f"{value:.0f}"


def replacement_notes(results: Sequence[Result]) -> list[str]:
    """A note if a saved run replaced another one of the same id; empty otherwise."""
    return [REPLACED] if len({r.id for r in results}) < len(distinct(results)) else []


def _below(group: Sequence[Result], names: dict[str, str], announced: Collection[str]) -> list[str]:
    notes, rows = dict.fromkeys(note.text for r in group for note in r.notes), by_row(group, names)
    lines = [f"note: {text}" for text in notes if text not in announced]
    for name, runs in rows.items():
        chosen = dict.fromkeys(", ".join(f"{k}={v}" for k, v in r.chosen.items()) for r in runs if r.chosen)
        lines += [f"{name}: chosen on dev: {text}" for text in chosen]
    if len({r.history for r in group}) > 1:
        lines += [f"{name}: reads back over the {runs[0].history}" for name, runs in rows.items()]
    lines += [f"note: {text}" for text in replacement_notes(group)]
    folders = [f"saved in {r.folder}" for r in group if r.folder]
    return lines + folders if len(folders) == 1 else lines
