"""What the user should know about the labels of a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.data.checks import unseen_labels
from core.data.corpus import Corpus
from core.data.label_columns import to_numbers
from core.data.label_forms import similar_labels
from core.data.spec import TokenSpec
from core.data.vocab import FIRST, Vocab
from core.types import Note

SEPARATORS = ("|", ",", ";")
CONSTANT, OTHER_SEPARATOR = "labels.constant", "labels.separator"  # codes of notes


def label_notes(spec: TokenSpec, splits: Mapping[str, Corpus], labels: Vocab, names: Sequence[str]) -> list[Note]:
    """Labels that training lacks, labels that are probably meant to be one, numbers that are all the same.

    Args:
        spec: what has a label.
        splits: split -> corpus.
        labels: the labels of training.
        names: all distinct labels.
    """
    if spec.labels == "text":
        return []
    if spec.labels == "number":
        return _constant(labels)
    unseen = unseen_labels(splits, labels, can_be_absent=spec.labels == "set")
    return [*unseen, *similar_labels(names), *(_unsplit(spec, labels) if spec.labels == "set" else ())]


def _constant(labels: Vocab) -> list[Note]:
    """A note where all numbers of training are equal."""
    numbers = np.unique(to_numbers(labels.words[FIRST:]))
    if len(numbers) > 1:
        return []
    return [Note(CONSTANT, f"every training row has the number {numbers[0]:g}: there is nothing to learn")]


def _unsplit(spec: TokenSpec, labels: Vocab) -> list[Note]:
    """A note where the separator is in no label's place and another one is within most of them."""
    names = labels.words[FIRST:]
    for other in SEPARATORS:
        if other != spec.separator and 2 * sum(other in name for name in names) > len(names):
            text = f"most labels contain '{other}', as '{names[0]}' does: task.separator='{other}' separates them"
            return [Note(OTHER_SEPARATOR, text, {"separator": other})]
    return []
