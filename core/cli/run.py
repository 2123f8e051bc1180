"""``run``: train and evaluate one encoder on one task, or each run of a grid in turn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core import config, processes
from core.cli.console import console
from core.cli.engines import GridCommand, run_planned
from core.cli.shared_keys import Shown, follow, show_interruption, shown_splits
from core.cli.trials import run_trials, splits_of
from core.errors import ConfigError
from core.printable import echo

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.experiment.grid import Outcome


class Run(GridCommand):
    """Train and evaluate each encoder on each task, and print one table per task.

    A run that fails does not stop the others. A finished run with the same configuration is reused.

    Args:
        overrides: the configuration of the runs; the keys are below.
        report: full prints the report of each run too (see `seqlab report`); FILE.html is a page about all runs,
            which needs the extra `report`.
        split: whose scores are shown: dev, test or both.
        sort: what sorts the rows, best first: SPLIT.TASK or SPLIT.TASK.METRIC (dev.pos, dev.pos.macro_f1),
            encoder, parameters, tokens/s, seconds, memory or gpu_memory; - in front turns the order. A TASK
            alone is of the split that is shown first.
        verdicts: compare the rows of a table: which differences are more than chance (docs/trust.md).
    """

    def __init__(
        self,
        *overrides: str,
        report: str | None = None,
        split: Shown = "test",
        sort: str | None = None,
        verdicts: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.given, self.is_full, self.page = overrides, report == "full", None if report == "full" else report
        if self.page and "." not in self.page:
            what = f"'{self.page}' does not fit; it takes full or FILE.html"
            raise ConfigError(what, where="report", remedy="leave it out for the tables alone")
        self.splits, self.sort, self.verdicts = shown_splits(split), sort, verdicts

    def execute(self) -> int:
        """Run the whole grid."""
        self.start_early()
        grid = config.expand(self.given)
        if processes.rank() > 0:
            return follow(grid)
        for note in grid.notes:
            echo(f"note: {note}", error=True)
        from core.cli.files import ResultFiles
        from core.experiment.benchmark_plan import plan
        from core.experiment.grid import run_grid
        from core.experiment.solved_sizes import check_sizes
        from core.experiment.split_seeds import without_repeats
        from core.search.search import studies_of
        from core.view.sorting import check_sort

        files = ResultFiles(self.page, None, "report")  # before anything runs
        if self.sort is not None:
            check_sort(self.sort, [run.task.name for run in grid])
        runs, repeats = without_repeats(grid)
        for note in repeats:
            echo(f"note: {note}", error=True)
        check_sizes(runs)
        with self.executor(runs) as (executor, runs):
            found = studies_of(runs, grid.search)
            if (status := run_trials(found, partial(run_grid, executor=executor))) is not None:
                return status
            runs = found.runs
            self.splits = splits_of(runs, self.splits)
            outcome = run_grid(runs) if executor is None else run_planned(plan(runs), executor, self.splits[0])
        found.record(outcome.results)
        if len(runs) == 1 and outcome.failures:
            raise outcome.failures[0].error
        self._show(outcome, runs)
        files.write(outcome.results, outcome.failures, runs[0].plugins)
        show_interruption(outcome, runs)
        return outcome.status

    def _show(self, outcome: Outcome, runs: Sequence[RunConfig]) -> None:
        """Print what failed, the tables, and the reports that are asked for."""
        from core.cli.report import show as show_report
        from core.experiment.runner import title
        from core.view.run_table import show
        from core.view.sorting import unknown_metric

        for failure in outcome.failures:
            echo(f"error: {title(failure.config)}: {failure.error}", error=True)
        if outcome.results:
            one_screen = sys.stdout.isatty() and sys.stderr.isatty()
            announced = outcome.announced if one_screen else ()
            wrong = unknown_metric(outcome.results, self.sort)
            plugins = runs[0].plugins if self.verdicts else None
            show(outcome.results, console(), announced, self.splits, None if wrong else self.sort, plugins)
            if wrong:
                raise wrong  # once the scores are shown
        for result in outcome.results if self.is_full else ():
            show_report(result, self.splits[-1], runs[0].plugins)
