"""A grid over two options as a matrix, where the table of its runs is too wide."""

from __future__ import annotations

import io

import pytest
from results import made

from core.runs.result import Result
from core.view import bench_screen, bench_table, run_table
from core.view.console import Console
from core.view.matrix import two_axes


def grid() -> list[Result]:
    """Orders 10 and 2 with two smoothings; the score says which run it is."""
    cells = [(order, name) for name in ("witten-bell", "modified-kneser-ney") for order in (10, 2)]
    return [
        made(float(order + len(name)), i, dev=1.0, encoder_order=order, encoder_smoothing=name)
        for i, (order, name) in enumerate(cells)
    ]


def shown(width: int, results: list[Result], sort: str | None = None) -> str:
    console = Console(file=io.StringIO(), width=width)
    run_table.show(results, console, sort=sort)
    return console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO


def rows(text: str) -> list[list[str]]:
    lines = [line.replace("┃", "│").strip("│") for line in text.splitlines() if line[:1] in ("│", "┃")]
    return [[cell.strip() for cell in line.split("│")] for line in lines]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (60, [["smoothing", "order=2", "order=10"], ["witten-bell", "13.00", "21.00"]]),
        (80, [["order", "smoothing=witten-bell", "smoothing=modified-kneser-ney"], ["2", "13.00", "21.00"]]),
    ],
)
def test_a_grid_over_two_options_is_a_matrix_where_its_table_is_too_wide(
    width: int, expected: list[list[str]]
) -> None:
    text = shown(width, grid())
    assert rows(text)[:2] == expected and rows(text)[2][1:] == ["21.00", "29.00"]
    assert "chance 0.00" in text and "not shown: macro F1, parameters, training tokens/s" in text
    assert max(map(len, text.splitlines()[:8])) <= width


def test_it_is_a_table_where_that_fits_or_is_sorted_or_three_things_differ() -> None:
    assert "bag order=10 smoothing=witten-bell" in shown(200, grid()) and "not shown" not in shown(200, grid())
    assert "not shown" not in shown(80, grid(), "pos") and shown(80, grid(), "pos").count("┏") > 1
    third = made(1.0, 9, encoder_order=2, encoder_smoothing="witten-bell", encoder_prune=1)
    assert "not shown" not in shown(80, [*grid(), third])


def test_bench_prints_one_matrix_per_column() -> None:
    results = [*grid(), *(made(r.score + 1, 20 + i, "b", "chunk", **_options(r)) for i, r in enumerate(grid()))]
    (table,) = bench_table.bench_tables(results)
    console = Console(file=io.StringIO(), width=60)
    bench_screen.show(table, console)
    text = console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO
    assert text.count("┏") == 2 and "toy: pos accuracy" in text and "toy: chunk accuracy" in text
    assert rows(text)[-1] == ["modified-kneser-ney", "22.00", "30.00"]
    assert "not shown: parameters, tokens/s, seconds" in text
    wide = Console(file=io.StringIO(), width=200)
    bench_screen.show(table, wide)
    assert "bag order=2 smoothing=witten-bell" in wide.file.getvalue()  # type: ignore[attr-defined] # a StringIO


def _options(run: Result) -> dict[str, str]:
    return {f"encoder_{key}": run.config[f"encoder.{key}"] for key in ("order", "smoothing")}


def test_the_axes_are_two_keys_whose_pairs_differ() -> None:
    full = [{"encoder": "e", "a": a, "b": b} for a in "12" for b in "xyz"]
    assert two_axes(full) == ("a", "b") == two_axes(full[:-1])
    assert two_axes(full[:4]) is None  # one value of b after the other, and one pair
    assert two_axes([*full, full[0]]) is None
    assert two_axes([row | {"c": row["a"]} for row in full]) is None
    assert two_axes([*full[:-1], {"encoder": "e", "a": "2"}]) is None
    assert two_axes([{"encoder": e, "size": s} for e in "lg" for s in "12"]) == ("encoder", "size")
    assert two_axes([]) is None
