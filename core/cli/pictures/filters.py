"""``plot filters run=ID``: the n-grams to which the filters of a convolution respond."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.pictures.picture import ModelPicture
from core.cli.shared_keys import Positive, Split
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.data.corpus import Corpus
    from core.view.plots.drawing import Drawing


class Filters(ModelPicture):
    """Draw what the filters of a saved CNN respond to: those that are strong in the most rows, with their n-grams.

    In each row the five filters with the highest activation are taken, each with the tokens that it sees there.

    Args:
        sentences: the rows; none takes those of the run's own data.
        split: whose rows are read, where no sentences are given.
        limit: the most rows that are read.
        n: the most filters that are drawn.
        top: the most n-grams per filter.
    """

    def __init__(
        self,
        *sentences: str,
        split: Split = "dev",
        limit: Positive = 2000,
        n: Positive = 10,
        top: Positive = 5,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.sentences, self.split, self.limit, self.n, self.top = sentences, split, limit, n, top

    def drawing(self) -> Drawing:
        """The filters."""
        from core.model.interface import Explainable
        from core.view.plots.filters import collect, filters_drawing

        model, encoder = self.model.model, self.model.config.encoder.name
        corpus, labels = self._rows()
        found = model.explain(corpus) if isinstance(model, Explainable) else None
        if found is None:
            what = f"encoder={encoder} has no filters to explain"
            raise ConfigError(what, where="run", remedy="name a run of an encoder with filters, such as cnn")
        words = [corpus.spell(corpus.tokens[row][:-1]) for row in range(len(corpus))]
        filters = collect(found, words, labels)
        if not filters:
            raise ConfigError("no row has a token", where="run", remedy="give sentences with words")
        title = f"What the filters of {encoder} respond to (run {self.run_id})"
        return filters_drawing(filters, title, len(corpus), self.n, self.top)

    def _rows(self) -> tuple[Corpus, list[str] | None]:
        """The rows that are read, and the label of each where rows have labels."""
        import numpy as np

        from core.runs.predictions import read_scored, rebuild_split

        if self.sentences:
            return self.model.corpus(self.sentences), None
        run = read_scored(Path(self.runs), self.run_id)
        _, corpus = rebuild_split(run, self.split, self.plugins)
        corpus = corpus.select(np.arange(min(self.limit, len(corpus))))
        gold = self.model.kind.gold(corpus) if self.model.kind.labels == "row" else None
        return corpus, None if gold is None else [corpus.label_names[label] for label in gold.tolist()]
