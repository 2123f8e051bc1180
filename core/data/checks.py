"""Notes on data that make scores misleading: rows that are in train too, labels that are not in train."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.data.vocab import FIRST, Vocab
from core.types import Note, UInt64s

CHUNK = 1 << 20  # tokens hashed at a time
SHOWN = 3  # labels named in a note


def duplicated_rows(rows: Mapping[str, Ragged]) -> list[Note]:
    """A note for each split with rows that are in train too, word for word.

    Args:
        rows: split -> the tokens of its rows, with one numbering for all splits.
    """
    seed = np.random.default_rng(0)
    types = 1 + max(int(column.values.max(initial=0)) for column in rows.values())
    longest = max(int(column.lengths.max(initial=1)) for column in rows.values())
    words, positions = (seed.integers(2**64, size=size, dtype=np.uint64) for size in (types, longest))
    train = np.sort(_hashes(rows["train"], words, positions))  # np.unique and np.isin take 20 times as long
    notes = []
    for split in ("dev", "test"):
        hashes = _hashes(rows[split], words, positions)
        at = np.minimum(np.searchsorted(train, hashes), max(0, len(train) - 1))
        count = int((train[at] == hashes).sum()) if len(train) else 0
        if count:
            share = f"{count:,} of {len(hashes):,} rows ({count / len(hashes):.1%})"
            text = f"{split}: {share} are in train too, word for word"
            notes.append(Note("rows.duplicated", text, {"split": split, "rows": count}))
    return notes


def _hashes(rows: Ragged, words: UInt64s, positions: UInt64s) -> UInt64s:
    """The hash of each row, the sum of word times position: uint64 (R,)."""
    hashes, start = np.zeros(len(rows), dtype=np.uint64), 0
    while start < len(rows):
        end = int(np.searchsorted(rows.offsets, rows.offsets[start] + CHUNK, side="right")) - 1
        end = min(max(end, start + 1), len(rows))
        first, last = rows.offsets[start], rows.offsets[end]
        begins = rows.offsets[start:end] - first
        steps = np.arange(last - first) - np.repeat(begins, rows.lengths[start:end])
        hashes[start:end] = np.add.reduceat(words[rows.values[first:last]] * positions[steps], begins)
        start = end
    return hashes


def unseen_labels(splits: Mapping[str, Corpus], labels: Vocab, can_be_absent: bool = False) -> list[Note]:
    """A note if training has a single label, and one for each split with labels that are not in train.

    Args:
        splits: split -> corpus.
        labels: the labels of training.
        can_be_absent: whether an event may have no label.
    """
    notes = []
    if labels.size == FIRST + 1 and not can_be_absent:
        text = f"train has a single label, '{labels.words[FIRST]}': there is nothing to learn"
        notes.append(Note("labels.single", text))
    for split, corpus in splits.items():
        given = corpus.targets.values[corpus.targets.inner]
        if unseen := int((given >= labels.size).sum()):
            names = ", ".join(f"'{name}'" for name in corpus.label_words[:SHOWN])
            more = ", ..." if len(corpus.label_words) > SHOWN else ""
            share = f"{unseen:,} of {len(given):,} labels"
            text = f"{split}: {share} are not in train ({names}{more}), so no prediction of them can be right"
            notes.append(Note("labels.unseen", text, {"split": split, "labels": unseen}))
    return notes
