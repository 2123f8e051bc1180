"""Which rows and tokens are used: splits cut from train, a learning curve's rows, the longest row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.corpus import Ragged
from core.data.options import DataOptions
from core.errors import ConfigError
from core.task import Task


@dataclass
class Coded:
    """One split in codes of first occurrence, before there is a vocabulary."""

    columns: dict[str, Ragged]

    def select(self, rows: npt.NDArray[np.int64]) -> Coded:
        """Some rows, in order."""
        return Coded({name: column.select(rows) for name, column in self.columns.items()})

    def __len__(self) -> int:
        return len(self.columns["tokens"])


def cut_missing(coded: dict[str, Coded], task: Task, options: DataOptions) -> tuple[tuple[str, ...], list[str]]:
    """Cut missing test and dev splits from the training rows: a text gives up its tail, else a random sample.

    Args:
        coded: split -> rows, changed in place.
        task: of kind ``next`` the rows are a text.
        options: the share that each gets, and the seed of the sample.

    Returns:
        The splits that were missing, and a sentence for each.

    Raises:
        ConfigError: nothing would be left for train.
    """
    missing, notes = [split for split in ("test", "dev") if split not in coded], []
    if options.fraction * len(missing) >= 1:
        what = f"{options.fraction:g} of the rows for each of {' and '.join(missing)} leaves none for train"
        raise ConfigError(what, where="data.fraction", remedy=f"give less than {1 / len(missing):g}")
    for split in missing:
        train = coded["train"]
        share = max(1, round(len(train) * options.fraction / (1 - options.fraction * missing.index(split))))
        order = _order(len(train), task, options)
        kept, gone = np.sort(order[: len(train) - share]), np.sort(order[len(train) - share :])
        coded["train"], coded[split] = train.select(kept), train.select(gone)
        how = "the tail" if task.kind == "next" else f"a sample (data.split_seed={options.split_seed})"
        notes.append(
            f"no {split} split: {how} of the training rows, {len(gone):,} of {len(train):,}, became {split}"
        )
    return tuple(missing), notes


def limited(coded: dict[str, Coded], task: Task, options: DataOptions) -> list[str]:
    """Leave ``data.limit`` training rows: the head of a text, else a random sample; a sentence where some go."""
    train = coded["train"]
    if options.limit is None or options.limit >= len(train):
        return []
    kept = _order(len(train), task, options)[: options.limit]
    coded["train"] = train.select(np.sort(kept))
    return [f"data.limit: {options.limit:,} of {len(train):,} training rows are used"]


def _order(rows: int, task: Task, options: DataOptions) -> npt.NDArray[np.int64]:
    """The order that rows are taken in, int64 (rows,): that of a text, else a random one."""
    if task.kind == "next":
        return np.arange(rows)
    return np.random.default_rng(options.split_seed).permutation(rows)


def shorten(coded: dict[str, Coded], options: DataOptions) -> list[str]:
    """Cut rows down to ``data.max_length`` tokens, with their labels; a sentence for each split with such rows."""
    limit, notes = options.max_length, []
    for split, rows in coded.items():
        long = rows.columns["tokens"].lengths - 1 - limit if limit is not None else np.zeros(0, dtype=np.int64)
        if limit is not None and (long > 0).any():
            coded[split] = Coded({name: _first(column, limit) for name, column in rows.columns.items()})
            count, left = int((long > 0).sum()), int(long[long > 0].sum())
            share = f"{count:,} of {len(long):,} rows were cut, {left:,} tokens left out"
            notes.append(f"{split}: {share} (data.max_length={limit})")
    return notes


def _first(rows: Ragged, limit: int) -> Ragged:
    """The first tokens of each row, and its END."""
    place = np.arange(len(rows.values)) - np.repeat(rows.offsets[:-1], rows.lengths)  # (N,) in its row
    kept = (place < limit) | ~rows.inner
    offsets = np.concatenate([[0], np.cumsum(np.minimum(rows.lengths - 1, limit) + 1)]).astype(np.int64)
    return Ragged(rows.values[kept], offsets)
