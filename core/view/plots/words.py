"""Words as points: their vectors in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from core.errors import ConfigError
from core.evaluation.word_vectors import flat, unit
from core.printable import counted
from core.types import Float32s, Table
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.style import COLORS, SMALL, WIDTH

LIBRARIES = {"tsne": ("sklearn.manifold", "TSNE", "scikit-learn"), "umap": ("umap", "UMAP", "umap-learn")}


def points_of(vectors: Float32s, method: str, seed: int) -> Float32s:
    """Two coordinates per word: (N, D) -> (N, 2).

    Args:
        vectors: of the words.
        method: ``pca``, or a key of ``LIBRARIES``.
        seed: of the methods that begin at random points.

    Raises:
        ConfigError: the library of the method is not installed.
    """
    if method == "pca":
        return flat(unit(vectors))
    module, name, package = LIBRARIES[method]
    try:
        reducer = getattr(import_module(module), name)
    except ImportError as error:
        remedy = f"install it, or take method=pca: pip install {package}"
        raise ConfigError(f"{package} is not installed", where="plot", remedy=remedy) from error
    near: dict[str, Any] = {"perplexity": min(30, (len(vectors) - 1) / 3)} if method == "tsne" else {}
    points: Float32s = reducer(n_components=2, metric="cosine", random_state=seed, **near).fit_transform(vectors)
    return points


def words_drawing(title: str, words: Sequence[str], points: Float32s, method: str) -> Drawing:
    """A labelled point per word."""
    rows = [(word, float(x), float(y)) for word, (x, y) in zip(words, points.tolist(), strict=True)]

    def draw(canvas: Canvas) -> None:
        axes = canvas.figure.add_subplot(xticks=[], yticks=[])
        axes.scatter(points[:, 0], points[:, 1], s=8, color=COLORS[0])
        for word, x, y in rows:
            place: Any = {"xytext": (3, 2), "textcoords": "offset points", "fontsize": SMALL}
            axes.annotate(canvas.text(word), (x, y), **place)

    table = Table(f"{title}, {method}", ("word", "x", "y"), list(rows))
    return Drawing(title, [table], draw, f"{counted(len(words), 'word')}, {method}", (WIDTH, 6.5))
