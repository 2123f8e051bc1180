"""``report run=ID``: what the task shows beside its metrics, such as a row a tag and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.cli.common import console, refuse, take
from core.errors import ConfigError
from core.runs.result import Result

KEYS = ("run", "runs", "split", "plugin")


def verb(words: list[str]) -> None:
    """Print the full report of a kept run on ``split=test`` or ``dev``."""
    taken, rest = take(words, *KEYS)
    refuse(rest, "report", KEYS)
    if "run" not in taken:
        raise ConfigError("which run?", where="report", remedy="name one: run=ID (see `seqlab runs`)")
    split = taken.get("split", "test")
    if split not in ("dev", "test"):
        raise ConfigError(
            f"'{split}' is not dev or test", where="split", remedy="predictions are kept for these two"
        )
    from core.runs.predictions import read_scored

    run = read_scored(Path(taken.get("runs", "runs")), taken["run"])
    show(run, split, [name for name in taken.get("plugin", "").split(",") if name])


def show(run: Result, split: str, plugins: Sequence[str] = ()) -> None:
    """Print the tables of one run's report; a task without one says so.

    Args:
        run: the record.
        split: ``dev`` or ``test``.
        plugins: files or modules of plugins that the run needs.
    """
    from core.runs.predictions import rebuild
    from core.view.plain_table import as_rich

    task, corpus, arrays = rebuild(run, split, plugins)
    tables = task.report(arrays, corpus)
    if not tables:
        print(f"task={run.task} has no report beyond its metrics")
    for table in tables:
        console().print(as_rich(table, f"{run.encoder} {run.id}: {table.title}"))
