"""``plot vectors run=ID``: words in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.pictures.picture import ModelPicture
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing

Method = Literal["pca", "tsne", "umap"]


class Vectors(ModelPicture):
    """Draw words in two dimensions: those that are named, or the first that have a vector.

    Args:
        words: the words; none draws the first n.
        n: how many words, where none are named.
        method: how the vectors become points; tsne needs scikit-learn, umap needs umap-learn.
        seed: of tsne and umap, which begin at random points.
    """

    def __init__(
        self,
        *words: str,
        n: Annotated[int, Ge(3)] = 200,
        method: Method = "pca",
        seed: Annotated[int, Ge(0)] = 0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.words, self.limit, self.method, self.seed = words, n, method, seed

    def drawing(self) -> Drawing:
        """One labelled point per word."""
        from core.evaluation.word_vectors import vectors_of
        from core.view.plots.lines_of_runs import data_name
        from core.view.plots.words import points_of, words_drawing

        names, vectors, own = vectors_of(self.model.model, self.words)
        shown, rows = (self.words, own) if self.words else (names[: self.limit], vectors[: self.limit])
        if len(shown) < 3:
            raise ConfigError(f"{len(shown)} words make no picture", where="plot", remedy="take three or more")
        embedding, data = "+".join(self.model.config.embeddings), data_name(self.model.config.data.name)
        title = f"Word vectors of {self.run_id}: {embedding}, {data}"
        return words_drawing(title, shown, points_of(rows, self.method, self.seed), self.method)
