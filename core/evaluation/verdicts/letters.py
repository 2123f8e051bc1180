"""Many comparisons at once: corrected p-values, the letter display and the ranks that it leaves open."""

from __future__ import annotations

from collections.abc import Collection
from string import ascii_lowercase

import numpy as np

from core.types import Float64s

Pairs = Collection[tuple[int, int]]  # rows that are separated, the better one first; rows are numbered best first


def holm(p_values: Float64s) -> Float64s:
    """P-values corrected for their number (Holm, 1979): (P,) -> (P,)."""
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(p_values)
    corrected[order] = np.minimum(1, np.maximum.accumulate(steps))
    return corrected


def letter_display(rows: int, separated: Pairs) -> list[str]:
    """The letters of each row; two rows share a letter if and only if they are not separated.

    The method is insert-and-absorb (Piepho, 2004); the first letter belongs to the best row.
    """
    groups = [frozenset(range(rows))]
    for pair in separated:
        split = [group for group in groups if group.issuperset(pair)]
        parts = [group - {row} for group in split for row in pair]
        groups = [group for group in groups if group not in split]
        for part in dict.fromkeys(parts):
            if not any(part <= group for group in groups):
                groups = [*(group for group in groups if not group <= part), part]
    groups.sort(key=sorted)
    letters = [_letter(i) for i in range(len(groups))]
    return [
        "".join(letter for letter, group in zip(letters, groups, strict=True) if row in group)
        for row in range(rows)
    ]


def _letter(number: int) -> str:
    """a to z, then (a1) to (z1), and so on."""
    turn, place = divmod(number, len(ascii_lowercase))
    return f"({ascii_lowercase[place]}{turn})" if turn else ascii_lowercase[place]


def rank_intervals(rows: int, separated: Pairs) -> list[tuple[int, int]]:
    """The best and the worst rank that each row may have, given what it is separated from."""
    better = [sum(worse == row for _, worse in separated) for row in range(rows)]
    worse = [sum(best == row for best, _ in separated) for row in range(rows)]
    return [(1 + above, rows - below) for above, below in zip(better, worse, strict=True)]
