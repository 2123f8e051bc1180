"""The benchmark table on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from core.printable import one_line
from core.view.bench_table import COSTS, BenchTable, best_rows, headings, lines_below, score_places, texts
from core.view.layout import Column, Row, cell, fits, print_fitted
from core.view.matrix import matrix, two_axes
from core.view.rows import marked, row_options, run_key
from core.view.verdicts import HEADING, group_text, with_letters


def show(table: BenchTable, console: Console, is_sorted: bool = False) -> None:
    """Print a table on the screen, with the best score of each column in bold; below it the verdicts.

    With verdicts, a best score is in bold only if its row is separated from every other one. Where the table is
    too wide, a grid over two options becomes matrices, unless its rows are ``is_sorted``.
    """
    heading, rows, baselines = texts(table)
    bold = {place: best_rows(table, index) for index, place in enumerate(score_places(table))}
    columns = [Column(heading[0])]
    columns += [Column(n, right=n != HEADING, whole=n == HEADING, group=n in COSTS) for n in heading[1:]]
    body: list[Row] = []
    for name, row in zip(table.rows, rows, strict=True):
        body.append([cell(text, "bold" if name in bold.get(i, ()) else "") for i, text in enumerate(row)])
    below = [[cell(text, "dim") for text in line] for line in baselines]
    is_table = is_sorted or fits(console, columns, body, below)
    if is_table or not _show_matrices(table, console, body, baselines):
        print_fitted(console, table.data, columns, body, below)
    for text in lines_below(table):
        console.print(cell(one_line(text)), soft_wrap=True)
    for line in table.failures:
        console.print(cell(f"failed: {one_line(line)}"), soft_wrap=True)


def _show_matrices(table: BenchTable, console: Console, body: Sequence[Row], baselines: list[list[str]]) -> bool:
    """Print a grid over two options as one matrix per column, without the costs; whether that fits."""
    shown = [table.runs[name] for name in table.rows]
    if not all(shown):  # of a row that failed the options are not known
        return False
    if any(marked(name, table.runs[name]) != name for name in table.rows):  # a matrix has no place for the mark
        return False
    options = row_options([run for runs in shown for run in runs])
    rows = [options[run_key(runs[0])] for runs in shown]
    if (axes := two_axes(rows)) is None:
        return False
    places, found = score_places(table), []
    for index, number in enumerate(places):
        groups = [group_text(table.verdict(index), name) for name in table.rows]
        cells = [with_letters(row[number], group) for row, group in zip(body, groups, strict=True)]
        if (parts := matrix(console, axes, rows, cells)) is None:
            return False
        found.append(parts)
    for number, heading, parts in zip(places, headings(table), found, strict=True):
        print_fitted(console, f"{table.data}: {heading}", *parts)
        if known := [f"{line[0]} {line[number]}" for line in baselines if line[number] not in ("", "-")]:
            console.print(cell(", ".join(known), "dim"), soft_wrap=True)
    console.print(cell(f"not shown: {', '.join(COSTS)} (a wider terminal shows them)", "dim"), soft_wrap=True)
    return True
