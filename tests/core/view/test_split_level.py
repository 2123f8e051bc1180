"""Runs on several splits of the same data: one table, means of splits, and what deviations are over."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from statistics import stdev
from zlib import crc32

import pytest
from results import made
from rich.console import Console

from core.runs.result import Result
from core.view import run_table
from core.view.bench_table import BenchTable, bench_tables, lines_below
from core.view.formats import as_csv, as_json
from core.view.rows import Score, comparable, row_names
from core.view.split_level import components

SCORES = {"bag": {(1, 1): 80.0, (1, 2): 82.0, (2, 1): 90.0, (2, 2): 94.0}, "cnn": {(1, 1): 70.0, (2, 1): 72.0}}


def run(encoder: str, split: int, seed: int, score: float, number: int = 1, **keys: object) -> Result:
    """A run whose events depend on the split seed."""
    options = {"data_split_seed": split, **keys}
    return replace(
        made(
            score, crc32(f"{encoder} {split} {seed} {keys}".encode()), fingerprint=f"f{split}{number}", **options
        ),
        encoder=encoder,
        seed=seed,
        baselines={"chance": {"accuracy": 10.0 * split}},
        events={part: {"rows": 100 + split, "tokens": 500} for part in ("dev", "test")},
    )


def runs() -> list[Result]:
    found = [run(name, *key, score) for name, own in SCORES.items() for key, score in own.items()]
    return [
        replace(each, config=each.config | {"data.split_seed": each.config["data.split_seed"]}) for each in found
    ]


def table() -> BenchTable:
    (found,) = bench_tables(runs())
    return found


def test_runs_of_several_splits_are_one_row_of_one_column() -> None:
    found = table()
    assert [column.name for column in found.columns] == ["pos"] and list(found.rows) == ["bag", "cnn"]
    (bag,), (cnn,) = found.rows.values()
    assert bag == Score(86.5, stdev([80, 82, 90, 94]), 4, "", 2, *components([80, 82, 90, 94], [1, 1, 2, 2]))
    assert bag.split_deviation == pytest.approx(stdev([81, 92])) and bag.seed_deviation == pytest.approx(5**0.5)
    assert (cnn.mean, cnn.splits, cnn.seed_deviation) == (71.0, 2, None)
    assert found.baselines["chance"][0].mean == 15  # the mean of those of the splits


def test_every_split_counts_the_same_in_a_mean() -> None:
    assert Score.of([1.0, 1.0, 1.0, 5.0], [1, 1, 1, 2]).mean == 3.0
    assert Score.of([1.0, 3.0], [4, 4]) == Score.of([1.0, 3.0])
    assert Score.of([1.0, float("inf")], [1, 2]).split_deviation is None


def test_other_options_that_change_the_events_still_make_columns() -> None:
    grid = [run("bag", split, 1, 50, count, task_min_count=count) for split in (1, 2) for count in (1, 2)]
    (found,) = bench_tables(grid)
    assert [column.name for column in found.columns] == ["pos task.min_count=1", "pos task.min_count=2"]
    assert [score.splits for score in found.rows["bag"]] == [2, 2]


def test_options_of_the_training_rows_are_rows_of_one_column() -> None:
    grid = [run("bag", split, 1, 50, data_limit=limit) for split in (1, 2) for limit in (10, 20)]
    (found,) = bench_tables(grid)
    assert list(found.rows) == ["bag data.limit=10", "bag data.limit=20"] and len(found.columns) == 1


def test_runs_that_have_no_row_in_common_are_not_compared_over_splits() -> None:
    (found,) = bench_tables([run("bag", 1, 1, 50), run("cnn", 2, 1, 60)])
    assert [column.name for column in found.columns] == ["pos data.split_seed=1", "pos data.split_seed=2"]
    changed = [run("bag", 1, 1, 50, 1), run("bag", 1, 2, 50, 2)]  # the data has changed between them
    assert len(comparable(changed)) == 2


def test_split_seeds_are_not_in_the_names_of_rows() -> None:
    assert set(row_names(runs()).values()) == {"bag", "cnn"}


def test_a_line_says_what_the_deviations_are_over() -> None:
    assert lines_below(table()) == [
        "pos accuracy: mean ± standard deviation over 2 splits (data.split_seed) x 1 to 2 seeds;"
        " the deviation is 1.41 to 7.78 between splits and 2.24 between seeds."
    ]
    (alone,) = bench_tables([made(1, 1), replace(made(2, 2), seed=2)])
    assert lines_below(alone) == []


def test_programs_read_splits_and_both_deviations() -> None:
    head, bag, cnn, *_ = csv.reader(io.StringIO(as_csv(table())))
    row = dict(zip(head, bag, strict=True))
    assert (row["pos accuracy"], row["pos runs"], row["pos splits"]) == ("86.5", "4", "2")
    assert float(row["pos split deviation"]) == pytest.approx(stdev([81, 92]))
    assert float(row["pos seed deviation"]) == pytest.approx(5**0.5)
    assert dict(zip(head, cnn, strict=True))["pos seed deviation"] == ""
    found = json.loads(as_json(table()))["rows"]["bag"]["pos"]
    assert (found["splits"], found["runs"]) == (2, 4) and found["split_deviation"] == pytest.approx(
        stdev([81, 92])
    )
    (alone,) = bench_tables([made()])
    assert "splits" not in as_csv(alone) and "split" not in as_json(alone)


def test_the_table_of_runs_has_one_row_per_encoder_too() -> None:
    out = io.StringIO()
    run_table.show(runs(), Console(file=out, width=150))
    text = out.getvalue()
    assert "pos on toy: test, 2 splits of 101 to 102 rows" in text and "86.50 ± 6.61" in text
    assert text.count("│ bag") == 1 and "accuracy: mean ± standard deviation over 2 splits" in text
    assert "15.00" in text  # chance
