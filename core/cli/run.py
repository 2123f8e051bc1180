"""``run``: train and evaluate one encoder on one task, or each run of a grid in turn."""

from __future__ import annotations

import sys
from typing import Literal

from core import config
from core.cli.console import console
from core.cli.shared_keys import INTERRUPTED, ConfigCommand


class Run(ConfigCommand):
    """Train and evaluate each encoder on each task, and print one table per task.

    A run that fails does not stop the others. A finished run with the same configuration is reused.

    Args:
        overrides: the configuration of the runs; the keys are below.
        report: full prints the report of each run too (see `seqlab report`).
    """

    def __init__(self, *overrides: str, report: Literal["full"] | None = None) -> None:
        self.given, self.report = overrides, report

    def execute(self) -> int:
        """Run the whole grid."""
        grid = config.expand(self.given)
        for note in grid.notes:
            print(f"note: {note}", file=sys.stderr)
        from core.cli.report import show as show_report
        from core.experiment.grid import run_grid
        from core.experiment.runner import title
        from core.view.run_table import show

        outcome = run_grid(grid)
        if len(grid) == 1 and outcome.failures:
            raise outcome.failures[0].error
        for failure in outcome.failures:
            print(f"error: {title(failure.config)}: {failure.error}", file=sys.stderr)
        if outcome.results:
            one_screen = sys.stdout.isatty() and sys.stderr.isatty()
            show(outcome.results, console(), outcome.announced if one_screen else ())
        for result in outcome.results if self.report else ():
            show_report(result, "test", grid[0].plugins)
        if outcome.interrupted:
            print(INTERRUPTED, file=sys.stderr)
        return outcome.status
