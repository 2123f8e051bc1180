"""The confusion matrix of a picture: which labels, counts and shares."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from core.view.plots.confusion import confused_labels, confusion_drawing

FOUND = {("a", "a"): 90, ("a", "b"): 10, ("b", "b"): 5, ("b", "c"): 1, ("c", "c"): 40, ("d", "a"): 3}


def test_a_row_is_shares_of_all_events_with_its_label_also_where_columns_are_left_out() -> None:
    drawing = confusion_drawing(FOUND, "title", "counts", 2)
    assert drawing.tables[0].rows == [("a", "a", 90, 90.0), ("a", "b", 10, 10.0), ("b", "b", 5, 500 / 6)]
    assert drawing.caption == "the 2 of 4 labels with the most mistakes; numbers: events"
    assert drawing.about == "2 labels, 149 events" and drawing.description.startswith(
        "135 of 149 events are right."
    )
    assert "a as b 10 times; d as a 3 times; b as c 1 times" in drawing.description


def test_a_label_without_events_has_a_line_without_shares() -> None:
    rows = confusion_drawing({("a", "b"): 2}, "title", "shares", 9).tables[0].rows
    assert rows == [("a", "b", 2, 100.0)]


@pytest.mark.parametrize("most", [1, 3, 10, 100])
def test_the_labels_are_those_with_the_most_mistakes_in_the_order_of_their_frequency(most: int) -> None:
    draw = random.Random(most)
    events = [(draw.choice("abcdefghij"), draw.choice("abcdefghijxyz")) for _ in range(300)]
    found = dict(Counter(events))
    wrong = {label: sum((a == label) != (b == label) for a, b in events) for pair in events for label in pair}
    frequent = {label: sum(a == label for a, _ in events) for label in wrong}
    names = confused_labels(found, most)
    left = set(wrong) - set(names)
    assert len(names) == min(most, len(wrong))
    assert not left or min(wrong[name] for name in names) >= max(wrong[name] for name in left)
    assert [frequent[name] for name in names] == sorted((frequent[name] for name in names), reverse=True)
