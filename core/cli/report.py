"""``report run=ID``: what the task shows beyond its metrics, such as scores per label and the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import Positive, SavedRunCommand, Split
from core.errors import SeqlabError
from core.printable import echo
from core.runs.result import Result

BINS = 15  # that of Guo et al. (2017)


class Report(SavedRunCommand):
    """Print the full report of a saved run.

    Predicted labels have a table of their calibration (Guo et al., 2017); taggers predict again for it.

    Args:
        split: the split whose saved predictions are reported.
        bins: bins of equal width in the table of the calibration.
    """

    def __init__(self, *, split: Split = "test", bins: Positive = BINS, **options: Any) -> None:
        super().__init__(**options)
        self.split, self.bins = split, bins

    def execute(self) -> None:
        """Print the tables of the report."""
        from core.runs.predictions import read_scored

        show(read_scored(Path(self.runs), self.run_id), self.split, self.plugins, self.bins)


def show(run: Result, split: str, plugins: Sequence[str] = (), bins: int = BINS) -> None:
    """Print the tables of a run's report and of its calibration, or that there are none."""
    from core.runs.calibration import calibration
    from core.runs.predictions import rebuild
    from core.view.run_table import metric_text

    task, corpus, arrays = rebuild(run, split, plugins)
    tables = task.report(arrays, corpus)
    try:
        tables = [*tables, *calibration(run, arrays, corpus, bins, plugins)]
    except SeqlabError as error:
        echo(f"note: the calibration is left out: {error}", error=True)
    if not tables:
        echo(f"task={run.task} has no report beyond its metrics")
    for table in tables:
        rows = [[metric_text(cell) if isinstance(cell, float) else cell for cell in row] for row in table.rows]
        print_table(f"{run.title}: {table.title}", map(str, table.header), rows)
