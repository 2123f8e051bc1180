"""Spans of labels, true and predicted: which are right, and precision, recall and F1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from core.data.corpus import Corpus
from core.data.scheme_labels import first_tokens
from core.data.schemes import Spans, parse, read_spans, strict_spans
from core.types import Array, Arrays, Bools, Float64s, Int64s, Table

MISTAKES = ("right", "other type", "other borders", "both", "missed")


class Counts(NamedTuple):
    """How many spans of each type are right, true and predicted: int64 (T,) each."""

    right: Int64s
    true: Int64s
    predicted: Int64s


@dataclass(frozen=True, eq=False)
class SpanPairs:
    """The spans of a split, and those that a model predicts.

    Args:
        names: the types.
        true: the spans of the split.
        predicted: those of the model; one is right if its tokens and its type are those of a true one.
        rows: int64 (N,), the row of each token.
    """

    names: list[str]
    true: Spans
    predicted: Spans
    rows: Int64s

    @cached_property
    def right(self) -> Bools:
        """Which predicted spans are right: bool (P,)."""
        same_end, type_at = _at_begin(self.true, len(self.rows))
        begins, ends, types = self.predicted
        return np.asarray((same_end[begins] == ends) & (type_at[begins] == types))

    def counts(self) -> Counts:
        """The numbers of each type."""
        size, types = len(self.names), self.predicted.types
        parts = types[self.right], self.true.types, types
        return Counts(*(np.bincount(part, minlength=size) for part in parts))

    def row_sums(self, rows: int) -> Float64s:
        """How many spans of each of so many rows are right, true and predicted: float64 (R, 3)."""
        begins = self.predicted.begins
        parts = begins[self.right], self.true.begins, begins
        counts = [np.bincount(self.rows[part], minlength=rows) for part in parts]
        return np.stack(counts, axis=-1).astype(np.float64)


def span_pairs(predictions: Arrays, corpus: Corpus, strict: bool = False) -> SpanPairs:
    """The true and the predicted spans.

    Args:
        predictions: ``label`` (N,), of kind ``token``.
        corpus: the split.
        strict: whether predicted spans that are not written as the scheme says are left out.
    """
    targets, labels, first = corpus.targets, parse(corpus.label_names), first_tokens(corpus.targets)
    gold, predicted = targets.values[targets.inner], predictions["label"]
    true = read_spans(labels.prefixes[gold], labels.types[gold], first)
    meaning = labels.prefixes[predicted], labels.types[predicted], first
    found = read_spans(*meaning)
    if strict and corpus.labels is not None and corpus.labels.scheme:
        found = strict_spans(found, *meaning, corpus.labels.scheme)
    return SpanPairs(labels.names, true, found, np.repeat(np.arange(len(targets)), targets.lengths - 1))


def precision(sums: Float64s) -> Float64s:
    """The share of predicted spans that are right, in percent: right, true and predicted (..., 3) -> (...)."""
    return _share(sums[..., 0], sums[..., 2])


def recall(sums: Float64s) -> Float64s:
    """The share of true spans that are found, in percent: right, true and predicted (..., 3) -> (...)."""
    return _share(sums[..., 0], sums[..., 1])


def f1(sums: Float64s) -> Float64s:
    """The harmonic mean of precision and recall, in percent: right, true and predicted (..., 3) -> (...)."""
    return _share(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


FORMULAS = {"f1": f1, "precision": precision, "recall": recall}


def scores(pairs: SpanPairs) -> Mapping[str, float]:
    """F1, precision and recall of all spans (micro), and the mean F1 of the types that occur, in percent.

    Like conlleval and ``seqeval``, a score without spans to divide by is 0.
    """
    counts = np.stack(pairs.counts(), axis=-1).astype(np.float64)  # (T, 3)
    total, occurs = counts.sum(0), counts[:, 1:].any(axis=1)
    macro = float(f1(counts[occurs]).mean()) if occurs.any() else 0.0
    return {**{name: float(formula(total)) for name, formula in FORMULAS.items()}, "macro_f1": macro}


def type_table(pairs: SpanPairs) -> Table:
    """Precision, recall and F1 of each type, those with the most true spans first."""
    counts = np.stack(pairs.counts(), axis=-1)  # (T, 3)
    order = [t for t in np.argsort(-counts[:, 1], kind="stable").tolist() if counts[t, 1:].any()]
    rows = []
    for kind in order:
        own = counts[kind].astype(np.float64)
        cells = map(float, (precision(own), recall(own), f1(own)))
        rows.append((pairs.names[kind] or "span", *counts[kind].tolist()[1:], counts[kind].tolist()[0], *cells))
    header = ("type", "true", "predicted", "right", "precision", "recall", "F1")
    return Table("spans by type", header, rows)


def mistake_table(pairs: SpanPairs) -> Table:
    """What became of the true spans of each type, and how many predicted ones overlap none.

    ``other type``: the right tokens with another type; ``other borders``: a predicted span of the type overlaps
    it; ``both``: one of another type does; ``missed``: none overlaps it.
    """
    size, fate = len(pairs.names), _fates(pairs)
    kinds = len(MISTAKES)
    table = np.bincount(pairs.true.types * kinds + fate, minlength=size * kinds).reshape(size, kinds)  # (T, 5)
    lonely = pairs.predicted.types[~_touches(pairs.predicted, pairs.true, len(pairs.rows))]
    spurious = np.bincount(lonely, minlength=size)
    used = np.flatnonzero(table.sum(1) + spurious).tolist()
    used.sort(key=lambda kind: -int(table[kind].sum()))
    rows = [(pairs.names[kind] or "span", *table[kind].tolist(), int(spurious[kind])) for kind in used]
    return Table("what became of the true spans", ("type", *MISTAKES, "spurious"), rows)


def _fates(pairs: SpanPairs) -> Int64s:
    """The place in ``MISTAKES`` of each true span: int64 (S,)."""
    tokens, (begins, ends, types) = len(pairs.rows), pairs.true
    end_at, type_at = _at_begin(pairs.predicted, tokens)
    exact = end_at[begins] == ends
    owner = _owners(pairs.predicted, tokens)  # (N,)
    kind_of = np.where(owner >= 0, np.append(pairs.predicted.types, -1)[owner], -1)
    of_type, any_type = np.zeros(tokens + 1, dtype=np.int64), np.zeros(tokens + 1, dtype=np.int64)
    wanted = _owners(pairs.true, tokens)
    expected = np.where(wanted >= 0, np.append(types, -1)[wanted], -2)
    of_type[1:], any_type[1:] = np.cumsum(kind_of == expected), np.cumsum(kind_of >= 0)
    cases = [
        exact & (type_at[begins] == types),
        exact,
        of_type[ends] > of_type[begins],
        any_type[ends] > any_type[begins],
    ]
    return np.asarray(np.select(cases, list(range(len(cases))), len(cases)))


def _at_begin(spans: Spans, tokens: int) -> tuple[Int64s, Int64s]:
    """The end and the type of the span that begins at each token, -1 where none does: int64 (N,) each."""
    ends, types = np.full(tokens, -1), np.full(tokens, -1)
    ends[spans.begins], types[spans.begins] = spans.ends, spans.types
    return ends, types


def _owners(spans: Spans, tokens: int) -> Int64s:
    """The number of the span of each token, -1 where there is none: int64 (N,)."""
    change = np.zeros(tokens + 1, dtype=np.int64)
    np.add.at(change, spans.begins, 1)
    np.add.at(change, spans.ends, -1)
    number = np.searchsorted(spans.begins, np.arange(tokens), side="right") - 1
    return np.where(np.cumsum(change)[:tokens] > 0, number, -1)


def _touches(spans: Spans, others: Spans, tokens: int) -> Bools:
    """Which spans have a token that is in one of the others: bool (S,)."""
    covered = np.concatenate([[0], np.cumsum(_owners(others, tokens) >= 0)])
    return np.asarray(covered[spans.ends] > covered[spans.begins])


def _share(part: Array, whole: Array) -> Float64s:
    return np.asarray(np.where(whole > 0, 100 * part / np.where(whole > 0, whole, 1), 0.0))
