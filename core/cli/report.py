"""``report run=ID``: what the task shows beyond its metrics; ``out=FILE.html``: a page about many runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.console import print_table
from core.cli.shared_keys import Names, PluginCommand, Positive, Split
from core.errors import ConfigError, SeqlabError
from core.printable import counted, echo

if TYPE_CHECKING:
    from core.runs.result import Result

BINS = 15  # that of Guo et al. (2017)


class Report(PluginCommand):
    """Print the full report of a saved run, or write a page (out=) or a picture (png=) about several.

    Predicted labels have a table of their calibration (Guo et al., 2017); taggers predict again for it.

    Args:
        run: ID or name of a saved run (see `seqlab runs`); several, separated by commas, with out= or png=.
        runs: the folder of the saved runs; with out= or png= also several folders, or runs by ID, name or folder.
        out: the page to write, FILE.html: one file that opens without a network; needs the extra `report`.
        png: the picture to write, FILE.png or FILE.svg: scores against seconds and parameters; needs the extra
            `plot`.
        task: with out= or png=, only the runs of these tasks.
        data: only the runs on these data sets.
        encoder: only the runs of these encoders.
        where: only the runs that meet conditions KEY=VALUE (see `seqlab runs --help`).
        split: the split whose saved predictions are printed.
        bins: bins of equal width in the table of the calibration.
    """

    def __init__(
        self,
        *,
        run: Names = (),
        runs: Names = ("runs",),
        out: str | None = None,
        png: str | None = None,
        task: Names = (),
        data: Names = (),
        encoder: Names = (),
        where: str | None = None,
        split: Split = "test",
        bins: Positive = BINS,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.names, self.roots, self.out, self.png = run, runs, out, png
        self.filters, self.where = {"task": task, "data": data, "encoder": encoder}, where
        self.split, self.bins = split, bins
        if out is None and png is None:
            self._check_one()
        elif split != "test":
            remedy = "leave split= out"
            raise ConfigError("a page is about test, on which nothing is chosen", where="split", remedy=remedy)

    def _check_one(self) -> None:
        """Check that one run is named, and nothing that only files take."""
        if not self.names:
            remedy = "write run=ID to print a report, or out=FILE.html to write a page about all runs"
            raise ConfigError("run is missing", where="report", remedy=remedy)
        remedy = "name one run, or write a page about several with out=FILE.html"
        for key, values in (("run", self.names), ("runs", self.roots)):
            if len(values) > 1:
                raise ConfigError("one run is printed", where=key, remedy=remedy)
        for key, names in (*self.filters.items(), ("where", self.where or ())):
            if names:
                raise ConfigError("it chooses among several runs", where=key, remedy=remedy)

    def execute(self) -> None:
        """Print the tables of one run, or write the files about several."""
        if self.out is None and self.png is None:
            from core.runs.predictions import read_scored

            run = read_scored(Path(self.roots[0]), self.names[0])
            return show(run, self.split, self.plugins, self.bins)
        from core.cli.files import ResultFiles

        files = ResultFiles(self.out, self.png, "out")
        self.load_plugins()
        files.write(self._chosen(), (), self.plugins)

    def _chosen(self) -> list[Result]:
        """The runs of the page; StoreError where there are none."""
        from core.runs.chosen import filtered, read_runs

        found, broken = read_runs(self.roots, self.names)
        for error in broken:
            echo(f"warning: {error}", error=True)
        chosen = filtered(found, self.filters, self.where, " and ".join(self.roots))
        scored = [run for run in chosen if "test" in run.fingerprints]
        if left := len(chosen) - len(scored):
            echo(f"note: {counted(left, 'run')} without a score on test left out", error=True)
        if not scored:
            remedy = "see `seqlab runs`, or leave task, data, encoder and where out"
            raise ConfigError("no run with scores meets these conditions", where="runs", remedy=remedy)
        return scored


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
