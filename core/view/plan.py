"""The plan of a benchmark, before it runs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from core.experiment.benchmark_plan import PlannedRun
from core.printable import counted
from core.search.planned import SearchPlan
from core.view.layout import Column, cell, print_fitted
from core.view.rows import grouped


def show_plan(planned: SearchPlan, notes: Sequence[str], console: Console, jobs: int = 1) -> None:
    """Print the runs by task, data and encoder, with those saved and the expected time; then the notes.

    Args:
        planned: the runs, and the trials before them.
        notes: what else the user should know.
        console: where it is printed.
        jobs: how many runs take place at a time; the time of a group is that of its runs one after the other.
    """
    groups, trials = grouped(planned.runs, _place), grouped(planned.trials, _place)
    numbers = (*(["trials"] if trials else []), "runs", "saved", "time")
    columns = [Column(name, right=name in numbers) for name in ("task", "data", "encoder", *numbers)]
    rows = []
    for key, runs in groups.items():
        own = trials.get(key, [])
        saved = str(sum(run.saved is not None for run in (*own, *runs)))
        rows.append([*key, *([str(len(own))] if trials else []), str(len(runs)), saved, _time([*own, *runs])])
    print_fitted(console, "plan", columns, rows)
    for note in notes:
        console.print(cell(note, "dim"), soft_wrap=True)
    at_a_time = f", {jobs} at a time" if jobs > 1 else ""
    console.print(f"{_counts(planned)}{at_a_time}, time: {_time([*planned.trials, *planned.runs], jobs)}")


def _place(run: PlannedRun) -> tuple[str, str, str]:
    return run.config.task.name, run.config.data.name, run.config.encoder.name


def _counts(planned: SearchPlan) -> str:
    """``4 runs, 2 to do``; with a search ``4 runs after 8 trials, 4 runs and 8 trials to do``."""
    runs, trials = (sum(run.saved is None for run in found) for found in (planned.runs, planned.trials))
    text = counted(len(planned.runs), "run")
    if not planned.trials:
        return f"{text}, {runs} to do"
    to_do = f"{counted(runs, 'run')} and {counted(trials, 'trial')} to do"
    return f"{text} after {counted(len(planned.trials), 'trial')}, {to_do if trials else f'at most {runs} to do'}"


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
