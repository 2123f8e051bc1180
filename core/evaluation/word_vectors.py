"""Word vectors as arrays: nearest neighbours, and two principal components."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import ConfigError, UnknownName
from core.errors import nearest as nearest_name
from core.model.interface import Model, Vectorizer
from core.types import Float32s, Int64s

QUERIES = 64  # answered at a time
SEARCHED = 20_000  # words that an unknown word is compared with


def vectors_of(model: Model, words: Sequence[str] = ()) -> tuple[list[str], Float32s, Float32s]:
    """The words of a model that have a vector of their own, and the vectors of some words.

    Args:
        model: a trained model.
        words: the words to look up, as the embedding does (which may lower-case them).

    Returns:
        The words (N) as from ``Vectorizer.word_vectors``, their vectors (N, D), and those of ``words`` (Q, D).

    Raises:
        ConfigError: the model has no vectors.
        UnknownName: one of ``words`` has none.
    """
    if not isinstance(model, Vectorizer):
        what = f"a model of the {model.family} family has no vectors"
        raise ConfigError(what, where="run", remedy="name a run with an embedding")
    known, vectors = model.word_vectors()
    if not known:
        remedy = "name a run whose embedding has some"
        raise ConfigError("no word of this run has a vector of its own", where="run", remedy=remedy)
    queries, present = model.look_up(words)
    if not present.all():
        word = words[int(np.argmin(present))]
        remedy = nearest_name(word, (other for other in known[:SEARCHED] if other != word))
        raise UnknownName(f"'{word}' has no vector", where="run", remedy=remedy)
    return known, vectors, queries


def unit(vectors: Float32s) -> Float32s:
    """Rows of length 1; zeros stay zeros: (N, D) -> (N, D)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # (N, 1)
    scaled: Float32s = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled


def nearest(vectors: Float32s, queries: Float32s, n: int) -> tuple[Int64s, Float32s]:
    """The nearest vectors to some queries by cosine.

    Args:
        vectors: (N, D), each of length 1.
        queries: (Q, D), each of length 1.
        n: the number of neighbours, at most N.

    Returns:
        Rows of ``vectors`` int64 (Q, n), the nearest first, and their cosines (Q, n).
    """
    n = min(n, len(vectors))
    rows, cosines = np.zeros((len(queries), n), dtype=np.int64), np.zeros((len(queries), n), dtype=np.float32)
    for at in range(0, len(queries), QUERIES):
        all_cosines = queries[at : at + QUERIES] @ vectors.T  # (q, N)
        best = np.argpartition(-all_cosines, n - 1, axis=1)[:, :n]  # (q, n)
        order = np.argsort(-np.take_along_axis(all_cosines, best, 1), axis=1, kind="stable")
        rows[at : at + QUERIES] = np.take_along_axis(best, order, 1)
        cosines[at : at + QUERIES] = np.take_along_axis(all_cosines, rows[at : at + QUERIES], 1)
    return rows, cosines


def flat(vectors: Float32s) -> Float32s:
    """The first two principal components of vectors (Pearson, 1901): (N, D) -> (N, 2).

    The largest number of each axis is positive, so that two plots of the same vectors are not mirrored.
    """
    centred = vectors - vectors.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)  # (K, D)
    points = np.zeros((len(vectors), 2), dtype=np.float32)
    points[:, : len(axes[:2])] = centred @ axes[:2].T  # (N, 2)
    extreme = np.take_along_axis(points, np.abs(points).argmax(0)[None], 0)  # (1, 2)
    signed: Float32s = points * np.where(extreme < 0, -1, 1).astype(np.float32)
    return signed
