"""The tables of a grid: what names a row or a column, what is said of failures, JSON without a loss."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from results import COST, made
from rich.console import Console

from core import config
from core.errors import TrainingError
from core.experiment.grid import Failure
from core.runs.result import Result
from core.view import bench_table, formats, run_table
from core.view.rows import distinguishing_names


def failed(*words: str, encoder: str = "bag") -> Failure:
    (cell,) = config.expand([f"encoder={encoder}", *words])
    return Failure(cell, TrainingError("the loss is not finite"))


def shown(*results: Result) -> str:
    console = Console(file=io.StringIO(), width=200)
    run_table.show(results, console)
    return console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO


@pytest.mark.parametrize(
    ("key", "values"), [("threads", (1, 2)), ("precision", ("fp32", "bf16")), ("device", "ab")]
)
def test_device_precision_and_threads_name_rows_though_the_id_does_not_tell_them(key: str, values: Any) -> None:
    results = [made(40.0 + i, **{key: value}) for i, value in enumerate(values)]
    text = shown(*results)
    assert all(f"bag {key}={value} " in text for value in values)
    assert "±" not in text and "only the last is saved" in text
    (one,) = bench_table.bench_tables(results)
    assert [cells[0].runs for cells in one.rows.values()] == [1, 1]


def test_what_was_asked_for_in_other_words_and_done_alike_is_one_row() -> None:
    text = shown(made(40.0, 1), made(42.0, 2, threads=1))
    assert "bag " in text and "41.00 ± 1.41" in text and "threads=" not in text and "only the last" not in text


def test_a_run_that_is_there_twice_counts_once() -> None:
    assert "±" not in shown(made(40.0), made(40.0))
    assert bench_table.bench_tables([made(40.0), made(40.0)])[0].rows["bag"][0].runs == 1


def test_a_task_with_two_fingerprints_has_two_columns_with_names_in_every_format() -> None:
    results = [made(10.0, 1, "a", task_min_count=1), made(20.0, 2, "b", task_min_count=2)]
    (one,) = bench_table.bench_tables(results)
    row = json.loads(formats.as_json(one))["rows"]["bag"]
    assert row["pos task.min_count=1"]["mean"] == 10.0 and row["pos task.min_count=2"]["mean"] == 20.0
    fields = next(csv.DictReader(io.StringIO(formats.as_csv(one))))
    assert fields["pos task.min_count=1 accuracy"] == "10.0" and fields["pos task.min_count=2 runs"] == "1"
    assert "pos task.min_count=2 accuracy" in formats.as_markdown(one)
    bench_table.sort_rows(one, "pos")


@pytest.mark.parametrize(
    ("key", "order"),
    [("encoder", "abc"), ("pos", "bca"), ("parameters", "cab"), ("seconds", "bac"), ("lm", "acb")],
)
def test_rows_are_sorted_by_any_column_the_best_first(key: str, order: str) -> None:
    costs = {"a": {"parameters": 2, "seconds": 2.0}, "b": {"parameters": 3, "seconds": 1.0}, "c": {"seconds": 3.0}}
    scores = {"a": math.nan, "c": 60.0, "b": 70.0}
    results = [
        replace(made(scores[name], i), encoder=name, cost=COST | {"parameters": 1} | costs[name])
        for i, name in enumerate(scores)
    ]
    (one,) = bench_table.bench_tables(results)
    bench_table.sort_rows(one, key)
    assert "".join(one.rows) == order


@pytest.mark.parametrize(("score", "mean"), [(0.0, 0.0), (math.inf, None), (math.nan, None)])
def test_json_is_valid_whatever_the_score(score: float, mean: float | None) -> None:
    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    (one,) = bench_table.bench_tables([made(score)], [failed("task=lm", encoder="cnn")])
    table = json.loads(formats.as_json(one), parse_constant=refused)
    assert table["rows"]["bag"]["pos"] == {"metric": "accuracy", "mean": mean, "deviation": None, "runs": 1}
    assert (
        table["baselines"]["chance"]["pos"]["mean"] == 0.0 and table["baselines"]["ceiling"]["pos"]["mean"] is None
    )


def test_missing_costs_are_null_in_json() -> None:
    (one,) = bench_table.bench_tables([], [failed("task=pos")])
    cost = json.loads(formats.as_json(one))["rows"]["bag"]["cost"]
    assert cost == {"parameters": None, "tokens/s": None, "seconds": None}


def test_several_data_sets_are_one_json_document() -> None:
    one, two = bench_table.bench_tables([made()])[0], bench_table.bench_tables([made()])[0]
    (alone,), (both,) = formats.render_tables([one], "json"), formats.render_tables([one, two], "json")
    assert json.loads(both) == [json.loads(alone)] * 2
    assert json.loads(formats.render_tables([], "json")[0]) == []
    assert formats.render_tables([one, two], "csv") == [formats.as_csv(one)] * 2


def test_a_data_set_or_a_task_whose_cells_all_failed_has_its_place(tmp_path: Path) -> None:
    other = tmp_path / "mine.conllu"
    other.write_text("1\tthe\t_\tDET\n\n")
    first, second = bench_table.bench_tables([made()], [failed("task=lm"), failed("task=pos", f"data={other}")])
    assert [str(cell) for cell in first.rows["bag"]] == ["50.00", "failed"]
    assert second.data == str(other) and [str(cell) for cell in second.rows["bag"]] == ["failed"]
    assert second.failures == ["pos bag: the loss is not finite"]
    for name, form in formats.FORMATS.items():
        assert "failed" in form(second) or name in ("csv", "tsv")


def test_rows_of_several_embeddings_are_named_by_them_alone() -> None:
    one = {"embedding.random.dim": 100, "embedding.dropout": 0.4}
    two = {"embedding.char.dim": 30, "embedding.dropout": 0.4}
    rows = [
        ("bag", "random", one, ()),
        ("bag", "char", two, ()),
        ("bag", "char", two | {"embedding.char.dim": 50}, ()),
    ]
    names = distinguishing_names(rows)
    assert names[0] == "bag embedding=random" and names[2] == "bag embedding=char embedding.char.dim=50"


def test_a_failure_stands_in_the_row_of_its_embedding() -> None:
    first, second = made(40.0), replace(made(50.0, number=2), embedding="char")
    (one,) = bench_table.bench_tables([first, second], [failed("task=lm", "embedding=char")])
    rows = {name: [str(cell) for cell in cells] for name, cells in one.rows.items()}
    assert rows == {"bag embedding=random": ["40.00", "-"], "bag embedding=char": ["50.00", "failed"]}


def test_names_are_escaped_in_latex_and_in_markdown() -> None:
    (one,) = bench_table.bench_tables([replace(made(), encoder=r"a&b#c$d{e}f%g_h~i^j\k|l", primary="accuracy")])
    latex = formats.as_latex(one)
    name = r"a\&b\#c\$d\{e\}f\%g\_h\textasciitilde{}i\^{}j\textbackslash{}k|l"
    assert latex.splitlines()[4].split(" & ")[0].strip() == name
    assert (
        "tokens/s" in latex.splitlines()[2] and latex.count(r"\midrule") == 2 and latex.endswith(r"\end{tabular}")
    )
    assert formats.as_markdown(one).splitlines()[2].startswith(r"| a&b#c$d{e}f%g_h~i^j\k\|l ")


def test_headings_are_escaped_in_latex_and_deviations_are_typeset() -> None:
    (one,) = bench_table.bench_tables([made(40.0, 1), made(42.0, 2, seed=2)])
    one.columns[0] = replace(one.columns[0], name="a&b_c")
    heading, row = (formats.as_latex(one).splitlines()[i] for i in (2, 4))
    assert r"a\&b\_c accuracy" in heading and r"41.00 $\pm$ 1.41" in row


def test_the_memory_of_a_gpu_is_a_column_where_a_run_has_one() -> None:
    on_cpu, on_gpu = made(50.0, 1), made(60.0, 2, device="cuda")
    on_gpu.cost |= {"gpu_peak_bytes": 7_000_000}
    assert "GPU" not in shown(on_cpu)
    text = shown(on_cpu, on_gpu)
    assert "peak GPU" in text and "7 MB" in text
