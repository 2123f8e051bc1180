"""The vocabularies of a run: the words and the labels of its training split."""

from __future__ import annotations

import numpy as np

from core.data.corpus import Ragged
from core.data.interning import Interner, LabelInterner
from core.data.spec import TokenSpec
from core.data.vocab import END, FIRST, SPECIALS, UNK, Vocab, build_vocab
from core.data.vocab_ids import inner_parts
from core.errors import DataError


def training_vocab(rows: Ragged, interner: Interner, min_count: int = 1, max_size: int | None = None) -> Vocab:
    """The words of the training rows; see ``build_vocab``."""
    types = interner.types
    counts = sum(
        (np.bincount(part, minlength=len(types)) for part in inner_parts(rows)), np.zeros(len(types), int)
    )
    return build_vocab(types, counts, len(rows), min_count=min_count, max_size=max_size)


def label_interner(spec: TokenSpec) -> Interner:
    """What numbers the labels: the words of a second text are those of any text."""
    return Interner() if spec.labels == "text" else LabelInterner()


def training_labels(rows: Ragged, interner: Interner, spec: TokenSpec) -> Vocab:
    """The labels of training, or the words of its second texts."""
    if spec.labels == "text":
        return training_vocab(rows, interner, spec.min_count, spec.vocab_size)
    labels = training_vocab(rows, interner)
    if labels.counts[UNK]:
        what = f"a label is called {SPECIALS[UNK]}, which stands for the labels that are not in train"
        raise DataError(what, where="data: train", remedy="rename it")
    if SPECIALS[END] in labels.words[FIRST:]:
        raise DataError(
            f"a label is called {SPECIALS[END]}, which is reserved", where="data: train", remedy="rename it"
        )
    if labels.size == FIRST:
        raise DataError("no training row has a label", where="data: train", remedy="check the column of labels")
    return labels
