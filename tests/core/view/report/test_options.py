"""The part of the page about options: which options and lines it has, and the numbers of its charts."""

from __future__ import annotations

from typing import Any

import pytest
from results import made

pytest.importorskip("altair", reason="the page needs the extra report")

from core.runs.result import Result  # noqa: E402 - it needs altair
from core.view.bench_table import Column  # noqa: E402 - after the skip
from core.view.report.charts import Charts  # noqa: E402 - after the skip
from core.view.report.content import Part  # noqa: E402 - after the skip
from core.view.report.material import ColumnRuns  # noqa: E402 - after the skip
from core.view.report.options import options  # noqa: E402 - after the skip


def part_of(runs: list[Result]) -> Part | None:
    column = Column("pos", "pos", "accuracy", False)
    return options(ColumnRuns("pos", "toy", column, {run.id: [run] for run in runs}), Charts([]))


def grid(scores: dict[tuple[Any, ...], list[float]], *keys: str) -> list[Result]:
    found = []
    for values, own in scores.items():
        for score in own:
            found.append(made(score, len(found), **dict(zip(keys, values, strict=True))))
    return found


def test_an_option_with_three_values_has_a_line_per_combination_of_the_others() -> None:
    scores = {(n, way): [10.0 * n, 10.0 * n + 2] for n in (1, 2, 3) for way in ("up", "down")}
    part = part_of(grid(scores, "encoder_order", "encoder_way"))
    assert part is not None and [chart.title for chart in part.charts] == ["Accuracy against encoder.order"]
    shown = str(part.charts[0].spec)
    assert shown.count("'row': 'bag way=up', 'x'") == 3 and "'y': 11.0, 'low': 10.0, 'high': 12.0" in shown
    assert "bag way=down: 11.00 at 1, 31.00 at 3" in part.charts[0].alt
    (rows,) = (grid.rows for grid in part.folded["Numbers"])
    assert [value.text for value in rows[0]] == ["bag way=up", "1.0000", "11.00", "10.00", "12.00", "2"]


@pytest.mark.parametrize(
    ("scores", "keys"),
    [
        ({(1, 1): [1.0], (2, 2): [2.0], (3, 3): [3.0]}, ("encoder_size", "encoder_order")),  # they vary together
        ({(1, 1): [1.0], (2, 1): [2.0]}, ("encoder_size", "encoder_order")),
        ({("a",): [1.0], ("b",): [2.0], ("c",): [3.0]}, ("encoder_way",)),
    ],
)
def test_rows_without_three_numbers_of_an_option_have_no_part(scores: Any, keys: tuple[str, ...]) -> None:
    assert part_of(grid(scores, *keys)) is None
