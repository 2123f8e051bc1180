"""Word vectors as plain arrays: nearest neighbours, and two dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError, UnknownName
from core.errors import nearest as nearest_name
from core.model.interface import Model, Vectorizer
from core.types import Float32s

QUERIES = 64  # that are answered at a time
SEARCHED = 20_000  # words that a misspelled one is compared with


def vectors_of(model: Model, words: Sequence[str] = ()) -> tuple[list[str], Float32s, Float32s]:
    """The words of a model that have a vector of their own, and the vectors of those asked for.

    Args:
        model: a trained model, of any kind of task.
        words: words; the embedding's other forms of a word count for those too.

    Returns:
        The words (N) as from ``Vectorizer.word_vectors``, their vectors (N, D), and those asked for (Q, D).

    Raises:
        ConfigError: the model has no vectors.
        UnknownName: a word that was asked for has none.
    """
    if not isinstance(model, Vectorizer):
        what = f"a model of the {model.family} family has no vectors"
        raise ConfigError(what, where="run", remedy="name a run with an embedding")
    known, vectors = model.word_vectors()
    if not known:
        remedy = "name a run whose embedding has some"
        raise ConfigError("no word of this run has a vector of its own", where="run", remedy=remedy)
    own, has = model.look_up(words)
    for word, present in zip(words, has.tolist(), strict=True):
        if not present:
            remedy = nearest_name(word, (other for other in known[:SEARCHED] if other != word))
            raise UnknownName(f"'{word}' has no vector", where="run", remedy=remedy)
    return known, vectors, own


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
