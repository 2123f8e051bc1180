"""Words as points: their vectors in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from core.errors import ConfigError
from core.evaluation.word_vectors import flat, unit
from core.printable import counted
from core.types import Float32s, Table
from core.view.label_places import Place, Spot, place_names
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.style import COLORS, SMALL, WIDTH, text_width

LIBRARIES = {"tsne": ("sklearn.manifold", "TSNE", "scikit-learn"), "umap": ("umap", "UMAP", "umap-learn")}
NAMES = {"pca": "two principal components", "tsne": "t-SNE", "umap": "UMAP"}
TALL = 6.5  # the height of the picture in inches
INNER = (72 * (WIDTH - 0.15), 72 * (TALL - 0.6))  # the least size of the axes, in points
UNITS = 1.6  # per point
LONGEST = 22  # letters of a word
MARGIN = 0.06  # of an axis, at both ends


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
    """A point per word; earlier words choose the places of their names first, and names do not overlap."""
    rows = [(word, float(x), float(y)) for word, (x, y) in zip(words, points.tolist(), strict=True)]

    def draw(canvas: Canvas) -> None:
        ends = [_ends(points[:, axis]) for axis in (0, 1)]
        axes = canvas.figure.add_subplot(xticks=[], yticks=[], xlim=ends[0], ylim=ends[1])
        axes.spines[:].set_color("#cccccc")
        axes.scatter(points[:, 0], points[:, 1], s=7, color=COLORS[0])
        names = [canvas.text(word, LONGEST) for word in words]
        for (_, x, y), name, place in zip(rows, names, _places(names, points, ends), strict=True):
            if place is not None:
                at: Any = {"xytext": (place.dx, place.dy), "textcoords": "offset points", "fontsize": SMALL}
                axes.annotate(name, (x, y), ha=place.align, va="center", **at)

    table = Table(f"{title}, {method}", ("word", "x", "y"), list(rows))
    caption = f"{counted(len(words), 'word')}, {NAMES[method]}; a point without a name has no room for it"
    shown = f"{counted(len(words), 'word')}, {method}"
    return Drawing(title, [table], draw, shown, (WIDTH, TALL), caption=caption)


def _ends(values: Float32s) -> tuple[float, float]:
    """The ends of an axis, with a margin for names."""
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * MARGIN or 1.0
    return low - margin, high + margin


def _places(names: Sequence[str], points: Float32s, ends: Sequence[tuple[float, float]]) -> list[Place | None]:
    """Where the names are written; the marks are small, so all is measured in units smaller than a point."""
    fractions = [(points[:, axis] - low) / (high - low) for axis, (low, high) in enumerate(ends)]
    spots = [
        Spot(name, x, y, y, y)
        for name, x, y in zip(names, fractions[0].tolist(), fractions[1].tolist(), strict=True)
    ]
    wide = [UNITS * (text_width(name, SMALL) + 3) for name in names]
    width, height = INNER
    found = place_names(spots, UNITS * width, UNITS * height, UNITS * SMALL, wide)
    return [place and place._replace(dx=place.dx / UNITS, dy=place.dy / UNITS) for place in found]
