"""``plot run=ID out=FILE.png``: words in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.shared_keys import ModelCommand
from core.errors import ConfigError
from core.printable import counted, echo, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from core.types import Float32s

Method = Literal["pca", "tsne", "umap"]
LIBRARIES = {"tsne": ("sklearn.manifold", "TSNE", "scikit-learn"), "umap": ("umap", "UMAP", "umap-learn")}


class Plot(ModelCommand):
    """Draw words in two dimensions: those that are named, or the first that have a vector.

    Args:
        words: the words; none draws the first n.
        out: the picture to write, FILE.png or FILE.svg.
        n: how many words, where none are named.
        method: how the vectors become points; tsne needs scikit-learn, umap needs umap-learn.
    """

    def __init__(
        self, *words: str, out: str, n: Annotated[int, Ge(3)] = 200, method: Method = "pca", **options: Any
    ) -> None:
        super().__init__(**options)
        from core.view.figures import picture_path

        self.words, self.path, self.limit, self.method = words, picture_path(out, "out"), n, method

    def execute(self) -> None:
        """Write the picture."""
        from core.evaluation.word_vectors import vectors_of

        names, vectors, own = vectors_of(self.model.model, self.words)
        shown, rows = (self.words, own) if self.words else (names[: self.limit], vectors[: self.limit])
        if len(shown) < 3:
            raise ConfigError(f"{len(shown)} words make no picture", where="plot", remedy="take three or more")
        title = f"{self.model.config.encoder.name}: {'+'.join(self.model.config.embeddings)}"
        _draw(self.path, shown, _points(rows, self.method), title)
        echo(f"wrote {self.path} ({counted(len(shown), 'word')}, {self.method})", error=True)


def _library(module: str, name: str, remedy: str) -> Any:
    """An optional library; ConfigError where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigError(f"{name} is not installed", where="plot", remedy=remedy) from error


def _points(vectors: Float32s, method: str) -> Float32s:
    """Two coordinates per word: (N, D) -> (N, 2)."""
    from core.evaluation.word_vectors import flat, unit

    if method == "pca":
        return flat(unit(vectors))
    module, name, package = LIBRARIES[method]
    reducer = getattr(_library(module, package, f"install it, or take method=pca: pip install {package}"), name)
    near = {"perplexity": min(30, (len(vectors) - 1) / 3)} if method == "tsne" else {}
    points: Float32s = reducer(n_components=2, metric="cosine", random_state=0, **near).fit_transform(vectors)
    return points


def _draw(path: Path, words: Sequence[str], points: Float32s, title: str) -> None:
    """Draw one labelled point per word."""
    from matplotlib.figure import Figure

    from core.view.figures import write_figure

    figure = Figure(figsize=(14, 10), layout="constrained")
    axes = figure.add_subplot(title=title, xticks=[], yticks=[])
    axes.scatter(points[:, 0], points[:, 1], s=6)
    for word, (x, y) in zip(words, points.tolist(), strict=True):
        text = one_line(word).replace("$", r"\$")  # which would begin a formula
        axes.annotate(text, (x, y), xytext=(3, 2), textcoords="offset points", fontsize=8)
    write_figure(figure, path, title)
