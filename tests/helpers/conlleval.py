"""The arithmetic of conlleval (Tjong Kim Sang and Buchholz, 2000), token by token, for comparison."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int, str]


def split(label: str) -> tuple[str, str]:
    prefix, _, name = label.partition("-")
    return prefix, name


def starts_chunk(before: str, label: str) -> bool:
    """``startOfChunk`` of the script, with S as in later versions of it."""
    (last, last_type), (prefix, name) = split(before), split(label)
    pairs = ("BB", "IB", "OB", "OI", "EE", "EI", "OE", "EB", "SB", "SE", "SI")
    return prefix == "S" or last + prefix in pairs or (prefix != "O" and last_type != name)


def ends_chunk(before: str, label: str) -> bool:
    """``endOfChunk`` of the script."""
    (last, last_type), (prefix, name) = split(before), split(label)
    pairs = ("BB", "BO", "IB", "IO", "BS", "IS")
    return last in ("E", "S") or last + prefix in pairs or (last != "O" and last_type != name)


def spans_of(labels: Sequence[str]) -> set[Span]:
    """The chunks of one sentence."""
    found, before, begin = set(), "O", -1
    for place, label in enumerate([*labels, "O"]):
        if begin >= 0 and ends_chunk(before, label):
            found.add((begin, place, split(before)[1]))
            begin = -1
        if starts_chunk(before, label):
            begin = place
        before = label
    return found


def scores(true: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> tuple[float, float, float]:
    """Precision, recall and F1 in percent, counted as the script counts: ``correctChunk`` over both totals."""
    right = answered = there = 0
    for own, other in zip(true, predicted, strict=True):
        gold, found = spans_of(own), spans_of(other)
        right, answered, there = right + len(gold & found), answered + len(found), there + len(gold)
    precision = 100 * right / answered if answered else 0.0
    recall = 100 * right / there if there else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0
