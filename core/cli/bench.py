"""``bench``: plan a grid of encoders and tasks, run what is missing, print one table per data set."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from core import config
from core.cli.console import console
from core.cli.shared_keys import INTERRUPTED, ConfigCommand
from core.errors import UnknownName, nearest

if TYPE_CHECKING:
    from core.experiment.grid import Outcome

Format = Literal["table", "markdown", "csv", "json", "latex"]


class Bench(ConfigCommand):
    """Compare encoders on tasks: print the plan, run what is missing, print one table per data set.

    Args:
        overrides: the configuration of the runs; the keys are below.
        dry_run: print the plan and run nothing.
        format: format of the tables.
        sort: column that sorts the rows, best first: encoder, the name of a task, parameters, tokens/s or seconds.
    """

    def __init__(
        self, *overrides: str, dry_run: bool = False, format: Format = "table", sort: str | None = None
    ) -> None:
        self.given, self.dry_run, self.format, self.sort = overrides, dry_run, format, sort

    def execute(self) -> int:
        """Run what is missing, unless only the plan is asked for."""
        grid = config.expand(self.given)
        from core.view.bench_table import COSTS

        columns = ["encoder", *dict.fromkeys(run.task.name for run in grid), *COSTS]
        if self.sort is not None and self.sort not in columns:  # before anything runs
            remedy = nearest(self.sort, columns)
            raise UnknownName(f"there is no column '{self.sort}'", where="sort", remedy=remedy)
        from core.experiment.benchmark_plan import plan
        from core.view.plan import show_plan

        planned, screen = plan(grid), console(error=True)
        show_plan(planned, grid.notes, screen)
        if self.dry_run:
            return 0
        from core.experiment.grid import run_grid
        from core.view.live import live_table

        quiet = any(each.run["quiet"] for each in grid)
        with live_table(planned, screen, sys.stderr.isatty() and not quiet) as view:
            outcome = run_grid(grid, view)
        _show(outcome, self.format, self.sort)
        if outcome.interrupted:
            print(INTERRUPTED, file=sys.stderr)
        return outcome.status


def _show(outcome: Outcome, form: Format, sort: str | None) -> None:
    """Print one table per data set, the failures that it does not show, and the notes about ceilings."""
    from core.evaluation.baselines import BEATEN, NO_CEILING
    from core.experiment.runner import title
    from core.view.bench_table import bench_tables, sort_rows
    from core.view.formats import render_tables, show
    from core.view.run_table import replacement_notes

    tables = bench_tables(outcome.results, outcome.failures)
    for table in tables if sort else ():
        sort_rows(table, str(sort))
    if form == "table":
        for table in tables:
            show(table, console())
    else:
        for text in render_tables(tables, form):
            print(text)
        for failure in outcome.failures:
            print(f"error: {title(failure.config)}: {failure.error}", file=sys.stderr)
    notes = [(result, note) for result in outcome.results for note in result.notes]
    beaten = [f"{r.task} {r.encoder}: {note}" for r, note in notes if note.code == BEATEN]
    unknown = dict.fromkeys(f"{r.task}: {note}" for r, note in notes if note.code == NO_CEILING)
    for text in [*beaten, *unknown, *replacement_notes(outcome.results)]:
        print(f"note: {text}", file=sys.stderr)
