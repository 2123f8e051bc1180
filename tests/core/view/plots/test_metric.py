"""A metric against an option: which runs make a point, a line, a category, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from results import made

from core.errors import ConfigError, DataError, UnknownName
from core.runs.result import Result
from core.view.plots.metric import Comparison, compare


def grid(scores: dict[tuple[Any, ...], list[float]], *keys: str) -> list[Result]:
    """Values of the keys -> the score of each seed."""
    runs = []
    for values, own in scores.items():
        for seed, score in enumerate(own, start=1):
            run = made(score, len(runs) + 1, **dict(zip(keys, values, strict=True)))
            run.seed = seed
            runs.append(run)
    return runs


def shown(runs: list[Result], x: str, *series: str, metric: str | None = None, **how: Any) -> Comparison:
    return compare(runs, metric, how.get("split", "test"), x, series, how.get("band", "range"))


ORDERS = grid(
    {(2, "kn"): [50, 70], (10, "kn"): [80], (3, "kn"): [60, 64], (2, "wb"): [40], (10, "wb"): [45, 46]},
    "encoder_order",
    "encoder_smoothing",
)


def test_a_point_is_the_mean_over_seeds_and_points_are_in_the_order_of_numbers() -> None:
    found = shown(ORDERS, "encoder.order", "encoder.smoothing")
    assert found.table.header == ("line", "encoder.order", "mean accuracy on test", "low", "high", "runs")
    assert found.table.rows == [
        ("kn", 2.0, 60.0, 50.0, 70.0, 2),
        ("kn", 3.0, 62.0, 60.0, 64.0, 2),
        ("kn", 10.0, 80.0, 80.0, 80.0, 1),
        ("wb", 2.0, 40.0, 40.0, 40.0, 1),
        ("wb", 10.0, 45.5, 45.0, 46.0, 2),
    ]
    assert found.runs == 8 and found.notes == []


def test_without_series_each_combination_of_the_other_options_is_a_line() -> None:
    assert [line.name for line in shown(ORDERS, "encoder.order").lines] == ["bag smoothing=kn", "bag smoothing=wb"]
    assert [line.name for line in shown(ORDERS[:5], "encoder.order").lines] == ["bag"]


def test_runs_of_a_point_that_differ_in_more_than_the_seed_are_refused() -> None:
    with pytest.raises(ConfigError, match="runs of 'bag' with the same encoder.order differ in smoothing; name"):
        shown(ORDERS, "encoder.order", "encoder")
    runs = [*ORDERS[:2], *grid({(2, "kn"): [1.0]}, "encoder_order", "encoder_smoothing")]
    runs[-1].task, runs[-1].id = "chunk", "x"
    with pytest.raises(ConfigError, match="differ in task"):
        shown(runs, "encoder.order", "encoder.smoothing")


def test_an_option_that_is_text_makes_categories_in_the_order_of_the_runs() -> None:
    found = shown(ORDERS, "encoder.smoothing", "encoder.order")
    assert found.categories == ["kn", "wb"]
    assert found.table.rows[0] == ("2", "kn", 60.0, 50.0, 70.0, 2)
    assert [row[:2] for row in found.table.rows] == [
        ("2", "kn"), ("2", "wb"), ("10", "kn"), ("10", "wb"), ("3", "kn"),
    ]  # fmt: skip


def test_encoders_are_categories_and_their_own_options_do_not_matter() -> None:
    runs = grid({(1,): [10, 30], (2,): [50]}, "encoder_size")
    runs[2].encoder = "cnn"
    assert shown(runs, "encoder").table.rows == [
        ("bag", "bag", 20.0, 10.0, 30.0, 2),
        ("cnn", "cnn", 50, 50, 50, 1),
    ]


def test_without_a_limit_a_run_is_at_the_number_of_its_training_rows() -> None:
    runs = grid({(100,): [10], ("none",): [20]}, "data_limit")
    runs[1].events["train"] = {"rows": 4000, "tokens": 9}
    assert [row[1] for row in shown(runs, "data.limit").table.rows] == [100, 4000]
    assert len(shown(runs, "data.limit").lines) == 1
    del runs[1].events["train"]
    found = shown(runs, "data.limit")
    assert found.runs == 1 and found.notes == ["left out: 1 run without a value of data.limit (bag)"]


def test_the_seconds_of_a_point_are_the_mean_of_its_runs() -> None:
    for run, seconds in zip(runs := ORDERS[:2], (2.0, 4.0), strict=True):
        run.cost = run.cost | {"seconds": seconds}
    assert shown(runs, "seconds").table.rows == [("bag", 3.0, 60.0, 50.0, 70.0, 2)]
    assert shown(runs, "seed").table.rows == [("bag", 1.0, 50, 50, 50, 1), ("bag", 2.0, 70, 70, 70, 1)]


def test_a_cost_or_another_metric_or_split_is_drawn() -> None:
    runs = grid({(1,): [30]}, "encoder_size")
    runs[0].metrics["dev"]["accuracy"] = 5.0
    assert shown(runs, "encoder.size", metric="macro_f1").table.rows[0][2] == 70
    assert shown(runs, "encoder.size", split="dev").table.rows[0][2] == 5
    assert shown(runs, "encoder.size", metric="parameters").table.rows[0][2] == 10
    assert shown(runs, "encoder.size", metric="dev.accuracy").table.rows[0][2] == 5


def test_what_cannot_be_drawn_is_said() -> None:
    runs = grid({(1,): [30], (2,): [math.inf], (3,): [20]}, "encoder_size")
    runs[2].fingerprints = {"test": "other"}
    found = shown(runs, "encoder.size")
    assert found.runs == 2 and found.notes[0] == "left out: 1 run without a finite value of the metric (bag)"
    assert found.notes[1].startswith("the runs are scored on different rows or words of test")
    with pytest.raises(UnknownName, match="x: no run has 'encoder.sise'; did you mean 'encoder.size'"):
        shown(runs, "encoder.sise")
    with pytest.raises(UnknownName, match="metric: no run has 'test.acuracy'"):
        shown(runs, "encoder.size", metric="acuracy")
    with pytest.raises(DataError, match="no run has a finite accuracy on test and a value of encoder.size"):
        shown(runs[1:2], "encoder.size")
    runs[0].primary, runs[0].task = "macro_f1", "chunk"
    with pytest.raises(ConfigError, match=r"several metrics: macro_f1 \(chunk\), accuracy \(pos\); choose a task"):
        shown(runs, "encoder.size")
