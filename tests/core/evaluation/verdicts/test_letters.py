"""Holm's correction, letter displays and ranks on hand-worked examples and all small cases."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from core.evaluation.verdicts.letters import holm, letter_display, rank_intervals


def test_holms_steps_by_hand() -> None:
    """Sorted: .005 * 5, .011 * 4, .02 * 3, .04 * 2 = .08, .13; none is below an earlier one."""
    given = np.array([0.011, 0.02, 0.005, 0.13, 0.04])
    assert holm(given) == pytest.approx([0.044, 0.06, 0.025, 0.13, 0.08])
    assert holm(np.array([0.02, 0.021, 0.9])) == pytest.approx([0.06, 0.06, 0.9])
    assert holm(np.array([0.6, 0.5])).tolist() == [1, 1] and holm(np.array([0.03])).tolist() == [0.03]


def test_letters_by_hand() -> None:
    """Rows from best to worst, as in a table of means."""
    assert letter_display(3, []) == ["a", "a", "a"]
    assert letter_display(3, [(0, 1), (0, 2), (1, 2)]) == ["a", "b", "c"]
    assert letter_display(3, [(0, 2)]) == ["a", "ab", "b"]
    assert letter_display(4, [(0, 2), (0, 3), (1, 3)]) == ["a", "ab", "bc", "c"]
    assert letter_display(2, [(0, 1)]) == ["a", "b"] and letter_display(1, []) == ["a"]


def test_a_middle_row_may_be_separated_from_a_neighbour_alone() -> None:
    """The first shares a letter with the third, the second does not: a noisy row between two steady ones."""
    assert letter_display(3, [(0, 1), (1, 2)]) == ["a", "b", "a"]


@pytest.mark.parametrize("rows", [2, 3, 4, 5])
def test_two_rows_share_a_letter_if_and_only_if_they_are_not_separated(rows: int) -> None:
    pairs = list(combinations(range(rows), 2))
    for chosen in range(1 << len(pairs)):
        separated = [pair for i, pair in enumerate(pairs) if chosen >> i & 1]
        display = letter_display(rows, separated)
        for i, j in pairs:
            assert bool(set(display[i]) & set(display[j])) == ((i, j) not in separated)
        groups = [
            {row for row in range(rows) if letter in display[row]} for letter in sorted(set("".join(display)))
        ]
        assert not any(a < b for a in groups for b in groups), "a letter says nothing that another does not"
        assert [min(group) for group in groups] == sorted(min(group) for group in groups)


def test_more_than_26_groups_have_letters_of_their_own() -> None:
    display = letter_display(30, list(combinations(range(30), 2)))
    assert len(set(display)) == 30 and display[25:28] == ["z", "(a1)", "(b1)"]


def test_ranks_count_the_rows_that_are_better_and_worse_for_certain() -> None:
    assert rank_intervals(3, []) == [(1, 3)] * 3
    assert rank_intervals(4, [(0, 2), (0, 3), (1, 3)]) == [(1, 2), (1, 3), (2, 4), (3, 4)]
    assert rank_intervals(2, [(0, 1)]) == [(1, 1), (2, 2)]
