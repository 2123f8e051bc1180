"""The files that ``run``, ``bench`` and ``report`` write about runs: a page and a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.printable import counted, echo

if TYPE_CHECKING:
    from core.experiment.grid import Failure
    from core.runs.result import Result


class ResultFiles:
    """The files that a command is asked for; ConfigError where one cannot be written, before anything runs.

    Args:
        page: the path of the page, FILE.html; None for none.
        picture: the path of the picture of scores and costs, FILE.png or FILE.svg; None for none.
        where: the key that names the page.
    """

    def __init__(self, page: str | None, picture: str | None, where: str) -> None:
        from core.view.figures import picture_path
        from core.view.report.files import page_path

        self.page: Path | None = None if page is None else page_path(page, where)
        self.picture: Path | None = None if picture is None else picture_path(picture, "png")

    def write(self, results: Sequence[Result], failures: Sequence[Failure], plugins: Sequence[str]) -> None:
        """Write them, and say so on standard error.

        Args:
            results: the runs.
            failures: those that failed.
            plugins: files or modules of plugins that the runs need.
        """
        if self.page is not None:
            from core.view.report.page import write_page

            write_page(self.page, results, failures, plugins)
            size = self.page.stat().st_size / 1e6
            echo(f"wrote {self.page} ({counted(len(results), 'run')}, {size:.1f} MB)", error=True)
        if self.picture is not None:
            from core.view.bench_table import bench_tables
            from core.view.cost_picture import write_costs

            number = write_costs(bench_tables(results), self.picture)
            echo(f"wrote {self.picture} ({counted(number, 'column')} of scores)", error=True)
