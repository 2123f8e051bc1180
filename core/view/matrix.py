"""The benchmark table: a row an encoder, a column a task, the costs beside it, in several formats."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.grid import Failure
from core.result import Result
from core.view.table import BASELINES, row_names, short

COSTS = ("parameters", "tokens/s", "seconds")


@dataclass
class Cell:
    """One figure.

    Args:
        mean: over seeds; NaN where there is none.
        deviation: the standard deviation over seeds, None for one seed.
        runs: how many seeds.
        reason: why there is no figure.
    """

    mean: float = math.nan
    deviation: float | None = None
    runs: int = 0
    reason: str = ""

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "failed" if self.reason else "-"
        text = f"{self.mean:,.2f}" if math.isfinite(self.mean) else "inf"
        return text if self.deviation is None else f"{text} ± {self.deviation:.2f}"


@dataclass
class Matrix:
    """One table: all that ran on one data set.

    Args:
        data: the data set.
        columns: task and primary metric, and whether less is better.
        rows: a row's name -> a cell a column.
        costs: a row's name -> parameters (the largest), training tokens/s (mean), seconds (of all tasks, a seed).
        baselines: ceiling, most frequent and chance -> a cell a column.
        failures: what failed, and why.
    """

    data: str
    columns: list[tuple[str, str, bool]]
    rows: dict[str, list[Cell]]
    costs: dict[str, list[float]]
    baselines: dict[str, list[Cell]]
    failures: list[str]


def matrices(results: Sequence[Result], failures: Sequence[Failure] = ()) -> list[Matrix]:
    """One matrix a data set; results whose fingerprints differ get columns of their own.

    Args:
        results: the runs of a grid.
        failures: the cells that failed.
    """
    names = row_names(results)
    made = []
    for data in dict.fromkeys(r.data for r in results):
        here = [r for r in results if r.data == data]
        failed = [f for f in failures if f.config.data.name == data]
        columns = list(dict.fromkeys((r.task, r.primary, r.minimize, r.fingerprints["test"]) for r in here))
        rows: dict[str, list[Cell]] = {}
        for name in dict.fromkeys([*(names[r.id] for r in here), *(f.config.encoder.name for f in failed)]):
            rows[name] = [_cell([r for r in here if names[r.id] == name and _column(r) == c]) for c in columns]
            for failure in failed:
                for i, column in enumerate(columns):
                    if failure.config.encoder.name == name and failure.config.task.name == column[0]:
                        if not rows[name][i].runs:
                            rows[name][i].reason = str(failure.error)
        baselines = {b: [_baseline([r for r in here if _column(r) == c], b) for c in columns] for b in BASELINES}
        costs = {name: _costs([r for r in here if names[r.id] == name]) for name in rows}
        told = [f"{f.config.task.name} {f.config.encoder.name}: {f.error}" for f in failed]
        made.append(Matrix(data, [c[:3] for c in columns], rows, costs, baselines, told))
    return made


def _column(result: Result) -> tuple[str, str, bool, str]:
    return (result.task, result.primary, result.minimize, result.fingerprints["test"])


def _cell(runs: Sequence[Result]) -> Cell:
    scores = [r.score for r in runs]
    if not scores:
        return Cell()
    spread = stdev(scores) if len(scores) > 1 and all(map(math.isfinite, scores)) else None
    return Cell(fmean(scores), spread, len(scores))


def _baseline(runs: Sequence[Result], name: str) -> Cell:
    """A baseline of a column; of several ceilings (readers of one side and of both) the highest."""
    found = [r.baselines[name][r.primary] for r in runs if r.baselines.get(name)]
    if not found:
        return Cell()
    return Cell(min(found) if runs[0].minimize else max(found), None, 1)


def _costs(runs: Sequence[Result]) -> list[float]:
    if not runs:
        return [math.nan] * len(COSTS)
    tasks = dict.fromkeys(r.task for r in runs)
    seconds = sum(fmean(r.cost["seconds"] for r in runs if r.task == task) for task in tasks)
    speed = fmean(r.cost["train_tokens_per_second"] for r in runs)
    return [max(r.cost["parameters"] for r in runs), speed, seconds]


def sort_rows(matrix: Matrix, key: str) -> bool:
    """Order the rows by a column, the best first; False where the matrix has no such column.

    Args:
        matrix: changed in place.
        key: a task, ``encoder``, or a cost.
    """
    columns = [task for task, _, _ in matrix.columns]
    if key == "encoder":
        order: dict[str, Any] = {name: name for name in matrix.rows}
    elif key in COSTS:
        order = {name: _last(costs[COSTS.index(key)]) for name, costs in matrix.costs.items()}
    elif key in columns:
        at = columns.index(key)
        sign = 1 if matrix.columns[at][2] else -1
        order = {name: _last(sign * cells[at].mean) for name, cells in matrix.rows.items()}
    else:
        return False
    matrix.rows = {name: matrix.rows[name] for name in sorted(matrix.rows, key=order.__getitem__)}
    return True


def _last(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _grid(matrix: Matrix) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Heading, rows and baselines as text."""
    heading = ["encoder", *(f"{task} {metric.replace('_', ' ')}" for task, metric, _ in matrix.columns), *COSTS]
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
    for i, (_, _, minimize) in enumerate(matrix.columns):
        means = [cells[i].mean for cells in matrix.rows.values() if not math.isnan(cells[i].mean)]
        best.append((min if minimize else max)(means) if means else math.nan)
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
    parts = [(f"{task} {metric}", f"{task} deviation", f"{task} runs") for task, metric, _ in matrix.columns]
    writer.writerow(["data", "encoder", *(name for part in parts for name in part), *COSTS])
    for name, cells in (matrix.rows | matrix.baselines).items():
        figures = [x for c in cells for x in (_plain(c.mean), _plain(c.deviation), c.runs)]
        writer.writerow([matrix.data, name, *figures, *map(_plain, matrix.costs.get(name, [math.nan] * 3))])
    return out.getvalue().rstrip("\n")


def _plain(value: float | None) -> float | str:
    return "" if value is None or math.isnan(value) else value


def as_json(matrix: Matrix) -> str:
    """The matrix as JSON; a missing figure is null."""

    def figures(cells: Sequence[Cell]) -> dict[str, Any]:
        named = zip(matrix.columns, cells, strict=True)
        return {
            task: {"metric": m, "mean": _plain(c.mean) or None, "deviation": c.deviation, "runs": c.runs}
            | ({"failed": c.reason} if c.reason else {})
            for (task, m, _), c in named
        }

    rows = {
        name: figures(cells) | {"cost": dict(zip(COSTS, map(_plain, matrix.costs[name]), strict=True))}
        for name, cells in matrix.rows.items()
    }
    baselines = {name: figures(cells) for name, cells in matrix.baselines.items()}
    return json.dumps({"data": matrix.data, "rows": rows, "baselines": baselines}, indent=1, ensure_ascii=False)


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
