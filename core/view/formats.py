"""The benchmark table as Markdown, CSV, TSV, JSON and LaTeX; CSV, TSV and JSON hold the numbers unrounded."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from core.printable import finite, json_text, one_line
from core.view.bench_table import COSTS, BenchTable, lines_below, texts
from core.view.budgets import budget_of
from core.view.escaping import csv_text, markdown_table, markdown_text
from core.view.latex import as_latex as as_latex
from core.view.rows import Score, marked
from core.view.verdicts import FIELDS, fields, row_json

SPLIT_FIELDS = ("splits", "split_deviation", "seed_deviation")  # of a score over several splits of the data


def as_markdown(table: BenchTable) -> str:
    """The table in Markdown."""
    heading, rows, baselines = texts(table)
    text = markdown_table([heading, *rows, *baselines], [number > 0 for number in range(len(heading))])
    return text + "".join(f"\n\n{markdown_text(line)}" for line in lines_below(table))


def as_csv(table: BenchTable, delimiter: str = ",") -> str:
    """The table as CSV, with mean, deviation and number of runs in separate columns, and then the verdicts."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", delimiter=delimiter)
    dev = {column: "" if column.split == "test" else f"{column.split} " for column in table.columns}
    levels = [_levels(table, index) for index in range(len(table.columns))]
    both = list(zip(table.columns, levels, strict=True))
    parts = [(c.heading, *(f"{dev[c]}{c.name} {part}" for part in ("deviation", "runs", *own))) for c, own in both]
    judged = [(f"{dev[c]}{c.name}", v) for c, v in zip(table.columns, table.verdicts, strict=False) if v]
    names = [name for part in parts for name in part]
    more = [csv_text(f"{name} {part}") for name, _ in judged for part in FIELDS]
    is_limited = any(map(budget_of, table.runs.values()))
    writer.writerow(["data", "encoder", *map(csv_text, names), *COSTS, *more, *["budget"] * is_limited])
    for name, scores in (table.rows | table.baselines).items():
        values = []
        for score, level in zip(scores, levels, strict=True):
            values += [_blank(score.mean), _blank(score.deviation), score.runs]
            values += [_blank(getattr(score, attribute)) for attribute in level.values()]
        costs = map(_blank, table.costs.get(name, [math.nan] * len(COSTS)))
        compared = [value for _, verdict in judged for value in fields(verdict, name)]
        own = [budget_of(table.runs.get(name, []))] if is_limited else []
        shown = csv_text(marked(name, table.runs.get(name, [])))
        writer.writerow([csv_text(table.data), shown, *values, *costs, *compared, *own])
    return out.getvalue().rstrip("\n")


def _levels(table: BenchTable, index: int) -> dict[str, str]:
    """What a column has more if there are several splits of the data: heading -> attribute of its scores."""
    is_split = any(scores[index].splits > 1 for scores in table.rows.values())
    return {name.replace("_", " "): name for name in SPLIT_FIELDS} if is_split else {}


def _blank(value: float | None) -> float | str:
    return "" if value is None or math.isnan(value) else value


def as_json(table: BenchTable) -> str:
    """The table as JSON; a number that is missing or not finite is null, and scores on dev are in ``dev``."""

    def values(scores: Sequence[Score], row: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for index, (column, score) in enumerate(zip(table.columns, scores, strict=True)):
            numbers: dict[str, Any] = {
                "mean": finite(score.mean),
                "deviation": score.deviation,
                "runs": score.runs,
            }
            numbers |= {name: getattr(score, name) for name in _levels(table, index).values()}
            numbers |= row_json(table.verdict(index), row)
            entry = found.setdefault(column.name, {"metric": column.metric})
            entry.update(numbers if column.split == "test" else {column.split: numbers})
            entry.update({"failed": score.reason} if score.reason else {})
        return found

    costs = {name: dict(zip(COSTS, map(finite, values), strict=True)) for name, values in table.costs.items()}
    rows = {name: values(scores, name) | {"cost": costs[name]} for name, scores in table.rows.items()}
    for name, row in rows.items():
        row |= {"budget": budget} if (budget := budget_of(table.runs[name])) else {}
        row |= {} if marked(name, table.runs[name]) == name else {"interrupted": True}
    baselines = {name: values(scores) for name, scores in table.baselines.items()}
    document = {"data": table.data, "rows": rows, "baselines": baselines}
    return json_text(document | _verdicts_json(table), indent=1)


def _verdicts_json(table: BenchTable) -> dict[str, Any]:
    """The verdicts by the name of their column, those on dev in ``dev``; empty where they are left out."""
    found: dict[str, Any] = {}
    for column, verdict in zip(table.columns, table.verdicts, strict=False):
        place = found if column.split == "test" else found.setdefault(column.split, {})
        if verdict is not None:
            place[column.name] = verdict.to_json()
    return {"verdicts": found} if table.verdicts else {}


FORMATS: dict[str, Callable[[BenchTable], str]] = {
    "markdown": as_markdown,
    "csv": as_csv,
    "tsv": partial(as_csv, delimiter="\t"),
    "json": as_json,
    "latex": as_latex,
}
TITLES = {"markdown": lambda data: f"**{markdown_text(data)}**\n\n", "latex": lambda data: f"% {one_line(data)}\n"}
# of several tables; the other formats name the data themselves


def render_tables(tables: Sequence[BenchTable], format: str) -> list[str]:
    """The texts to print in a format of ``FORMATS``: one per table, titled by its data where there are several.

    In JSON, several tables are one list.
    """
    texts = [FORMATS[format](table) for table in tables]
    if format in TITLES and len(tables) > 1:
        texts = [TITLES[format](table.data) + text + "\n" for table, text in zip(tables, texts, strict=True)]
    return [f"[{', '.join(texts)}]"] if format == "json" and len(texts) != 1 else texts
