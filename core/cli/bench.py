"""``bench``: plan a grid of encoders and tasks, run what is missing, print one table per data set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core import config, processes
from core.cli.console import console
from core.cli.engines import GridCommand, run_planned
from core.cli.shared_keys import Shown, follow, show_interruption, shown_splits
from core.cli.trials import print_plan, run_trials, splits_of
from core.errors import ConfigError, DataError
from core.printable import counted, echo, echo_lines

if TYPE_CHECKING:
    from core.experiment.grid import Outcome
    from core.view.bench_table import BenchTable

Format = Literal["table", "markdown", "csv", "tsv", "json", "latex"]


class Bench(GridCommand):
    """Compare encoders on tasks: print the plan, run what is missing, print one table per data set.

    Args:
        overrides: the configuration of the runs; the keys are below.
        dry_run: print the plan and run nothing.
        format: format of the tables.
        split: whose scores are shown: dev, test or both; none is test in format=table, and both in the others.
        sort: what sorts the rows, best first: SPLIT.TASK or SPLIT.TASK.METRIC (dev.pos, dev.pos.macro_f1),
            encoder, parameters, tokens/s, seconds, memory or gpu_memory; - in front turns the order. A TASK
            alone is of the split that is shown first.
        verdicts: compare the rows of each column: which differences are more than chance (docs/trust.md).
        plot: the picture to write, FILE.png or FILE.svg: the mean ranks of the rows over 5 data sets or more, and
            which are separated, as a critical difference diagram.
        report: the page to write, FILE.html: tables, charts and mistakes in one file that opens without a network;
            needs the extra `report`.
        png: the picture to write, FILE.png or FILE.svg: scores against seconds and parameters; needs the extra
            `plot`.
    """

    def __init__(
        self,
        *overrides: str,
        dry_run: bool = False,
        format: Format = "table",
        split: Shown | None = None,
        sort: str | None = None,
        verdicts: bool = True,
        plot: str | None = None,
        report: str | None = None,
        png: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.given, self.dry_run, self.format, self.sort = overrides, dry_run, format, sort
        self.verdicts, self.plot, self.report, self.png = verdicts, plot, report, png
        self.splits = shown_splits(split or ("test" if format == "table" else "both"))

    def execute(self) -> int:
        """Run what is missing, unless only the plan is asked for."""
        self.start_early()
        grid = config.expand(self.given)
        if processes.rank() > 0:
            return 0 if self.dry_run else follow(grid)
        from core.cli.files import ResultFiles
        from core.experiment.benchmark_plan import plan
        from core.experiment.grid import run_grid
        from core.experiment.solved_sizes import check_sizes
        from core.experiment.split_seeds import without_repeats
        from core.runs import store
        from core.search.planned import plan_search
        from core.search.search import studies_of
        from core.view.plan import show_plan

        self._check([run.task.name for run in grid], {run.data.name for run in grid})
        files = ResultFiles(self.report, self.png, "report")
        runs, repeats = without_repeats(grid)
        check_sizes(runs)
        with self.executor(runs) as (executor, runs):
            found = studies_of(runs, grid.search)
            planned = plan_search(found)
            show_plan(planned, [*grid.notes, *repeats], console(error=True), executor.jobs if executor else 1)
            print_plan(found)
            if self.dry_run:
                return 0
            if (status := run_trials(found, partial(run_grid, executor=executor))) is not None:
                return status
            runs = found.runs
            self.splits = splits_of(runs, self.splits)
            outcome = run_planned(plan(runs) if found.studies else planned.runs, executor, self.splits[0])
        found.record(outcome.results)
        store.update_index(Path(runs[0].run["runs"]))
        self._show(outcome, runs[0].plugins)
        files.write(outcome.results, outcome.failures, runs[0].plugins)
        show_interruption(outcome, runs)
        return outcome.status

    def _check(self, tasks: Sequence[str], data: Collection[str]) -> None:
        """Refuse a column that there is not, or a picture that cannot be drawn, before anything runs."""
        from core.view.sorting import check_sort

        if self.sort is not None:
            check_sort(self.sort, tasks)
        if self.plot is not None:
            self._check_plot(data)

    def _check_plot(self, data: Collection[str]) -> None:
        """Refuse a picture that cannot be drawn."""
        from core.evaluation.verdicts.data_sets import LEAST
        from core.view.figures import picture_path

        picture_path(str(self.plot), "plot")
        if len(data) < LEAST:
            what = f"mean ranks need {LEAST} data sets or more, not {len(data)}"
            raise ConfigError(what, where="plot", remedy="name more with data=A,B,..., or leave plot= out")
        if not self.verdicts:
            raise ConfigError("the picture shows verdicts", where="plot", remedy="leave verdicts=false out")

    def _draw(self, tables: Sequence[BenchTable]) -> None:
        """Write the picture that is asked for; DataError where no task has verdicts on enough data sets."""
        from core.view.data_sets import rankings
        from core.view.diagram import write_diagram
        from core.view.figures import picture_path

        path = picture_path(str(self.plot), "plot")
        if not (found := rankings(tables)):
            what = "there is no picture: no task has two rows with verdicts on 5 data sets"
            raise DataError(what, where="plot", remedy="see the notes on what is not compared")
        write_diagram(found, path)
        echo(f"wrote {path} ({counted(len(found), 'diagram')})", error=True)

    def _show(self, outcome: Outcome, plugins: Sequence[str]) -> None:
        """Print one table per data set with the verdicts, and the notes; ``plugins``: what saved runs need."""
        from core.view.bench_table import add_verdicts, bench_tables, sort_rows
        from core.view.sorting import unknown_metric

        tables = bench_tables(outcome.results, outcome.failures, self.splits)
        wrong = unknown_metric(outcome.results, self.sort)
        for table in tables if self.sort and not wrong else ():
            sort_rows(table, str(self.sort))
        notes = [note for table in tables if self.verdicts for note in add_verdicts(table, plugins)]
        _print_tables(tables, outcome, self.format, is_sorted=self.sort is not None and not wrong)
        _print_notes(outcome, self.splits, list(map(str, notes)))
        if self.plot is not None:  # once the scores are shown
            self._draw(tables)
        if wrong:
            raise wrong


def _print_tables(tables: Sequence[BenchTable], outcome: Outcome, form: Format, is_sorted: bool) -> None:
    """Print the tables, and the failures that they do not show."""
    from core.experiment.runner import title
    from core.view.bench_screen import show
    from core.view.data_sets import data_set_lines
    from core.view.formats import render_tables

    if form == "table":
        for table in tables:
            show(table, console(), is_sorted=is_sorted)
        for line in data_set_lines(tables):
            echo(line)
        return
    for text in render_tables(tables, form):
        echo_lines(text)
    for failure in outcome.failures:
        echo(f"error: {title(failure.config)}: {failure.error}", error=True)


def _print_notes(outcome: Outcome, splits: Sequence[str], others: Sequence[str]) -> None:
    """Print the notes about scores, replaced runs and ``others``."""
    from core.config.budget import FREE, MACHINE, SIZES
    from core.evaluation.baselines import BEATEN, NO_CEILING
    from core.view.notes import OF_RUNS, few_rows, score_notes, without_seeds
    from core.view.rows import grouped, replacement_notes, row_names, run_key

    notes = [(result, note) for result in outcome.results for note in result.notes]
    names, several = row_names(outcome.results, splits), len({r.data for r in outcome.results}) > 1
    rows = grouped(outcome.results, lambda r: f"{r.task}{f' on {r.data}' if several else ''} {names[run_key(r)]}")
    own = score_notes(rows, (BEATEN, SIZES, FREE, *OF_RUNS))
    unknown = dict.fromkeys(f"{r.task}: {note}" for r, note in notes if note.code == NO_CEILING)
    unknown |= dict.fromkeys(str(note) for _, note in notes if note.code == MACHINE)
    once = without_seeds(grouped(outcome.results, lambda r: names[run_key(r)]))
    more = (*once, *replacement_notes(outcome.results), *few_rows(outcome.results))
    for text in [*dict.fromkeys(own), *unknown, *others, *more]:
        echo(f"note: {text}", error=True)
