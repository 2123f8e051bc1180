"""The table of scores, what the verdicts say of it, and the ranks and differences of its rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.evaluation.verdicts.verdict import Difference, Verdict
from core.printable import counted, one_line
from core.runs.result import Result
from core.view.bench_table import COSTS, BenchTable, headings, lines_below
from core.view.data_sets import data_set_lines
from core.view.notes import few_rows
from core.view.report.charts import Charts
from core.view.report.content import Chapter, Chart, Grid, Part, Value, number
from core.view.report.material import ColumnRuns
from core.view.report.settings import settings_part, warning
from core.view.rows import Score, short
from core.view.verdicts import HEADING, bold_rows, group_text

LETTERS = (
    "Rows that share a letter are not separated: chance may explain their difference. The rank is the best and "
    "the worst one that a row may have. A score is in bold if its row is separated from every other one."
)
COLUMNS = "Scores and costs: parameters, tokens per second of training, and seconds per seed over all tasks"


def summary(tables: Sequence[BenchTable], results: Sequence[Result], columns: Sequence[ColumnRuns]) -> Chapter:
    """What was run, warnings of different settings, and the sentences of the verdicts."""
    failed = sum(len(table.failures) for table in tables)
    tasks, data = (len({getattr(run, key) for run in results}) for key in ("task", "data"))
    rows = len({name for table in tables for name in table.rows})
    seeds = sorted({run.seed for run in results})
    text = f"{counted(len(results), 'run')} of {counted(rows, 'model')} on {counted(tasks, 'task')}"
    text += f" and {counted(data, 'data set')}, with {counted(len(seeds), 'seed')}."
    text += f" {counted(failed, 'run')} failed." if failed else ""
    points, warnings = [], [line for column in columns for line in warning(column)]
    for table in tables:
        start = f"{table.data}: " if len(tables) > 1 else ""
        points += [start + line for line in lines_below(table)]
    points += data_set_lines(tables)
    points += [f"Note: {note}" for note in few_rows(results)]
    if not points:
        points += ["No two rows of a table are compared, so nothing is said about differences."]
    parts = [part for column in columns if (part := settings_part(column))]
    return Chapter("Summary", "Summary", [text], parts, points=[*warnings, *points])


def scores(tables: Sequence[BenchTable]) -> Chapter:
    """One table per data set."""
    letters = [LETTERS] if any(verdict for table in tables for verdict in table.verdicts) else []
    text = ["Scores on test; mean ± standard deviation where a row has several runs.", *letters]
    parts = [
        Part(table.data, grids=[_grid(table)], text=[f"Failed: {line}" for line in table.failures])
        for table in tables
    ]
    return Chapter("Scores", "Scores", text, parts)


def _grid(table: BenchTable) -> Grid:
    header, left = ["encoder"], set()
    for index, heading in enumerate(headings(table)):
        header.append(heading)
        if table.verdict(index) is not None:
            left.add(len(header))
            header.append(HEADING)
    body = [[Value(name, name), *_cells(table, name), *_costs(table.costs[name])] for name in table.rows]
    below = [
        [Value(name), *_baseline(table, scores), *[Value("")] * len(COSTS)]
        for name, scores in table.baselines.items()
        if any(score.runs for score in scores)
    ]
    return Grid(COLUMNS, [*header, *COSTS], body, below, True, frozenset(left))


def _cells(table: BenchTable, name: str) -> list[Value]:
    """The scores of a row, with letters and ranks."""
    found = []
    for index, score in enumerate(table.rows[name]):
        verdict = table.verdict(index)
        found.append(_score(score, "best" if name in bold_rows(verdict) else ""))
        if verdict is not None:
            group = group_text(verdict, name)
            found.append(Value(group, verdict.names.index(name) if group else None, "letters"))
    return found


def _score(score: Score, style: str = "") -> Value:
    known = not math.isnan(score.mean)
    return Value(str(score), score.mean if known else None, style, score.reason)


def _baseline(table: BenchTable, scores: Sequence[Score]) -> list[Value]:
    return [
        value
        for index, score in enumerate(scores)
        for value in [_score(score), *([Value("")] if table.verdict(index) is not None else [])]
    ]


def _costs(costs: Sequence[float]) -> list[Value]:
    parameters, speed, seconds = costs
    if math.isnan(parameters):
        return [Value("–")] * len(COSTS)
    return [Value(short(parameters), parameters), Value(short(speed), speed), Value(f"{seconds:,.1f}", seconds)]


def ranks(column: ColumnRuns, charts: Charts) -> Part | None:
    """The ranks that each row may have, and how far it is behind the best; None without a verdict."""
    if (verdict := column.verdict) is None:
        return None
    names = list(map(one_line, verdict.names))
    bars = [
        {"row": name, "low": low, "high": high, "letters": letters}
        for name, letters, (low, high) in zip(names, verdict.letters, verdict.ranks, strict=True)
    ]
    texts = [f"{n} {low} to {high} ({letters})" for (n, low, high, letters) in (bar.values() for bar in bars)]
    behind = [_behind(pair) for pair in verdict.pairs if pair.first == verdict.names[0]]
    gaps = [f"{p['row']} {p['x']:.2f} ({p['low']:.2f} to {p['high']:.2f})" for p in behind]
    best = charts.label(names[0])
    title = f"behind {best} ({column.metric})"
    shown = [
        Chart("Ranks that each row may have", charts.ranks(bars, names), f"Ranks: {'; '.join(texts)}.", True),
        Chart(
            f"How far each row is behind {best}, with 95 % intervals",
            charts.intervals(behind, names[1:], title),
            f"Behind {names[0]}: {'; '.join(gaps)}.",
            True,
        ),
    ]
    text = ["Rows with a common letter are not separated. An interval that has 0 in it does not exclude a tie."]
    return Part("Ranks and differences", text, charts=shown, grids=[_matrix(verdict, column)])


def _behind(pair: Difference) -> dict[str, float | str]:
    """How much worse the second row of a pair is: positive, whichever direction is better."""
    sign = -1 if pair.difference < 0 else 1
    low, high = sorted((sign * pair.low, sign * pair.high))
    return {"row": one_line(pair.second), "x": abs(pair.difference), "low": low, "high": high}


def _matrix(verdict: Verdict, column: ColumnRuns) -> Grid:
    """The difference of each pair with its interval: the row minus the column."""
    pairs = {(pair.first, pair.second): pair for pair in verdict.pairs}
    rows = []
    for place, name in enumerate(verdict.names[:-1]):
        blank = [Value("")] * place
        rows.append(
            [
                Value(column.labels[name]),
                *blank,
                *(_pair(pairs[name, other]) for other in verdict.names[place + 1 :]),
            ]
        )
    caption = (
        f"{column.metric.capitalize()} of the row minus that of the column, with the 95 % interval of each pair; "
        "a difference in bold is separated (p corrected by Holm's method, at most 0.05)"
    )
    return Grid(caption, ["", *(column.labels[name] for name in verdict.names[1:])], rows)


def _pair(pair: Difference) -> Value:
    low, high = number(pair.low).text, number(pair.high).text
    p = "p < 0.001" if pair.corrected_p < 0.001 else f"p = {pair.corrected_p:.3f}"
    return Value(
        number(pair.difference).text, style="best" if pair.separated else "", title=p, note=f"{low} to {high}"
    )
