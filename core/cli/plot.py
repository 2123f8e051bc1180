"""``plot run=ID out=FILE.png``: words in two dimensions."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.common import KEPT, kept_run, refuse_keys, take
from core.config.options import Option
from core.errors import ConfigError, DataError, disk_remedy

if TYPE_CHECKING:
    from core.types import Float32s

OWN = ("out", "n", "method")
ENDINGS = (".png", ".svg")
LIBRARIES = {"tsne": ("sklearn.manifold", "TSNE", "scikit-learn"), "umap": ("umap", "UMAP", "umap-learn")}


def verb(words: list[str]) -> None:
    """Draw the first ``n=200`` words that have a vector, or those that are named, by ``method=pca``."""
    taken, asked = take(words, *KEPT, *OWN)
    refuse_keys(asked, "plot", (*KEPT, *OWN))
    limit = Option("n", Annotated[int, Ge(3)], 200, "", "plot").check(taken.get("n", "200"), "plot.n")
    method = Option("method", Literal["pca", "tsne", "umap"], "pca", "", "plot").check(
        taken.get("method", "pca"), "plot.method"
    )
    if "out" not in taken:
        raise ConfigError("where to?", where="plot", remedy="name the file: out=FILE.png")
    path = Path(taken["out"]).expanduser()
    if path.suffix not in ENDINGS:
        raise ConfigError(f"'{path.name}' is no picture", where="plot.out", remedy="end the name in .png or .svg")
    _library("matplotlib.figure", "matplotlib", "install the extra: pip install 'seqlab[plot]'")
    model = kept_run(taken, "plot")
    from core.evaluation.word_vectors import vectors_of

    names, vectors, own = vectors_of(model.model, asked)
    shown, rows = (asked, own) if asked else (names[:limit], vectors[:limit])
    if len(shown) < 3:
        raise ConfigError(f"{len(shown)} words make no picture", where="plot", remedy="take three or more")
    _draw(path, shown, _points(rows, method), f"{model.config.encoder.name}: {'+'.join(model.config.embeddings)}")
    print(f"wrote {path} ({len(shown):,} words, {method})", file=sys.stderr)


def _library(module: str, name: str, remedy: str) -> Any:
    """A library that not everybody has.

    Raises:
        ConfigError: it is not there.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigError(f"{name} is not installed", where="plot", remedy=remedy) from error


def _points(vectors: Float32s, method: str) -> Float32s:
    """Two numbers a word: (N, D) -> (N, 2)."""
    from core.evaluation.word_vectors import flat, unit

    if method == "pca":
        return flat(unit(vectors))
    module, name, package = LIBRARIES[method]
    made = getattr(_library(module, package, f"install it, or take method=pca: pip install {package}"), name)
    near = {"perplexity": min(30, (len(vectors) - 1) / 3)} if method == "tsne" else {}
    points: Float32s = made(n_components=2, metric="cosine", random_state=0, **near).fit_transform(vectors)
    return points


def _draw(path: Path, words: list[str], points: Float32s, title: str) -> None:
    """A point and its word each, written beside its place and renamed into it."""
    from matplotlib.figure import Figure

    from core.data.atomic import beside

    figure = Figure(figsize=(14, 10), layout="constrained")
    axes = figure.add_subplot(title=title, xticks=[], yticks=[])
    axes.scatter(points[:, 0], points[:, 1], s=6)
    for word, (x, y) in zip(words, points.tolist(), strict=True):
        text = word.replace("$", r"\$")  # which would begin a formula
        axes.annotate(text, (x, y), xytext=(3, 2), textcoords="offset points", fontsize=8)
    try:
        with beside(path.absolute().parent) as made:
            figure.savefig(made / path.name, dpi=150)
            os.replace(made / path.name, path)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise DataError(what, where=str(path), remedy=disk_remedy(error)) from error
