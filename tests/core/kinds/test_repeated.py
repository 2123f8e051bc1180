"""Repeated items against a plain loop over sorted lists."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.interning import close
from core.data.vocab import END, FIRST
from core.kinds import repeated
from core.kinds.repeated import repeated_ranks


@pytest.mark.parametrize("cells", [1, 1 << 20])
def test_the_ranks_are_those_of_a_sorted_list(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "CELLS", cells)
    random = np.random.default_rng(3)
    counts, lengths = np.array([9, 3, 7, 2, 2, 1, 7, 0]), random.integers(0, 9, 60)
    rows = close(random.integers(1, 8, int(lengths.sum())).astype(np.int32), lengths)
    found = repeated_ranks(rows, counts)
    for row in range(len(rows)):
        items = rows[row].tolist()
        for t, item in enumerate(items):
            above, ties = found["above"][rows.offsets[row] + t], found["ties"][rows.offsets[row] + t]
            if item == END:
                assert (above, ties) == (0, 1)
                continue
            before = [one for one in dict.fromkeys(items[:t][::-1]) if one >= FIRST]
            others = [one for one in range(FIRST, 8) if one not in before]
            if item < FIRST:
                assert (above, ties) == (6, 1)
            elif item in before:
                assert (above, ties) == (before.index(item), 1)
            else:
                assert above == len(before) + sum(counts[one] > counts[item] for one in others)
                assert ties == sum(counts[one] == counts[item] for one in others)
