"""Word vectors as plain arrays: what a task of kind ``vector`` judges."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.types import Float32s

QUERIES = 64  # that are answered at a time


def unit(vectors: Float32s) -> Float32s:
    """Rows of length 1; zeros stay zeros: (N, D) -> (N, D)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # (N, 1)
    scaled: Float32s = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled


def nearest(vectors: Float32s, asked: Float32s, n: int) -> tuple[npt.NDArray[np.int64], Float32s]:
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


def flat(vectors: Float32s) -> Float32s:
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
    signed: Float32s = points * np.where(extreme < 0, -1, 1).astype(np.float32)
    return signed
