"""``evaluate run=ID data=OTHER``: score a kept run on other data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from core.cli.common import KEPT, console, kept_run, take
from core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from core.data.corpus import Corpus
    from core.data.sources.base import Source
    from core.runs.trained_model import TrainedModel


def verb(words: list[str]) -> None:
    """Print the metrics of a kept run on a split of other data (``split=test``)."""
    from rich.table import Table

    from core.view.run_table import figure

    taken, rest = take(words, *KEPT, "split")
    model = kept_run(taken, "evaluate")
    source = _source(model, rest)
    if "split" not in taken and "test" not in source.splits():
        known = ", ".join(source.splits())
        raise ConfigError(f"there is no test split, only {known}", where="split", remedy="say which: split=NAME")
    split = taken.get("split", "test")
    scores, corpus, _ = model.evaluate(source, split)
    table = Table(title=f"{taken['run']} on {split}: {_size(model, corpus)}", title_justify="left")
    table.add_column("")
    for name in scores:
        table.add_column(name.replace("_", " "), justify="right")
    for row, values in ({model.config.encoder.name: scores} | model.baselines(corpus)).items():
        table.add_row(row, *(figure(values.get(name, math.nan)) for name in scores))
    console().print(table)
    for note in [*source.notes(), *model.notes]:
        console().print(f"note: {note}", style="dim")


def _size(model: TrainedModel, corpus: Corpus) -> str:
    """How many rows, and how many events where they are neither rows nor tokens."""
    rows, events = len(corpus), model.kind.count_events(model.task, corpus)
    return f"{rows:,} rows" + (f", {events:,} events" if model.kind.language_model else "")


def _source(model: TrainedModel, words: list[str]) -> Source:
    """The other data, or the run's own where no words name any."""
    from core import config
    from core.runs import components

    if not words and not model.vocab.counts.any():  # its words were never counted
        what = "the model was imported: it has no data of its own"
        raise ConfigError(what, where="evaluate", remedy="name the data with data=PATH")
    try:
        return components.source(config.other_data(model.config, words))
    except DataError as error:
        if words:
            raise
        raise DataError(error.what, where=error.where, remedy="name the data with data=PATH") from error
