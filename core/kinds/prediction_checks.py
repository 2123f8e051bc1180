"""What is wrong with the arrays of predictions that a plugin's model returns."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.vocab import FIRST
from core.types import Array

NEAR = 1e-4  # how far the probabilities of an event may be from 1 in sum


def labels_error(predictions: Any, events: int, size: int, with_log_probs: bool) -> str:
    """What is wrong with labels and their probabilities; empty if nothing is.

    Args:
        predictions: what a model returned.
        events: the number of events.
        size: the number of labels that can be predicted.
        with_log_probs: whether ``log_probs`` must be there.
    """
    names = ("label", "log_probs") if with_log_probs else ("label",)
    if problem := missing(predictions, names):
        return problem
    label = predictions["label"]
    if label.shape != (events,) or label.dtype != np.int32:
        return f"label is {described(label)}, not int32 of shape ({events},), one per event"
    if events and not FIRST <= label.min() <= label.max() < FIRST + size:
        wrong = next(value for value in label.tolist() if not FIRST <= value < FIRST + size)
        return f"label has {wrong}; the ids of labels are {FIRST} to {FIRST + size - 1}"
    return log_probs_error(predictions["log_probs"], (events, size)) if "log_probs" in predictions else ""


def log_probs_error(log_probs: Array, shape: tuple[int, int]) -> str:
    """What is wrong with the log-probabilities of the labels of each event; empty if nothing is."""
    if log_probs.shape != shape or log_probs.dtype.kind != "f":
        return f"log_probs is {described(log_probs)}, not floats of shape {shape}, one per event and label"
    if np.isnan(log_probs).any():
        return f"log_probs has NaN in {int(np.isnan(log_probs).any(axis=1).sum()):,} of {shape[0]:,} events"
    sums = np.exp(log_probs, dtype=np.float64).sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1) > NEAR)
    if len(wrong):
        return f"the probabilities of an event sum to 1, those of event {wrong[0]} to {sums[wrong[0]]:.6g}"
    return ""


def missing(predictions: Any, names: tuple[str, ...]) -> str:
    """Which of the named arrays are not there; empty if all are."""
    if not isinstance(predictions, dict):
        return f"it returns a {type(predictions).__name__}, not a dictionary of arrays"
    for name in names:
        if name not in predictions:
            return f"it returns no {name}, only {', '.join(map(str, predictions)) or 'an empty dictionary'}"
    for name, array in predictions.items():
        if not isinstance(array, np.ndarray):
            return f"{name} is a {type(array).__name__}, not a NumPy array"
        if array.dtype.hasobject:
            return f"{name} is an array of objects, which is not saved"
    return ""


def described(array: Array) -> str:
    """Type and shape of an array, for messages."""
    return f"{array.dtype} of shape {array.shape}"
