"""The rows of a corpus as CRFsuite reads them, long ones in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.types import Int32s
from plugins.models.crf.features import Templates

LONGEST = 10_000  # tokens of a row that are read at once
CONTEXT = 100  # tokens on each side of a piece that are predicted with it and not kept


class Piece(NamedTuple):
    """Some tokens of a row."""

    items: list[list[bytes]]  # the attributes of the tokens that are read
    skipped: int  # how many of these belong to the piece before
    first: int  # the event of the first token that is predicted
    count: int  # how many tokens are predicted


def prediction_pieces(corpus: Corpus, templates: Templates) -> Iterator[Piece]:
    """The tokens of all rows in order, each of them once; rows without tokens have no piece."""
    first = 0
    for words in _rows(corpus):
        for start in range(0, len(words), LONGEST):
            end = min(len(words), start + LONGEST)
            read = max(0, start - CONTEXT)
            items = templates.items(words, read, min(len(words), end + CONTEXT))
            yield Piece(items, start - read, first + start, end - start)
        first += len(words)


def training_pieces(corpus: Corpus, templates: Templates) -> Iterator[tuple[list[list[bytes]], list[str]]]:
    """The attributes and the labels, as the text of their ids, of all tokens with a label.

    A row is cut where a token has no label, and where it is longer than ``LONGEST``.
    """
    names = [str(label) for label in range(corpus.labels.size if corpus.labels else 0)]
    for row, words in enumerate(_rows(corpus)):
        labels = corpus.targets[row][: len(words)]
        for start, end in _labelled(labels, len(names)):
            yield templates.items(words, start, end), [names[label] for label in labels[start:end].tolist()]


def _labelled(labels: Int32s, size: int) -> Iterator[tuple[int, int]]:
    """Start and end of each run of tokens with a label, in parts of at most ``LONGEST`` tokens."""
    known = np.concatenate([[False], (labels >= FIRST) & (labels < size), [False]])
    changes = np.flatnonzero(known[1:] != known[:-1]).tolist()
    for first, last in zip(changes[::2], changes[1::2], strict=True):
        for start in range(first, last, LONGEST):
            yield start, min(last, start + LONGEST)


def _rows(corpus: Corpus) -> Iterator[list[str]]:
    """The words of each row."""
    names = [*corpus.vocab.words, *corpus.words]
    for row in range(len(corpus)):
        yield [names[i] for i in corpus.tokens[row][:-1].tolist()]
