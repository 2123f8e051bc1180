"""Metrics on plain arrays, the same for every model; shares are in percent."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.types import Array


def perplexity(log_prob: Array) -> float:
    """exp of the mean negative natural log-probability.

    Args:
        log_prob: float (N,), one per event.
    """
    if not len(log_prob):
        return float("nan")
    with np.errstate(over="ignore"):
        return float(np.exp(-np.mean(log_prob, dtype=np.float64)))


def bits(log_prob: Array) -> float:
    """Mean negative log-probability in bits per event.

    Args:
        log_prob: float (N,), natural logs, one per event.
    """
    return float(-np.mean(log_prob, dtype=np.float64) / np.log(2)) if len(log_prob) else float("nan")


def accuracy(gold: Array, predicted: Array, among: Array | None = None) -> float:
    """Share of events that are right, in percent; NaN where there are no events.

    Args:
        gold: int (N,).
        predicted: int (N,).
        among: bool (N,), the events that count; None for all.
    """
    right = gold == predicted if among is None else (gold == predicted)[among]
    return 100.0 * float(np.mean(right)) if len(right) else float("nan")


def per_label(gold: Array, predicted: Array) -> Mapping[int, tuple[float, float, float]]:
    """Precision, recall and F1 (in percent) of every label that occurs in either array.

    Args:
        gold: int (N,), not negative.
        predicted: int (N,), not negative.
    """
    size = int(max(gold.max(initial=-1), predicted.max(initial=-1))) + 1
    true = np.bincount(gold, minlength=size)
    answered = np.bincount(predicted, minlength=size)
    both = np.bincount(gold[gold == predicted], minlength=size)
    labels = np.flatnonzero(true + answered)
    return {
        int(k): (
            100.0 * both[k] / max(1, answered[k]),
            100.0 * both[k] / max(1, true[k]),
            200.0 * both[k] / (true[k] + answered[k]),
        )
        for k in labels
    }


def confusion(gold: Array, predicted: Array, size: int) -> Array:
    """How often each true label was predicted as each label.

    Args:
        gold: int (N,), 0 to size - 1.
        predicted: int (N,), 0 to size - 1.
        size: the number of labels.

    Returns:
        int64 (size, size), true label by predicted label.
    """
    pairs = gold.astype(np.int64) * size + predicted  # (N,)
    return np.bincount(pairs, minlength=size * size).reshape(size, size)  # (size, size)


def macro_f1(gold: Array, predicted: Array) -> float:
    """Mean F1 over the labels that occur in either array, in percent.

    Args:
        gold: int (N,), not negative.
        predicted: int (N,), not negative.
    """
    scores = [f1 for _, _, f1 in per_label(gold, predicted).values()]
    return float(np.mean(scores)) if scores else float("nan")


def spearman(gold: Array, predicted: Array) -> float:
    """Spearman's rank correlation in percent, ties have their mean rank; 0 where one side is constant.

    Args:
        gold: float (N,).
        predicted: float (N,).
    """
    if not len(gold) or gold.min() == gold.max() or predicted.min() == predicted.max():
        return 0.0
    from scipy.stats import spearmanr

    return 100.0 * float(spearmanr(gold, predicted).statistic)


def whole_rows(right: Array, lengths: Array) -> float:
    """Share of rows without an error, in percent; a row without events counts as right.

    Args:
        right: bool (N,), one per event, row after row.
        lengths: int (R,), events per row.
    """
    if not len(lengths):
        return float("nan")
    wrong = np.concatenate([[0], np.cumsum(~right)])
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return 100.0 * float(np.mean(wrong[ends[1:]] == wrong[ends[:-1]]))
