"""The n-grams that two texts share, per row: what BLEU and chrF are computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.types import Float64s

WORDS, CHARACTERS = 4, 6  # the longest n-gram of BLEU, and of chrF
BETA = 2  # chrF counts recall so many times as much as precision


def matches(
    output: Sequence[str], reference: Sequence[str], longest: int
) -> tuple[list[int], list[int], list[int]]:
    """The n-grams of each length that both have, those of the output, and those of the reference.

    Args:
        output: words, or the characters of a text.
        reference: likewise.
        longest: the length of the longest n-gram.
    """
    found: tuple[list[int], list[int], list[int]] = ([], [], [])
    for n in range(1, longest + 1):
        mine, right = _ngrams(output, n), _ngrams(reference, n)
        counts = sum((mine & right).values()), sum(mine.values()), sum(right.values())
        for numbers, count in zip(found, counts, strict=True):
            numbers.append(count)
    return found


def _ngrams(items: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[i : i + n]) for i in range(len(items) - n + 1))


def bleu_counts(outputs: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> Float64s:
    """What each row adds to BLEU: lengths of output and reference, shared n-grams, n-grams: float64 (R, 10)."""
    rows = np.zeros((len(outputs), 2 + 2 * WORDS))
    for row, output, reference in zip(rows, outputs, references, strict=True):
        shared, mine, _ = matches(output, reference, WORDS)
        row[:] = [len(output), len(reference), *shared, *mine]
    return rows


def row_bleu(counts: Float64s) -> Float64s:
    """BLEU in percent of single rows: (..., 10) -> (...); n-grams longer than an output do not count."""
    return bleu(counts, effective=True)


def bleu(sums: Float64s, effective: bool = False) -> Float64s:
    """BLEU in percent (Papineni et al., 2002) from sums of ``bleu_counts``: (..., 10) -> (...).

    Without a match of some length its precision is halved once more for each such length (``smooth:exp``).
    ``effective``: only lengths count of which the output has n-grams (``eff:yes``), else their lack gives 0.
    """
    mine, right = sums[..., 0], sums[..., 1]
    shared, total = sums[..., 2 : 2 + WORDS], sums[..., 2 + WORDS :]
    none = (shared < 0.5) & (total > 0.5)
    halved = 0.5 ** np.cumsum(none, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(none, halved, shared) / total)  # (..., 4)
        brevity = np.minimum(0, 1 - right / mine)
        orders = np.maximum(1, (total > 0.5).sum(-1)) if effective else WORDS
        scores = 100 * np.exp(np.where(total > 0.5, logs, 0).sum(-1) / orders + brevity)
    counted = (shared > 0.5).any(-1) & (effective | (total > 0.5).all(-1))
    return np.asarray(np.where(counted, scores, 0.0))


def chrf_counts(outputs: Sequence[str], references: Sequence[str]) -> Float64s:
    """What each row adds to chrF: character n-grams shared, of the output, of the reference: float64 (R, 18)."""
    rows = np.zeros((len(outputs), 3 * CHARACTERS))
    for row, output, reference in zip(rows, outputs, references, strict=True):
        row[:] = np.concatenate(matches("".join(output.split()), "".join(reference.split()), CHARACTERS))
    return rows


def chrf(sums: Float64s) -> Float64s:
    """chrF2 in percent (Popović, 2015) from sums of ``chrf_counts``: (..., 18) -> (...)."""
    shared, mine, right = np.split(sums, 3, axis=-1)  # (..., 6) each
    counted = (mine > 0.5) & (right > 0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        number = counted.sum(-1)
        precision = np.where(counted, shared / mine, 0).sum(-1) / number
        recall = np.where(counted, shared / right, 0).sum(-1) / number
        scores = (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)
    return np.asarray(np.where(np.isfinite(scores), 100 * scores, 0.0))
