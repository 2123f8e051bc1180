"""``evaluate run=ID data=OTHER``: score a kept run on other data."""

from __future__ import annotations

from core.errors import ConfigError
from core.verbs.common import KEPT, console, kept_run, take


def verb(words: list[str]) -> None:
    """Print the metrics of a kept run on a split of other data (``split=test``)."""
    from rich.table import Table

    from core import baselines, build, config
    from core.view.table import figure

    taken, rest = take(words, *KEPT, "split")
    model = kept_run(taken, "evaluate")
    source = build.source(config.other_data(model.config, rest))
    if "split" not in taken and "test" not in source.splits():
        known = ", ".join(source.splits())
        raise ConfigError(f"there is no test split, only {known}", where="split", remedy="say which: split=NAME")
    split = taken.get("split", "test")
    scores, corpus, _ = model.evaluate(source, split)
    table = Table(title=f"{taken['run']} on {split}: {len(corpus):,} rows", title_justify="left")
    table.add_column("")
    for name in scores:
        table.add_column(name.replace("_", " "), justify="right")
    below = {
        "most frequent": baselines.most_frequent(model.task, corpus),
        "chance": baselines.chance(model.task, corpus),
    }
    for row, values in ({model.config.encoder.name: scores} | below).items():
        table.add_row(row, *(figure(values[name]) for name in scores))
    console().print(table)
    for note in source.notes():
        console().print(f"note: {note}", style="dim")
