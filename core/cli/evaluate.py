"""``evaluate run=ID data=OTHER``: score a saved run on other data."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from core.cli.console import console, print_table
from core.cli.shared_keys import ModelCommand
from core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from core.data.corpus import Corpus
    from core.data.sources.base import Source
    from core.runs.trained_model import TrainedModel
    from core.types import Scores


class Evaluate(ModelCommand):
    """Print the metrics of a saved run on a split of other data.

    Args:
        overrides: data=NAME or data=PATH, and its options data.KEY=VALUE; none is the run's own data.
        split: the split; none is test.
    """

    overrides: ClassVar[Collection[str]] = ("data",)

    def __init__(self, *overrides: str, split: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.given, self.split = overrides, split

    def execute(self) -> None:
        """Print one row for the run and one for each baseline."""
        model = self.load_model()
        source = _source(model, self.given)
        if self.split is None and "test" not in source.splits():
            known = ", ".join(source.splits())
            what = f"there is no test split, only {known}"
            raise ConfigError(what, where="split", remedy="say which: split=NAME")
        split = self.split or "test"
        scores, corpus, _ = model.evaluate(source, split)
        _show(model, f"{self.run_id} on {split}: {_size(model, corpus)}", scores, corpus)
        for note in [*source.notes(), *model.notes]:
            console().print(f"note: {note}", style="dim")


def _show(model: TrainedModel, title: str, scores: Scores, corpus: Corpus) -> None:
    """Print the metrics, with those of the most frequent answer and of chance below."""
    from core.view.run_table import metric_text

    rows = {model.config.encoder.name: scores, **model.baselines(corpus)}
    cells = [[row, *(metric_text(values.get(name, math.nan)) for name in scores)] for row, values in rows.items()]
    print_table(title, ["", *(name.replace("_", " ") for name in scores)], cells)


def _size(model: TrainedModel, corpus: Corpus) -> str:
    """How many rows, and for a language model how many events."""
    events = model.kind.count_events(model.task, corpus)
    return f"{len(corpus):,} rows" + (f", {events:,} events" if model.kind.language_model else "")


def _source(model: TrainedModel, overrides: Sequence[str]) -> Source:
    """The other data, or the run's own where none is named."""
    from core import config
    from core.runs import components

    if not overrides and not model.vocab.counts.any():  # the training data is not known
        what = "the model was imported: it has no data of its own"
        raise ConfigError(what, where="evaluate", remedy="name the data with data=PATH")
    try:
        return components.source(config.other_data(model.config, overrides))
    except DataError as error:
        if overrides:
            raise
        raise DataError(error.what, where=error.where, remedy="name the data with data=PATH") from error
