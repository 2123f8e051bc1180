"""Word vectors as plain arrays: what a task of kind ``vector`` judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

QUERIES = 64  # that are answered at a time

Lookup = Callable[[npt.NDArray[Any]], tuple[Floats, Flags]]
"""Open ids (n,) -> their vectors, float32 (n, D), and which of them have one of their own, bool (n,)."""


class Question(NamedTuple):
    """One event of kind ``vector``.

    Args:
        words: the words whose vectors are judged.
        answer: all else that decides its figure, as text, such as the score that people gave.
    """

    words: tuple[str, ...]
    answer: str


def unit(vectors: Floats) -> Floats:
    """Rows of length 1; zeros stay zeros: (N, D) -> (N, D)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # (N, 1)
    scaled: Floats = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled


def nearest(vectors: Floats, asked: Floats, n: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """The vectors that are nearest to others by their cosine, all at once.

    Args:
        vectors: (N, D), each of length 1.
        asked: (Q, D), each of length 1.
        n: how many of each; at most N are there.

    Returns:
        Rows of ``vectors`` int64 (Q, n), the nearest first, and their cosines (Q, n).
    """
    n, found = min(n, len(vectors)), np.zeros((len(asked), min(n, len(vectors))), dtype=np.int64)
    cosines = np.zeros(found.shape, dtype=np.float32)
    for at in range(0, len(asked), QUERIES):
        near = asked[at : at + QUERIES] @ vectors.T  # (q, N)
        some = np.argpartition(-near, n - 1, axis=1)[:, :n]  # (q, n)
        here = np.take_along_axis(near, some, 1)
        order = np.argsort(-here, axis=1, kind="stable")
        found[at : at + QUERIES] = np.take_along_axis(some, order, 1)
        cosines[at : at + QUERIES] = np.take_along_axis(here, order, 1)
    return found, cosines


def flat(vectors: Floats) -> Floats:
    """The two principal components of vectors, which keep most of their variance (Pearson, 1901).

    Args:
        vectors: (N, D).

    Returns:
        (N, 2); of each axis the largest number is positive, so that a picture does not flip.
    """
    centred = vectors - vectors.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)  # (K, D)
    points = np.zeros((len(vectors), 2), dtype=np.float32)
    points[:, : len(axes[:2])] = centred @ axes[:2].T  # (N, 2)
    extreme = np.take_along_axis(points, np.abs(points).argmax(0)[None], 0)  # (1, 2)
    signed: Floats = points * np.where(extreme < 0, -1, 1).astype(np.float32)
    return signed
