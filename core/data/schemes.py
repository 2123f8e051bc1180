"""Schemes of span labels (BIO, IOB1, BIOES): what labels mean, the spans that they mark, which may follow which.

Spans are read from any sequence of labels as conlleval reads them, whatever the scheme: ``B`` and ``S`` begin a
span, and so do ``I`` and ``E`` where no span of their type is open. For valid labels this is what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from core.data.token_checks import shown
from core.data.vocab import FIRST, SCHEMES, Vocab
from core.types import Array, Bools, Int64s

Scheme = Literal["auto", "bio", "iob2", "iob1", "bioes", "iobes"]
SPELLINGS = {"iob2": "bio", "iobes": "bioes"}
FORBIDDEN = -1e4  # the log-weight of what a scheme does not allow; finite, so that every row has a best path
OUT, BEGIN, INSIDE, LAST, SINGLE = range(5)
LETTERS = "OBIES"  # of the prefixes, in their order
PREFIXES = {"B": BEGIN, "I": INSIDE, "E": LAST, "S": SINGLE, "L": LAST, "U": SINGLE}  # L and U: BILOU's names


class Spans(NamedTuple):
    """Spans of tokens, in order; they do not overlap.

    Args:
        begins: int64 (S,), the first token of each.
        ends: int64 (S,), the token after its last one.
        types: int64 (S,), the number of its type.
    """

    begins: Int64s
    ends: Int64s
    types: Int64s


@dataclass(frozen=True)
class Labels:
    """What labels mean.

    Args:
        prefixes: int64 (L,), ``OUT`` to ``SINGLE``.
        types: int64 (L,), the number of the type, -1 for ``OUT``.
        names: the types; the empty name is that of labels without a hyphen.
    """

    prefixes: Int64s
    types: Int64s
    names: list[str]


def problem(label: str) -> str:
    """Why a text is not a label of a scheme; empty where it is one."""
    prefix, hyphen, name = label.partition("-")
    if label == "O" or (prefix in PREFIXES and (name or not hyphen)):
        return ""
    if prefix in PREFIXES:
        return f"the label {shown(label)} has no type after its hyphen"
    return f"{shown(label)} is not a label of spans (O, or B, I, E or S, a hyphen and a type, such as B-PER)"


def parse(labels: Sequence[str]) -> Labels:
    """The meaning of labels; those that are not of a scheme, such as the marks of a vocabulary, are outside."""
    numbers: dict[str, int] = {}
    prefixes, types = np.full(len(labels), OUT), np.full(len(labels), -1)
    for place, label in enumerate(labels):
        prefix, _, name = label.partition("-")
        if label != "O" and not problem(label):
            prefixes[place], types[place] = PREFIXES[prefix], numbers.setdefault(name, len(numbers))
    return Labels(prefixes, types, list(numbers))


def spell(prefix: int, name: str) -> str:
    """A label of a prefix and the name of a type."""
    return LETTERS[prefix] if prefix == OUT or not name else f"{LETTERS[prefix]}-{name}"


def rewritten(labels: Sequence[str], first: Bools, scheme: str) -> list[str]:
    """Labels of any scheme in another one; ``first`` bool (N,), whether the token is the first of its row."""
    known = parse(labels)
    parts = write_spans(read_spans(known.prefixes, known.types, first), first, scheme)
    names = [*known.names, ""]  # the last one is that of -1
    return [spell(prefix, names[kind]) for prefix, kind in zip(*(part.tolist() for part in parts), strict=True)]


def _before(values: Array, first: Bools, filler: int) -> Array:
    """The value before each token, a filler at the first one of a row."""
    return np.where(first, filler, np.concatenate([[filler], values[:-1]]) if len(values) else values)


def read_spans(prefixes: Int64s, types: Int64s, first: Bools) -> Spans:
    """The spans that labels mark, valid or not, as conlleval reads them (Tjong Kim Sang and Buchholz, 2000).

    Args:
        prefixes: int64 (N,), of the label of each token, row after row.
        types: int64 (N,), -1 for ``OUT``.
        first: bool (N,), whether the token is the first of its row.
    """
    inside, before = prefixes != OUT, _before(prefixes, first, OUT)
    broken = np.isin(before, (OUT, LAST, SINGLE)) | (types != _before(types, first, -1))
    starts = inside & (np.isin(prefixes, (BEGIN, SINGLE)) | broken)
    begins, borders = np.flatnonzero(starts), np.flatnonzero(starts | ~inside | first)
    ends = np.append(borders, len(prefixes))[np.searchsorted(borders, begins, side="right")]
    return Spans(begins, ends, types[begins])


def write_spans(spans: Spans, first: Bools, scheme: str) -> tuple[Int64s, Int64s]:
    """The labels of spans in a scheme: prefixes int64 (N,) and types int64 (N,); the opposite of ``read_spans``.

    Args:
        spans: the spans.
        first: bool (N,), whether the token is the first of its row.
        scheme: ``bio``, ``iob1`` or ``bioes``.
    """
    begins, ends, kinds = spans
    lengths = ends - begins
    tokens = np.repeat(begins - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    prefixes, types = np.full(len(first), OUT), np.full(len(first), -1)
    prefixes[tokens], types[tokens] = INSIDE, np.repeat(kinds, lengths)
    if scheme == "iob1":  # B only where a span of the same type has just ended
        prefixes[begins[_before(types, first, -1)[begins] == kinds]] = BEGIN
        return prefixes, types
    prefixes[begins] = BEGIN
    if scheme == "bioes":
        prefixes[ends - 1] = LAST
        prefixes[begins[lengths == 1]] = SINGLE
    return prefixes, types


def follows(scheme: str, before: Array, after: Array, same: Array) -> Bools:
    """Whether one label may follow another, as a bool array; the ends of a row are like ``OUT``.

    Args:
        scheme: ``bio``, ``iob1`` or ``bioes``.
        before: the prefix of the first label.
        after: the prefix of the second one.
        same: whether both have one type.
    """
    is_open = (before == BEGIN) | (before == INSIDE)
    if scheme == "bioes":
        closing = (after == INSIDE) | (after == LAST)
        return np.asarray(np.where(is_open, closing & same, ~closing))
    begun, free = (BEGIN, INSIDE) if scheme == "iob1" else (INSIDE, BEGIN)  # what needs a span before it
    return np.asarray((after == OUT) | (after == free) | ((after == begun) & is_open & same))


def misfits(prefixes: Int64s, types: Int64s, first: Bools, scheme: str) -> tuple[Bools, Bools]:
    """The labels that are not valid in a scheme: those that may not follow the one before, bool (N,), and those
    that may not end their row, bool (N,).
    """
    before, kinds = _before(prefixes, first, OUT), _before(types, first, -1)
    wrong = ~follows(scheme, before, prefixes, types == kinds)
    ends = np.append(first[1:], True)[: len(first)]
    return wrong, ends & ~follows(scheme, prefixes, np.array(OUT), np.array(False))


def detect(prefixes: Int64s, types: Int64s, first: Bools, expected: str = "") -> str:
    """The scheme that the labels fit best: the first one with the fewest misfits.

    Labels that do not fit the ``expected`` scheme have another one only if they have no misfits there.
    """
    counts = {scheme: int(np.sum(misfits(prefixes, types, first, scheme))) for scheme in SCHEMES}
    best = min(counts, key=lambda scheme: counts[scheme])
    return expected if expected and (not counts[expected] or counts[best]) else best


def strict_spans(spans: Spans, prefixes: Int64s, types: Int64s, first: Bools, scheme: str) -> Spans:
    """The spans that are written as the scheme says; as in ``seqeval`` with ``mode="strict"``.

    Args:
        spans: what ``read_spans`` returned for these labels.
        prefixes: int64 (N,).
        types: int64 (N,).
        first: bool (N,), whether the token is the first of its row.
        scheme: ``bio``, ``iob1`` or ``bioes``.
    """
    begin, end = prefixes[spans.begins], prefixes[spans.ends - 1]
    if scheme == "bioes":
        several = spans.ends - spans.begins > 1
        kept = np.where(several, (begin == BEGIN) & (end == LAST), begin == SINGLE)
    else:
        same = _before(types, first, -1)[spans.begins] == spans.types
        kept = (begin == BEGIN) & (same | (scheme == "bio")) | (begin == INSIDE) & (scheme == "iob1")
    return Spans(*(array[kept] for array in spans))


class Allowed(NamedTuple):
    """Which labels may be where, by their answers (label ids from 0).

    Args:
        first: bool (K,), at the start of a row.
        next: bool (K, K), after another label: from, to.
        last: bool (K,), at the end of a row.
    """

    first: Bools
    next: Bools
    last: Bools


def allowed(labels: Vocab | None) -> Allowed | None:
    """What the scheme of a task's labels allows; None where they have none."""
    if labels is None or not labels.scheme:
        return None
    known, out = parse(labels.words[FIRST:]), np.array(OUT)
    same = (known.types[:, None] == known.types) & (known.types >= 0)  # (K, K)
    after = follows(labels.scheme, known.prefixes[:, None], known.prefixes, same)
    first = follows(labels.scheme, out, known.prefixes, np.array(False))
    return Allowed(first, after, follows(labels.scheme, known.prefixes, out, np.array(False)))


def repaired(ids: Array, first: Bools, labels: Vocab) -> Array:
    """Label ids as a valid sequence of a vocabulary's scheme, with the same spans as far as it has their labels.

    Args:
        ids: int (N,), label ids of tokens, row after row.
        first: bool (N,), whether the token is the first of its row.
        labels: the labels; those without ``O`` stay as they are.
    """
    known = parse(labels.words)
    prefixes, types = known.prefixes[ids], known.types[ids]
    if not any(mask.any() for mask in misfits(prefixes, types, first, labels.scheme)) or "O" not in labels.ids:
        return ids
    spans = read_spans(prefixes, types, first)
    table = np.full((len(known.names) + 1, len(LETTERS)), -1)  # type, prefix -> id; the last type is that of O
    table[known.types, known.prefixes] = np.arange(len(labels.words))
    table[-1, OUT] = labels.ids["O"]
    while True:  # spans whose labels are missing are left out, which may change those after them
        answer = table[write_spans(spans, first, labels.scheme)[::-1]]
        missing = np.concatenate([[0], np.cumsum(answer < 0)])
        if not missing[-1]:
            return np.asarray(answer, dtype=ids.dtype)
        spans = Spans(*(array[missing[spans.ends] == missing[spans.begins]] for array in spans))
