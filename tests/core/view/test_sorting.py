"""The order of rows: the best first whatever the metric, dev and test, the keys that an error lists."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from results import COST, made
from rich.console import Console

from core.errors import UnknownName
from core.runs.result import Result
from core.view import formats, run_table
from core.view.bench_table import bench_tables, sort_rows
from core.view.sorting import check_sort, sorted_runs, unknown_metric

# encoder -> accuracy on dev, on test; macro F1 is 100 minus each
SCORES = {"a": (70.0, 50.0), "b": (60.0, 80.0), "c": (90.0, 60.0)}


def results(minimize: bool = False) -> list[Result]:
    speeds = {"a": 2.0, "b": 3.0, "c": 1.0}
    return [
        replace(
            made(test, i, dev=dev),
            encoder=name,
            minimize=minimize,
            cost=COST | {"parameters": i, "train_tokens_per_second": speeds[name], "peak_bytes": 9 - i},
        )
        for i, (name, (dev, test)) in enumerate(SCORES.items())
    ]


KEYS = [
    ("dev.pos", "cab"),
    ("-dev.pos", "bac"),
    ("test.pos", "bca"),
    ("pos", "bca"),
    ("dev.pos.macro_f1", "bac"),
    ("-test.pos.macro_f1", "bca"),
    ("-encoder", "cba"),
    ("parameters", "abc"),
    ("-parameters", "cba"),
    ("tokens/s", "bac"),
    ("memory", "cba"),
]


@pytest.mark.parametrize(("key", "order"), KEYS)
def test_rows_are_sorted_alike_by_bench_and_run(key: str, order: str) -> None:
    (table,) = bench_tables(results())
    sort_rows(table, key)
    assert "".join(table.rows) == order and list(json.loads(formats.as_json(table))["rows"]) == list(order)
    console = Console(file=io.StringIO(), width=200)
    run_table.show(results(), console, sort=key)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined] # it is a StringIO
    assert "".join(line[2] for line in lines if line[0] == "│" and line[3] == " ") == order


def test_less_is_better_where_the_task_is_minimized() -> None:
    (table,) = bench_tables(results(minimize=True), splits=("dev", "test"))
    sort_rows(table, "test.pos")
    assert "".join(table.rows) == "acb"
    sort_rows(table, "pos")  # the first split that is shown
    assert "".join(table.rows) == "bac"


def test_columns_of_dev_have_their_own_fingerprints() -> None:
    first, second = made(50.0, 1, dev=60.0), made(70.0, 2, dev=80.0, data_dev="other")
    second = replace(second, fingerprints={"dev": "b", "test": "a"})
    (table,) = bench_tables([first, second], splits=("dev",))
    assert len(table.columns) == 2 and {column.split for column in table.columns} == {"dev"}
    console = Console(file=io.StringIO(), width=200)
    run_table.show([first, second], console, splits=("dev",))
    assert console.file.getvalue().count("pos on toy: dev, 2 rows") == 2  # type: ignore[attr-defined] # a StringIO


@pytest.mark.parametrize("splits", [("dev",), ("test",), ("dev", "test")])
def test_run_shows_the_scores_of_the_splits_and_baselines_on_test_only(splits: tuple[str, ...]) -> None:
    console = Console(file=io.StringIO(), width=200)
    run_table.show([made(50.0, dev=60.0)], console, splits=splits)
    text = console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO
    assert ("60.00" in text) == ("dev" in splits) and ("50.00" in text) == ("test" in splits)
    assert ("chance" in text) == ("test" in splits) and ("dev accuracy" in text) == (len(splits) == 2)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("dev.ml", "did you mean 'dev.lm'"),
        ("-secnds", "there is no column 'secnds'; did you mean 'seconds'?"),
        (
            "xy.lm",
            "choose from: dev.lm, dev.pos, encoder, gpu_memory, lm, memory, parameters, pos, seconds, test.lm",
        ),
        ("", "choose from: dev.lm"),
        ("dev", "dev.lm"),
        ("dev.pos.", ""),
    ],
)
def test_an_unknown_key_lists_those_that_there_are(key: str, message: str) -> None:
    if not message:
        return check_sort(key, ["pos", "lm"])
    with pytest.raises(UnknownName) as error:
        check_sort(key, ["pos", "lm"])
    assert message in str(error.value)


def test_an_unknown_metric_lists_those_of_the_task() -> None:
    error = unknown_metric(results(), "-dev.pos.f1")
    assert str(error) == "sort: task=pos has no metric 'f1'; choose from: accuracy, macro_f1"
    assert not any(unknown_metric(results(), key) for key in ("dev.pos.macro_f1", "dev.lm.f1", "encoder", None))


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("dev.pos", "cab"),
        ("-dev.pos", "bac"),
        ("test", "bca"),
        ("encoder", "abc"),
        ("-when", "cba"),
    ],
)
def test_saved_runs_are_sorted_by_any_key(key: str, order: str) -> None:
    assert "".join(run.encoder for run in sorted_runs(results(), key)) == order
    missing = replace(made(), encoder="z", metrics={"test": {"accuracy": float("nan")}}, cost={}, config={})
    assert [run.encoder for run in sorted_runs([missing, *results()], "dev.pos")][-1] == "z"
