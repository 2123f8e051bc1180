"""The table of n-grams agrees with counting by hand, and what it reads is checked."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from plugins.models.linear.ngrams import NgramTable

LONGEST = 4


def rows_of(seed: int, number: int, size: int) -> list[list[int]]:
    random = np.random.default_rng(seed)
    return [random.integers(-1, size, random.integers(0, 9)).tolist() for _ in range(number)]


def flat(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    return np.array(sum(rows, []), dtype=np.int32), owners


def ngrams(row: list[int], length: int) -> list[tuple[int, ...]]:
    found = [tuple(row[i : i + length]) for i in range(len(row) - length + 1)]
    return [gram for gram in found if min(gram) >= 0]


@pytest.mark.parametrize("min_count", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_ngrams_of_other_rows_are_those_found_by_hand(seed: int, min_count: int) -> None:
    size, train, other = 4, rows_of(seed, 60, 4), rows_of(seed + 10, 20, 4)
    table = NgramTable.fit(*flat(train), size, LONGEST, min_count)
    symbols, owners = flat(other)
    for length, (places, numbers) in enumerate(table.find(symbols, owners), start=1):
        counts = Counter(gram for row in train for gram in ngrams(row, length))
        kept = {gram for gram, count in counts.items() if count >= min_count}
        assert len(table.levels[length - 1]) == len(kept)
        by_number: dict[int, tuple[int, ...]] = {}
        for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
            gram = tuple(symbols[place : place + length].tolist())
            assert by_number.setdefault(number, gram) == gram and gram in kept
        found = Counter(int(owners[place]) for place in places.tolist())
        for number, row in enumerate(other):
            assert found[number] == sum(gram in kept for gram in ngrams(row, length))


def test_a_row_counts_as_often_as_it_occurs() -> None:
    symbols, owners = flat([[0, 1], [0, 2]])
    table = NgramTable.fit(symbols, owners, 3, 2, 5, np.array([5, 5, 1, 1]))
    assert [codes.tolist() for codes in table.levels] == [[0, 1], [1]]  # 0, 1 and (0, 1)


@pytest.mark.parametrize("change", ["falling", "beyond", "type", "missing"])
def test_a_table_that_is_damaged_is_refused(change: str) -> None:
    table = NgramTable.fit(*flat(rows_of(0, 60, 4)), 4, 2, 1)
    arrays = table.arrays()
    assert [codes.tolist() for codes in NgramTable.read(4, arrays, 2).levels] == [c.tolist() for c in table.levels]
    changed = {"falling": arrays["2"][::-1], "beyond": arrays["2"] + 16, "type": arrays["2"].astype(float)}
    with pytest.raises((ValueError, KeyError)):
        NgramTable.read(4, {"1": arrays["1"]} | ({} if change == "missing" else {"2": changed[change]}), 2)
