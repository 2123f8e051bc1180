"""The keys of the commands that run grids: where the runs are executed, and how many at a time."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le

from core.cli.shared_keys import ConfigCommand

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.experiment.benchmark_plan import PlannedRun
    from core.experiment.executors.base import Executor
    from core.experiment.outcome import Outcome

Jobs = Annotated[int, Ge(1), Le(1024)] | Literal["auto"] | None


class GridCommand(ConfigCommand):
    """A command that runs a grid.

    Args:
        jobs: how many runs take place at a time (docs/jobs.md); auto is one per core, or per GPU; none is one, or
            with engine=ray as many as the cluster has room for.
        engine: where the runs are executed: in processes of this machine, or on a Ray cluster.
        engine__address: the address of an existing Ray cluster, such as auto or HOST:6379; none starts one on this
            machine.
    """

    def __init__(
        self,
        *,
        jobs: Jobs = None,
        engine: Literal["local", "ray"] = "local",
        engine__address: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.jobs, self.engine, self.address = jobs, engine, engine__address

    def start_early(self) -> None:
        """Load the libraries of the workers while this process reads the configuration."""
        if self.engine == "local" and self.jobs not in (None, 1):
            from core.experiment.executors.local import start_server

            start_server()

    @contextmanager
    def executor(self, runs: Sequence[RunConfig]) -> Iterator[tuple[Executor | None, list[RunConfig]]]:
        """What runs a grid (None: this process), and its configs with the threads that they get there."""
        from core.experiment.executors.choice import choose_executor

        executor = choose_executor(runs, self.engine, self.address, self.jobs)
        if executor is None:
            yield None, list(runs)
            return
        with executor:
            yield executor, executor.settled(runs)


def run_planned(planned: Sequence[PlannedRun], executor: Executor | None, split: str) -> Outcome:
    """Run a grid below its live table, or with a line for each run where there is no terminal.

    Args:
        planned: the runs.
        executor: what runs them; None: this process.
        split: whose scores the table shows.
    """
    from core.cli.console import console
    from core.experiment.grid import run_grid
    from core.view.grid_lines import GridLines
    from core.view.live import live_table

    configs = [run.config for run in planned]
    quiet, jobs = any(config.run["quiet"] for config in configs), executor.jobs if executor else 1
    with live_table(planned, console(error=True), sys.stderr.isatty() and not quiet, split, jobs) as view:
        lines = GridLines(configs, split) if executor and not quiet and not sys.stderr.isatty() else None
        return run_grid(configs, view or lines, executor)
