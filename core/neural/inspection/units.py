"""Which single unit follows a property of the text best: found on one split, graded on another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.types import Array, Bools, Float64s, Floats, Int64s


@dataclass(frozen=True)
class Found:
    """The unit that follows a property best.

    Args:
        unit: its column.
        sign: 1, or -1 where low values mean the property.
        threshold: above which ``sign * value`` means yes; None for a number.
        score: of the search: the area under the ROC curve, or the absolute value of Pearson's correlation.
    """

    unit: int
    sign: int
    threshold: float | None
    score: float


@dataclass(frozen=True)
class Grade:
    """How well one unit follows a property; shares are in percent.

    Args:
        score: as in ``Found``, with the sign that was found.
        f1: of the threshold, None for a number.
        always: the F1 of always saying yes, None for a number.
    """

    score: float
    f1: float | None = None
    always: float | None = None


def search(values: Floats, property: Array) -> Found:
    """The best of all units.

    Args:
        values: (N, U), those of each unit at each token.
        property: bool (N,) or float (N,).
    """
    scores = strengths(values, property)  # (U,)
    unit = int(np.argmax(np.abs(scores)))
    sign = 1 if scores[unit] >= 0 else -1
    if property.dtype != np.bool_:
        return Found(unit, sign, None, float(abs(scores[unit])))
    return Found(unit, sign, best_threshold(sign * values[:, unit], property), 0.5 + float(abs(scores[unit])))


def strengths(values: Floats, property: Array) -> Float64s:
    """How well each unit follows a property, below 0 where low values mean it: (N, U), (N,) -> (U,).

    The area under the ROC curve minus 0.5, or Pearson's correlation.
    """
    return areas(values, property) - 0.5 if property.dtype == np.bool_ else correlations(values, property)


def grade(found: Found, values: Floats, property: Array) -> Grade:
    """The score of a found unit on other tokens."""
    own = found.sign * values[:, [found.unit]]  # (N, 1)
    if found.threshold is None:
        return Grade(float(correlations(own, property)[0]))
    f1 = f1_of(own[:, 0] > found.threshold, property)
    return Grade(float(areas(own, property)[0]), f1, f1_of(np.ones(len(own), dtype=bool), property))


def correlations(values: Floats, property: Floats) -> Float64s:
    """Pearson's correlation of each unit with a number: (N, U), (N,) -> (U,); 0 for a unit that never changes."""
    centred = values - values.mean(0, dtype=np.float64)  # (N, U)
    target = property - property.mean(dtype=np.float64)
    norms = np.sqrt((centred**2).sum(0) * (target**2).sum())  # (U,)
    return np.asarray(np.divide(target @ centred, norms, out=np.zeros(values.shape[1]), where=norms > 0))


def areas(values: Floats, property: Bools) -> Float64s:
    """The area under the ROC curve of each unit, ties count one half: (N, U), bool (N,) -> (U,).

    It is the probability that a token with the property has a higher value than one without (Mann and Whitney).
    """
    from scipy.stats import rankdata

    yes = int(property.sum())
    no = len(property) - yes
    if not yes or not no:
        return np.full(values.shape[1], 0.5)
    sums = np.array([rankdata(column)[property].sum() for column in values.T])  # (U,)
    return np.asarray((sums - yes * (yes + 1) / 2) / (yes * no))


def best_threshold(values: Floats, property: Bools) -> float:
    """The threshold with the highest F1 of ``values > threshold``: (N,), bool (N,)."""
    order = np.argsort(-values, kind="stable")
    ordered, hits = values[order], np.cumsum(property[order])  # (N,)
    f1 = 2 * hits / (np.arange(1, len(values) + 1) + max(1, property.sum()))
    last = np.append(ordered[1:] < ordered[:-1], True)  # equal values are on one side
    at = int(np.argmax(np.where(last, f1, -1)))
    below = float(ordered[at + 1]) if at + 1 < len(ordered) else float(ordered[at]) - 1
    return (float(ordered[at]) + below) / 2


def f1_of(predicted: Bools, property: Bools) -> float:
    """F1 in percent; 0 where nothing is predicted right."""
    hits = int((predicted & property).sum())
    return 200 * hits / max(1, int(predicted.sum()) + int(property.sum()))


def most_varying(values: Floats, count: int) -> Int64s:
    """The units that change most over the tokens, in the order of their numbers: (..., N, U) -> (count,).

    Of several arrays, such as several gates, their variances are summed.
    """
    variances = values.var(-2).reshape(-1, values.shape[-1]).sum(0)  # (U,)
    return np.sort(np.argsort(-variances, kind="stable")[:count])
