"""The numbers of learning curves: means, bands, seeds that stop early, runs without a curve."""

from __future__ import annotations

import math
from statistics import mean, stdev
from typing import Any

import pytest
from results import made

from core.errors import ConfigError, DataError
from core.runs.result import Result
from core.view.plots.curves import curves_drawing
from core.view.plots.drawing import Drawing

SEEDS = ([10.0, 30.0, 50.0], [20.0, 60.0, 40.0], [60.0, 30.0])  # the third stops early


def curve(values: list[float], **more: Any) -> list[dict[str, Any]]:
    return [
        {"epoch": n, "step": 7 * n, "loss": 1 / n, "accuracy": value, "seconds": n + value / 10, **more}
        for n, value in enumerate(values, start=1)
    ]


def three_seeds(**keys: Any) -> list[Result]:
    runs = []
    for number, values in enumerate(SEEDS, start=1):
        run = made(number=number, **keys)
        run.seed, run.curve = number, curve(values)
        runs.append(run)
    return runs


def drawn(runs: list[Result], *metrics: str, x: str = "epoch", band: str = "range") -> Drawing:
    return curves_drawing(runs, metrics, x, band, "auto")


def test_a_line_is_the_mean_of_the_seeds_that_reached_the_epoch_and_the_band_their_range() -> None:
    (table,) = drawn(three_seeds()).tables
    assert table.header == ("line", "epoch", "mean accuracy", "low", "high", "runs")
    by_epoch = [[seed[n] for seed in SEEDS if n < len(seed)] for n in range(3)]
    assert table.rows == [
        ("bag", float(n), mean(values), min(values), max(values), len(values))
        for n, values in enumerate(by_epoch, start=1)
    ]


def test_a_band_of_deviations_is_that_of_n_minus_1_and_one_run_has_none() -> None:
    runs = three_seeds()
    rows = drawn(runs, band="sd").tables[0].rows
    assert rows[0][3:5] == pytest.approx((30 - stdev([10, 20, 60]), 30 + stdev([10, 20, 60])))
    assert "mean ± standard deviation" in drawn(runs, band="sd").caption
    assert all(row[2] == row[3] == row[4] for row in drawn(runs[:1], band="sd").tables[0].rows)
    assert drawn(runs[:1]).caption == "" and "over 3 runs" in drawn(runs).caption


def test_x_is_steps_or_the_seconds_of_all_epochs_so_far() -> None:
    runs = three_seeds()
    assert [row[1] for row in drawn(runs, x="step").tables[0].rows] == [7, 14, 21]
    spent = [[n + value / 10 for n, value in enumerate(seed, start=1)] for seed in SEEDS]
    by_hand = [mean(sum(own[: n + 1]) for own in spent if n < len(own)) for n in range(3)]
    assert [row[1] for row in drawn(runs, x="seconds").tables[0].rows] == pytest.approx(by_hand)


def test_runs_that_differ_in_more_than_the_seed_are_lines_of_their_own() -> None:
    runs = [*three_seeds(encoder_size=3), *three_seeds(encoder_size=4)]
    for number, run in enumerate(runs):
        run.id = f"{number:012d}"
    assert list(dict.fromkeys(row[0] for row in drawn(runs).tables[0].rows)) == ["bag size=3", "bag size=4"]
    runs[-1].task = "chunk"
    assert {row[0] for row in drawn(runs).tables[0].rows} == {"pos bag size=3", "pos bag size=4", "chunk bag"}


def test_several_metrics_are_one_table_and_interrupted_runs_are_marked() -> None:
    runs = three_seeds()
    runs[0].status = "interrupted"
    (table,) = drawn(runs, "loss", "accuracy").tables
    assert table.header[:4] == ("metric", "line", "epoch", "mean") and len(table.rows) == 6
    assert table.rows[0][:4] == ("loss", "bag (interrupted)", 1.0, 1.0) and table.rows[3][0] == "accuracy"


def test_values_that_are_not_finite_are_left_out() -> None:
    runs = three_seeds()
    runs[0].curve[0]["accuracy"], runs[1].curve[1]["accuracy"] = math.nan, math.inf
    assert [row[2] for row in drawn(runs).tables[0].rows] == [40.0, 30.0, 45.0]


def test_runs_without_a_curve_are_named() -> None:
    runs = [*three_seeds(), made(number=9)]
    assert drawn(runs).notes == ["left out: 1 run without a learning curve (bag)"]
    with pytest.raises(DataError, match="no run has a learning curve"):
        drawn(runs[-1:])


def test_runs_scored_on_different_rows_of_dev_are_said_not_to_compare() -> None:
    runs = three_seeds()
    runs[0].fingerprints = {"dev": "other"}
    assert "different rows or words of dev" in drawn(runs).notes[0]


def test_runs_with_several_metrics_need_one_that_is_named() -> None:
    runs = three_seeds()
    runs[0].primary, runs[0].task = "perplexity", "lm"
    with pytest.raises(ConfigError, match=r"several metrics: perplexity \(lm\), accuracy \(pos\); choose a task"):
        drawn(runs)
    assert len(drawn(runs, "loss").tables[0].rows) == 6
    with pytest.raises(ConfigError, match="no learning curve has 'acuracy'; did you mean 'accuracy'"):
        drawn(runs, "acuracy")


def test_steps_that_older_runs_have_not_saved_are_an_error() -> None:
    runs = three_seeds()
    for run in runs:
        run.curve = [{key: row[key] for key in row if key != "step"} for row in run.curve]
    with pytest.raises(DataError, match="x: no run has saved these for its epochs.*take x=epoch"):
        drawn(runs, x="step")
