"""The lines about several data sets below the tables of bench."""

from __future__ import annotations

from dataclasses import replace

from results import made

from core.evaluation.verdicts.verdict import Difference, Verdict
from core.view.bench_table import BenchTable, bench_tables
from core.view.data_sets import data_set_lines


def tables(*scores: tuple[float, float], p: float = 0.001) -> list[BenchTable]:
    """One table per pair of scores of two encoders, with the same p-value."""
    found = []
    for number, (first, second) in enumerate(scores):
        runs = [replace(made(first, 1), encoder="a"), replace(made(second, 2), encoder="b")]
        (table,) = bench_tables([replace(run, data=f"data{number}") for run in runs])
        better, worse = ("a", "b") if first >= second else ("b", "a")
        pair = Difference(better, worse, abs(first - second), 0.1, 9.0, p, p, 3, "models")
        table.verdicts = [
            Verdict("accuracy", (better, worse), ("a", "b"), ((1, 1), (2, 2)), (pair,), 1.0, 100, "row")
        ]
        found.append(table)
    return found


def test_one_data_set_says_nothing_more() -> None:
    assert data_set_lines(tables((2, 1))) == [] and data_set_lines([]) == []
    assert data_set_lines(bench_tables([made(), replace(made(), data="other")])) == []


def test_few_data_sets_are_counted() -> None:
    assert data_set_lines(tables((2, 1), (3, 1), (3, 2))) == [
        "pos accuracy over 3 data sets: a is better than b on all 3."
    ]
    assert data_set_lines(tables((2, 1), (3, 1), (1, 2))) == [
        "pos accuracy over 3 data sets: a is better than b on at least 2.",
        "pos accuracy over 3 data sets: b is better than a on at least 1.",
    ]
    assert data_set_lines(tables((2, 1), (1, 2), p=0.5)) == [
        "pos accuracy over 2 data sets: no row is certain to be better than another on one of them."
    ]


def test_five_data_sets_are_ranked_in_a_diagram() -> None:
    """Two rows, the first always better: mean ranks 1 and 2, critical difference 1.96 / sqrt(n) (Demšar, 2006)."""
    lines = data_set_lines(tables(*[(2, 1)] * 5))
    assert lines == [
        "pos accuracy over 5 data sets, mean ranks (Friedman's p = 0.000; critical difference 0.88):",
        "  1.00  a",
        "  2.00  b",
    ]
    lines = data_set_lines(tables((2, 1), (1, 2), (2, 1), (1, 2), (2, 1)))
    assert lines[1:] == ["  1.40 | a", "  1.60 | b"]
