"""``evaluate run=ID data=OTHER``: score a saved run on other data."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from core.cli.console import console, print_table
from core.cli.shared_keys import ModelCommand
from core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from core.data.sources.base import Source


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
        from core.view.run_table import metric_heading, metric_text

        model, source, split = self.model, self._source(), self.split or "test"
        if self.split is None and "test" not in source.splits():
            what = f"there is no test split, only {', '.join(source.splits())}"
            raise ConfigError(what, where="split", remedy="say which: split=NAME")
        scores, corpus, _ = model.evaluate(source, split)
        title = f"{self.run_id} on {split}: {len(corpus):,} rows"
        if model.kind.language_model:
            title += f", {model.kind.count_events(model.task, corpus):,} events"
        rows = {model.config.encoder.name: scores, **model.baselines(corpus)}
        cells = [
            [row, *(metric_text(values.get(name, math.nan)) for name in scores)] for row, values in rows.items()
        ]
        print_table(title, ["", *map(metric_heading, scores)], cells)
        for note in [*source.notes(), *model.notes]:
            console().print(f"note: {note}", style="dim")

    def _source(self) -> Source:
        """The other data, or the run's own where none is named."""
        from core import config
        from core.runs import components

        if not self.given and not self.model.vocab.counts.any():  # the training data is not known
            what = "the model was imported: it has no data of its own"
            raise ConfigError(what, where="evaluate", remedy="name the data with data=PATH")
        try:
            return components.source(config.other_data(self.model.config, self.given))
        except DataError as error:
            if not self.given:
                error.remedy = "name the data with data=PATH"
            raise
