"""``report run=ID``: what the task shows beyond its metrics, such as scores per label and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import SavedRunCommand, Split
from core.printable import echo
from core.runs.result import Result


class Report(SavedRunCommand):
    """Print the full report of a saved run.

    Args:
        split: the split whose saved predictions are reported.
    """

    def __init__(self, *, split: Split = "test", **options: Any) -> None:
        super().__init__(**options)
        self.split = split

    def execute(self) -> None:
        """Print the tables of the report."""
        from core.runs.predictions import read_scored

        show(read_scored(Path(self.runs), self.run_id), self.split, self.plugins)


def show(run: Result, split: str, plugins: Sequence[str] = ()) -> None:
    """Print the tables of a run's report, or that its task has none."""
    from core.runs.predictions import rebuild
    from core.view.run_table import metric_text

    task, corpus, arrays = rebuild(run, split, plugins)
    tables = task.report(arrays, corpus)
    if not tables:
        echo(f"task={run.task} has no report beyond its metrics")
    for table in tables:
        rows = [[metric_text(cell) if isinstance(cell, float) else cell for cell in row] for row in table.rows]
        print_table(f"{run.encoder} {run.id}: {table.title}", map(str, table.header), rows)
