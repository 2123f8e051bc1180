"""``evaluate run=ID data=OTHER``: score a kept run on other data."""

from __future__ import annotations

from core.verbs.common import KEPT, console, kept_run, take


def verb(words: list[str]) -> None:
    """Print the metrics of a kept run on a split of other data (``split=test``)."""
    from rich.table import Table

    from core import baselines, build, config

    taken, rest = take(words, *KEPT, "split")
    model = kept_run(taken, "evaluate")
    source = build.source(config.other_data(model.config, rest))
    split = taken.get("split", "test" if "test" in source.splits() else source.splits()[0])
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
        table.add_row(row, *(f"{values[name]:,.2f}" for name in scores))
    console().print(table)
    for note in source.notes():
        console().print(f"note: {note}", style="dim")
