"""Which rows and tokens are used: splits cut at random, ``data.limit`` and ``data.max_length``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.corpus import SOURCE_ROWS, Ragged
from core.data.options import DataOptions
from core.errors import ConfigError
from core.types import Int64s, Note


@dataclass
class InternedSplit:
    """One split in codes of first occurrence, before there is a vocabulary."""

    columns: dict[str, Ragged]

    def select(self, rows: Int64s) -> InternedSplit:
        """Some rows, in order."""
        return InternedSplit({name: column.select(rows) for name, column in self.columns.items()})

    def __len__(self) -> int:
        return len(self.columns["tokens"])


def number_rows(splits: dict[str, InternedSplit]) -> None:
    """Give each row its number in the source, so that a row is known again in another split."""
    start = 0
    for split in splits.values():
        numbers = np.arange(start, start := start + len(split), dtype=np.int32)
        split.columns[SOURCE_ROWS] = Ragged(numbers, np.arange(len(numbers) + 1))


def cut_again(splits: dict[str, InternedSplit], running_text: bool, options: DataOptions) -> list[Note]:
    """Join the splits and cut them again at random with as many rows each (``data.resplit``); a note says so.

    Args:
        splits: split -> rows, changed in place.
        running_text: whether the rows are one text, which is not cut at random.
        options: whether to, and the seed of the sample.

    Raises:
        ConfigError: the rows are one text.
    """
    if not options.resplit or len(splits) < 2:
        return []
    if running_text:
        what = "a language model reads rows in order, as one text, so they are not cut at random"
        raise ConfigError(what, where="data.resplit", remedy="leave it out")
    sizes = {name: len(split) for name, split in splits.items()}
    joined = join(list(splits.values()))
    order, end = _order(len(joined), running_text, options), len(joined)
    for name in reversed(sizes):
        start = end - sizes[name]
        splits[name], end = joined.select(np.sort(order[start:end])), start
    text = f"{_listed(sizes)} are cut again at random (data.resplit, data.split_seed={options.split_seed})"
    return [Note("split.again", text, {"seed": options.split_seed, **sizes})]


def join(splits: Sequence[InternedSplit]) -> InternedSplit:
    """The rows of several splits, one after the other."""
    columns = {}
    for name in splits[0].columns:
        parts = [split.columns[name] for split in splits]
        lengths = np.concatenate([part.lengths for part in parts])
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns[name] = Ragged(np.concatenate([part.values for part in parts]), offsets)
    return InternedSplit(columns)


def _listed(sizes: Mapping[str, int]) -> str:
    """``train (800 rows) and test (200)``."""
    texts = [f"{name} ({rows:,}{' rows' if i == 0 else ''})" for i, (name, rows) in enumerate(sizes.items())]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def cut_missing(
    splits: dict[str, InternedSplit], running_text: bool, options: DataOptions
) -> tuple[tuple[str, ...], list[Note]]:
    """Cut missing test and dev splits from the training rows: the end of a text, else a random sample.

    Args:
        splits: split -> rows, changed in place.
        running_text: whether the rows are one text.
        options: the share of each new split, and the seed of the sample.

    Returns:
        The splits that were missing, and a note for each; ConfigError if no training rows would remain.
    """
    missing, notes = [split for split in ("test", "dev") if split not in splits], []
    if options.fraction * len(missing) >= 1:
        what = f"{options.fraction:g} of the rows for each of {' and '.join(missing)} leaves no rows for train"
        raise ConfigError(what, where="data.fraction", remedy=f"choose a value below {1 / len(missing):g}")
    for split in missing:
        train = splits["train"]
        share = max(1, round(len(train) * options.fraction / (1 - options.fraction * missing.index(split))))
        order = _order(len(train), running_text, options)
        splits["train"] = train.select(np.sort(order[: len(train) - share]))
        splits[split] = train.select(np.sort(order[len(train) - share :]))
        how = "the end" if running_text else f"a sample (data.split_seed={options.split_seed})"
        text = f"no {split} split: {how} of the training rows, {share:,} of {len(train):,}, is used for {split}"
        notes.append(Note("split.cut", text, {"split": split, "rows": share}))
    return tuple(missing), notes


def limit_training_rows(splits: dict[str, InternedSplit], running_text: bool, options: DataOptions) -> list[Note]:
    """Keep ``data.limit`` training rows: the start of a text, else a random sample; a note says so."""
    train = splits["train"]
    if options.limit is None or options.limit >= len(train):
        return []
    splits["train"] = train.select(np.sort(_order(len(train), running_text, options)[: options.limit]))
    text = f"data.limit: {options.limit:,} of {len(train):,} training rows are used"
    return [Note("data.limit", text, {"rows": options.limit, "of": len(train)})]


def _order(rows: int, running_text: bool, options: DataOptions) -> Int64s:
    """The order in which rows are taken, int64 (rows,): as it is for a text, else random."""
    if running_text:
        return np.arange(rows)
    return np.random.default_rng(options.split_seed).permutation(rows)


def shorten(splits: dict[str, InternedSplit], options: DataOptions, per_token: bool = False) -> list[Note]:
    """Cut rows down to ``data.max_length`` tokens; a note for each split with such rows.

    Args:
        splits: split -> rows, changed in place.
        options: the limit.
        per_token: whether labels belong to tokens, or are those of a second text, and are cut too.
    """
    if (limit := options.max_length) is None:
        return []
    notes = []
    for split, rows in splits.items():
        cut = {"tokens", "labels"} & set(rows.columns) if per_token else {"tokens"}
        excess = np.max([rows.columns[name].lengths for name in cut], axis=0) - 1 - limit
        if (excess > 0).any():
            columns = {n: _first(column, limit) if n in cut else column for n, column in rows.columns.items()}
            splits[split] = InternedSplit(columns)
            count, tokens = int((excess > 0).sum()), int(excess[excess > 0].sum())
            text = f"{split}: {count:,} of {len(excess):,} rows were cut, {tokens:,} tokens left out"
            values = {"split": split, "rows": count, "tokens": tokens}
            notes.append(Note("data.max_length", f"{text} (data.max_length={limit})", values))
    return notes


def _first(rows: Ragged, limit: int) -> Ragged:
    """The first tokens of each row, and its END."""
    position = np.arange(len(rows.values)) - np.repeat(rows.offsets[:-1], rows.lengths)  # (N,), in its row
    mask = (position < limit) | ~rows.inner
    offsets = np.concatenate([[0], np.cumsum(np.minimum(rows.lengths - 1, limit) + 1)]).astype(np.int64)
    return Ragged(rows.values[mask], offsets)
