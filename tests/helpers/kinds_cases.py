"""Kinds of task for tests that call lower layers directly, and small corpora in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.data.spec import TokenSpec
from core.data.vocab import END, SPECIALS, Vocab
from core.kinds import find_kind
from core.task import Task

WORDS = (*SPECIALS, "the", "dog", "barks")  # ids 0 to 4; any other word is open
COUNTS = (3, 0, 4, 2, 1)


def spec_of(task: Task) -> TokenSpec:
    """What a task needs of its data."""
    return find_kind(task.kind).token_spec(task)


def vocab_of(words: Sequence[str], counts: Sequence[int] | None = None) -> Vocab:
    """A vocabulary with these counts, else of ones."""
    return Vocab(list(words), np.array(counts or [1] * len(words), dtype=np.int64))


def ragged_of(rows: Sequence[str], words: Sequence[str]) -> tuple[Ragged, list[str]]:
    """Rows of words between spaces as ids with END after each row, and the open words."""
    known, cells = list(words), [row.split() for row in rows]
    known += dict.fromkeys(cell for row in cells for cell in row if cell not in words)
    ids = [[*(known.index(cell) for cell in row), END] for row in cells]
    offsets = np.cumsum([0, *map(len, ids)]).astype(np.int64)
    return Ragged(np.array(sum(ids, []), dtype=np.int32), offsets), known[len(words) :]


def corpus_of(rows: Sequence[str], labels: Sequence[str] = (), names: Vocab | None = None) -> Corpus:
    """A corpus over ``WORDS``.

    Args:
        rows: the words of each row.
        labels: the labels of each row, of its tokens or its only one; none is a corpus without.
        names: the labels of training.
    """
    tokens, words = ragged_of(rows, WORDS)
    columns, label_words = {"tokens": tokens}, []
    if labels and names:
        columns["labels"], label_words = ragged_of(labels, names.words)
    return Corpus(vocab_of(WORDS, COUNTS), columns, words, names, label_words)
