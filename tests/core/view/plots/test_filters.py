"""What filters respond to: rows are counted, n-grams have their highest activation."""

from __future__ import annotations

from core.model.interface import FilterActivation
from core.view.plots.filters import collect, filters_drawing

WORDS = [["a", "good", "film"], ["so", "bad"], ["a", "good", "one"]]
ROWS = [
    [FilterActivation(2, 7, 0, 2, 1.5), FilterActivation(3, 7, 0, 3, 0.5)],
    [FilterActivation(3, 7, 0, 2, 2.5)],
    [FilterActivation(2, 7, 0, 2, 2.0), FilterActivation(3, 7, 1, 3, 0.75), FilterActivation(2, 1, 1, 3, 9.0)],
]


def test_filters_are_in_the_order_of_their_rows_and_n_grams_in_that_of_their_activations() -> None:
    found = collect(ROWS, WORDS, ["pos", "neg", "pos"])
    assert [(own.width, own.number, own.rows) for own in found] == [(3, 7, 3), (2, 7, 2), (2, 1, 1)]
    assert found[0].strongest(2) == [("so bad", 2.5, 1), ("good one", 0.75, 1)]
    assert found[1].strongest(9) == [("a good", 2.0, 2)]
    assert found[0].title == "filter 7 of width 3: 3 rows, 67 % labelled pos"
    assert collect(ROWS, WORDS, None)[2].title == "filter 1 of width 2: 1 row"


def test_the_numbers_are_those_of_the_filters_that_are_drawn() -> None:
    drawing = filters_drawing(collect(ROWS, WORDS, None), "title", 3, n=2, top=1)
    assert drawing.tables[0].rows == [(3, 7, 3, "so bad", 2.5, 1), (2, 7, 2, "a good", 2.0, 2)]
    assert drawing.about == "2 filters of 3, 3 rows"
