"""Which runs of two rows of a table are compared: those on the same split of the data and with the same seed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.types import Float64s, Int64s

Runs = Mapping[Hashable, int]  # the key of a run (its seed, or its split and seed) -> the place of the run


@dataclass(frozen=True, eq=False)
class Pairing:
    """The runs of two rows of the table, pair by pair.

    Args:
        first: int64 (S,), the places of the runs of the first row.
        second: int64 (S,), those of the second.
        split: int64 (S,), which split each pair has predicted, from 0.
        seeded: whether the training of one of the two depends on a seed.
    """

    first: Int64s
    second: Int64s
    split: Int64s
    seeded: bool = True

    @cached_property
    def by_split(self) -> Float64s:
        """The mean over the pairs of each split as a matrix: (P, S), rows that sum to 1."""
        member = np.arange(self.split.max() + 1)[:, None] == self.split
        return np.asarray(member / member.sum(1, keepdims=True))

    @property
    def splits(self) -> int:
        """The number of splits."""
        return len(self.by_split)

    @property
    def weights(self) -> Float64s:
        """The share of each pair in the mean difference, in which every split counts the same: (S,)."""
        return np.asarray(self.by_split.mean(0))


def pair_runs(first: Runs, second: Runs, fixed: tuple[bool, bool], splits: Sequence[int]) -> Pairing:
    """The runs of two rows of the table with the same keys.

    Args:
        first: the runs of one row.
        second: those of the other.
        fixed: whether the runs of each depend on no seed: its run on a split is paired with each of the other's.
        splits: the split of every run of the table, by place; empty where there is one.
    """
    split_of = dict(enumerate(splits))
    if fixed == (True, False):
        first = _repeated(first, second, split_of)
    elif fixed[1]:
        second = _repeated(second, first, split_of)
    common = [key for key in first if key in second]
    common.sort(key=lambda key: (split_of.get(first[key], 0), first[key], second[key]))
    places = np.array([[first[key] for key in common], [second[key] for key in common]])  # (2, S)
    own = [split_of.get(place, 0) for place in places[0].tolist()]
    return Pairing(places[0], places[1], np.unique(own, return_inverse=True)[1], fixed != (True, True))


def _repeated(fixed: Runs, others: Runs, split_of: Mapping[int, int]) -> Runs:
    """The run on each split under the keys of all runs of another row on this split."""
    runs = {split_of.get(place, 0): place for place in fixed.values()}
    wanted = {key: split_of.get(place, 0) for key, place in others.items()}
    return {key: runs[split] for key, split in wanted.items() if split in runs}
