"""The picture of scores and costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from results import made

from core.errors import DataError
from core.view.bench_table import bench_tables

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

from core.view.cost_picture import write_costs  # noqa: E402 - it needs matplotlib
from core.view.plots.axes import log_ticks  # noqa: E402 - after the skip

HOSTILE = r"$\frac$ <script>"
RUNS = [replace(made(90.0 - i, i + 1), encoder=name) for i, name in enumerate(("bag", HOSTILE))]


def test_the_picture_names_its_rows_and_is_described(tmp_path: Path) -> None:
    path = tmp_path / "costs.svg"
    assert write_costs(bench_tables(RUNS), path) == 1
    first = path.read_bytes()
    texts = {
        "".join(text.itertext()).strip()
        for text in ElementTree.fromstring(first).iter("{http://www.w3.org/2000/svg}text")
    }
    assert {"bag", HOSTILE, "parameters (log scale)", "pos accuracy"} <= texts
    assert b"best for their cost: bag 90.00" in first
    write_costs(bench_tables(RUNS), path)
    assert path.read_bytes() == first  # the same picture has the same bytes


@pytest.mark.parametrize(("low", "high"), [(224_000, 236_000), (1, 3), (5, 5_000_000), (0.02, 0.9), (9, 11)])
def test_an_axis_has_two_to_five_ticks(low: float, high: float) -> None:
    found = log_ticks(low, high, 5)
    assert 2 <= len(found) <= 5 and all(low <= tick <= high for tick in found)


def test_without_a_cost_there_is_no_picture(tmp_path: Path) -> None:
    run = made(50.0)
    run.cost |= {"seconds": 0.0, "parameters": 0}
    with pytest.raises(DataError, match="no row has a finite score and a cost"):
        write_costs(bench_tables([run]), tmp_path / "costs.png")
    assert not list(tmp_path.iterdir())
