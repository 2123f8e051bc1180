"""The benchmark table on the screen and as Markdown, CSV, JSON and LaTeX."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from tabulate import SEPARATING_LINE, tabulate

from core.view.bench_table import COSTS, BenchTable
from core.view.run_table import Score, short

Lines = list[list[str]]


def _texts(table: BenchTable) -> tuple[list[str], Lines, Lines]:
    """Heading, rows and baselines as text."""
    heading = ["encoder", *(f"{c.name} {c.metric.replace('_', ' ')}" for c in table.columns), *COSTS]
    rows = [[name, *map(str, scores), *_cost_texts(table.costs[name])] for name, scores in table.rows.items()]
    baselines = [
        [name, *map(str, scores), *[""] * len(COSTS)]
        for name, scores in table.baselines.items()
        if any(score.runs for score in scores)
    ]
    return heading, rows, baselines


def _cost_texts(costs: Sequence[float]) -> list[str]:
    parameters, speed, seconds = costs
    return ["-"] * len(COSTS) if math.isnan(parameters) else [short(parameters), short(speed), f"{seconds:,.1f}"]


def show(table: BenchTable, console: Console) -> None:
    """Print a table on the screen, with the best score of each column in bold."""
    heading, rows, baselines = _texts(table)
    best = []
    for i, column in enumerate(table.columns):
        means = (scores[i].mean for scores in table.rows.values() if not math.isnan(scores[i].mean))
        best.append((min if column.minimize else max)(means, default=math.nan))
    screen = Table(title=table.data, title_justify="left", title_style="bold")
    for i, name in enumerate(heading):
        screen.add_column(name, justify="left" if i == 0 else "right")
    for scores, (name, *texts) in zip(table.rows.values(), rows, strict=True):
        styles = ["bold" if score.mean == top else "" for score, top in zip(scores, best, strict=True)]
        screen.add_row(name, *map(Text, texts, [*styles, *[""] * len(COSTS)]))
    screen.add_section()
    for texts in baselines:
        screen.add_row(*texts, style="dim")
    console.print(screen)
    for line in table.failures:
        console.print(f"failed: {line}", soft_wrap=True)


def as_markdown(table: BenchTable) -> str:
    """The table in Markdown."""
    heading, rows, baselines = _texts(table)
    escaped = [[text.replace("|", r"\|") for text in line] for line in (heading, *rows, *baselines)]
    return _tabulate(escaped, "pipe")


def as_latex(table: BenchTable) -> str:
    """The table as a LaTeX tabular (package booktabs)."""
    heading, rows, baselines = _texts(table)
    return _tabulate([heading, *rows, SEPARATING_LINE, *baselines], "latex_booktabs").replace("±", r"$\pm$")


def _tabulate(lines: Sequence[list[str] | str], layout: str) -> str:
    alignment = ("left", *("right" for _ in lines[0][1:]))
    return str(tabulate(lines[1:], lines[0], tablefmt=layout, disable_numparse=True, colalign=alignment))


def as_csv(table: BenchTable) -> str:
    """The table as CSV, with mean, deviation and number of runs in separate columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = [(f"{c.name} {c.metric}", f"{c.name} deviation", f"{c.name} runs") for c in table.columns]
    writer.writerow(["data", "encoder", *(name for part in parts for name in part), *COSTS])
    for name, scores in (table.rows | table.baselines).items():
        values = [x for score in scores for x in (_blank(score.mean), _blank(score.deviation), score.runs)]
        writer.writerow([table.data, name, *values, *map(_blank, table.costs.get(name, [math.nan] * len(COSTS)))])
    return out.getvalue().rstrip("\n")


def _blank(value: float | None) -> float | str:
    return "" if value is None or math.isnan(value) else value


def as_json(table: BenchTable) -> str:
    """The table as JSON; a number that is missing or not finite is null."""

    def values(scores: Sequence[Score]) -> dict[str, Any]:
        return {
            column.name: {"metric": column.metric, "mean": _finite(score.mean)}
            | {"deviation": score.deviation, "runs": score.runs}
            | ({"failed": score.reason} if score.reason else {})
            for column, score in zip(table.columns, scores, strict=True)
        }

    costs = {name: dict(zip(COSTS, map(_finite, values), strict=True)) for name, values in table.costs.items()}
    rows = {name: values(scores) | {"cost": costs[name]} for name, scores in table.rows.items()}
    baselines = {name: values(scores) for name, scores in table.baselines.items()}
    document = {"data": table.data, "rows": rows, "baselines": baselines}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


FORMATS = {"markdown": as_markdown, "csv": as_csv, "json": as_json, "latex": as_latex}
TITLES = {"markdown": "**{}**\n\n", "latex": "% {}\n"}  # of several tables; csv and json name the data themselves


def render_tables(tables: Sequence[BenchTable], format: str) -> list[str]:
    """The texts to print in a format of ``FORMATS``: one per table, titled by its data where there are several.

    In JSON, several tables are one list.
    """
    texts = [FORMATS[format](table) for table in tables]
    if format in TITLES and len(tables) > 1:
        texts = [
            TITLES[format].format(table.data) + text + "\n" for table, text in zip(tables, texts, strict=True)
        ]
    return [f"[{', '.join(texts)}]"] if format == "json" and len(texts) != 1 else texts
