"""The benchmark table on the screen and as Markdown, CSV, JSON and LaTeX."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.view.bench_table import COSTS, Cell, Matrix
from core.view.run_table import short


def _grid(matrix: Matrix) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Heading, rows and baselines as text."""
    heading = ["encoder", *(f"{c.name} {c.metric.replace('_', ' ')}" for c in matrix.columns), *COSTS]
    rows = [[name, *map(str, cells), *_cost_text(matrix.costs[name])] for name, cells in matrix.rows.items()]
    below = [
        [name, *map(str, cells), *[""] * len(COSTS)]
        for name, cells in matrix.baselines.items()
        if any(cell.runs for cell in cells)
    ]
    return heading, rows, below


def _cost_text(costs: Sequence[float]) -> list[str]:
    if math.isnan(costs[0]):
        return ["-"] * len(COSTS)
    return [short(costs[0]), short(costs[1]), f"{costs[2]:,.1f}"]


def show(matrix: Matrix, console: Console) -> None:
    """Print a matrix as a Rich table; the best figure of each column stands out."""
    heading, rows, below = _grid(matrix)
    best = []
    for i, column in enumerate(matrix.columns):
        means = [cells[i].mean for cells in matrix.rows.values() if not math.isnan(cells[i].mean)]
        best.append((min if column.minimize else max)(means) if means else math.nan)
    table = Table(title=matrix.data, title_justify="left", title_style="bold")
    for i, name in enumerate(heading):
        table.add_column(name, justify="left" if i == 0 else "right")
    for name, text in zip(matrix.rows, rows, strict=True):
        cells = matrix.rows[name]
        marked = [
            Text(t, style="bold" if c.mean == b else "") for t, c, b in zip(text[1:], cells, best, strict=False)
        ]
        table.add_row(name, *marked, *text[1 + len(cells) :])
    table.add_section()
    for row in below:
        table.add_row(*row, style="dim")
    console.print(table)
    for line in matrix.failures:
        console.print(f"failed: {line}", soft_wrap=True)


def as_markdown(matrix: Matrix) -> str:
    """The matrix as a Markdown table."""
    heading, rows, below = _grid(matrix)
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *rows, *below]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def as_csv(matrix: Matrix) -> str:
    """The matrix as CSV, mean and deviation in columns of their own."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    parts = [(f"{c.name} {c.metric}", f"{c.name} deviation", f"{c.name} runs") for c in matrix.columns]
    writer.writerow(["data", "encoder", *(name for part in parts for name in part), *COSTS])
    for name, cells in (matrix.rows | matrix.baselines).items():
        figures = [x for c in cells for x in (_plain(c.mean), _plain(c.deviation), c.runs)]
        writer.writerow([matrix.data, name, *figures, *map(_plain, matrix.costs.get(name, [math.nan] * 3))])
    return out.getvalue().rstrip("\n")


def _plain(value: float | None) -> float | str:
    return "" if value is None or math.isnan(value) else value


def as_json(matrix: Matrix) -> str:
    """The matrix as JSON; a figure that is missing or not finite is null."""

    def figures(cells: Sequence[Cell]) -> dict[str, Any]:
        named = zip(matrix.columns, cells, strict=True)
        return {
            column.name: {"metric": column.metric, "mean": _finite(c.mean)}
            | {"deviation": c.deviation, "runs": c.runs}
            | ({"failed": c.reason} if c.reason else {})
            for column, c in named
        }

    rows = {
        name: figures(cells) | {"cost": dict(zip(COSTS, map(_finite, matrix.costs[name]), strict=True))}
        for name, cells in matrix.rows.items()
    }
    baselines = {name: figures(cells) for name, cells in matrix.baselines.items()}
    whole = {"data": matrix.data, "rows": rows, "baselines": baselines}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_latex(matrix: Matrix) -> str:
    """The matrix as a LaTeX tabular (package booktabs)."""
    heading, rows, below = _grid(matrix)

    def line(cells: Sequence[str]) -> str:
        text = " & ".join(cells).replace("%", r"\%").replace("_", r"\_").replace("±", r"$\pm$")
        return text + r" \\"

    body = [line(heading), r"\midrule", *map(line, rows), r"\midrule", *map(line, below)]
    columns = "l" + "r" * (len(heading) - 1)
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}"])


FORMATS: dict[str, Callable[[Matrix], str]] = {
    "markdown": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "latex": as_latex,
}


def texts(made: Sequence[Matrix], form: str) -> list[str]:
    """What is to be printed: a text a matrix; of several, JSON is one list.

    Args:
        made: the matrices.
        form: a key of ``FORMATS``.
    """
    each = [FORMATS[form](matrix) for matrix in made]
    return [f"[{', '.join(each)}]"] if form == "json" and len(each) != 1 else each
