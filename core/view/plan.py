"""The plan of a benchmark, before it runs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from core.experiment.benchmark_plan import PlannedRun
from core.printable import counted
from core.view.layout import Column, cell, print_fitted
from core.view.rows import grouped


def show_plan(planned: Sequence[PlannedRun], notes: Sequence[str], console: Console, jobs: int = 1) -> None:
    """Print the runs by task, data and encoder, with those saved and the expected time; then the notes.

    Args:
        planned: the runs.
        notes: what else the user should know.
        console: where it is printed.
        jobs: how many runs take place at a time; the time of a group is that of its runs one after the other.
    """
    groups = grouped(planned, lambda r: (r.config.task.name, r.config.data.name, r.config.encoder.name))
    numbers = ("runs", "saved", "time")
    columns = [Column(name, right=name in numbers) for name in ("task", "data", "encoder", *numbers)]
    rows = [
        [*key, str(len(runs)), str(sum(run.saved is not None for run in runs)), _time(runs)]
        for key, runs in groups.items()
    ]
    print_fitted(console, "plan", columns, rows)
    for note in notes:
        console.print(cell(note, "dim"), soft_wrap=True)
    text = f"{counted(len(planned), 'run')}, {sum(r.saved is None for r in planned)} to do"
    at_a_time = f", {jobs} at a time" if jobs > 1 else ""
    console.print(f"{text}{at_a_time}, time: {_time(planned, jobs)}")


def _time(runs: Sequence[PlannedRun], jobs: int = 1) -> str:
    """The expected time of several runs; a question mark if no similar run is saved for some of them."""
    missing = [run for run in runs if run.saved is None]
    if not missing:
        return "-"
    known = [run.seconds for run in missing if run.seconds is not None]
    texts = [_duration(max(sum(known) / jobs, *known))] if known else []
    return " + ".join([*texts, "?"] if len(known) < len(missing) else texts)


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{max(1, round(seconds))} s"
