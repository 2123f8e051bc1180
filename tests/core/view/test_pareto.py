"""Which rows no other one beats in score and cost."""

from __future__ import annotations

import math
from dataclasses import replace

from results import made

from core.view.pareto import front, points


def rows(**scores: tuple[float, float]) -> dict:
    """Name -> score and seconds."""
    found = {}
    for name, (score, seconds) in scores.items():
        run = made(score)
        found[name] = [replace(run, cost=run.cost | {"seconds": seconds})]
    return found


def names(found: dict, minimize: bool) -> list[str]:
    return [point.row for point in front(points(found, "seconds", minimize))]


def test_the_front_is_what_no_row_beats_in_both() -> None:
    found = rows(a=(80, 1), b=(90, 3), c=(85, 4), d=(80, 2), e=(90, 3), f=(95, 9))
    assert names(found, False) == ["a", "b", "e", "f"]  # b and e are equal, d costs more than a
    assert names(rows(a=(80, 1), b=(90, 3), c=(20, 4)), True) == ["a", "c"]


def test_a_row_without_a_finite_score_or_a_cost_is_left_out() -> None:
    assert names(rows(a=(math.inf, 1), b=(math.nan, 1), c=(5, 0), d=(6, math.nan), e=(7, 2)), True) == ["e"]


def test_scores_and_costs_are_means_over_runs() -> None:
    both = {"a\nb": [*rows(a=(80, 1))["a"], *rows(a=(90, 3))["a"]]}
    (point,) = points(both, "seconds", False)
    assert point == (r"a\nb", 2, 85, 80, 90, True)
