"""The trials of ``budget=trials:N``, which ``run`` and ``bench`` run before the rest of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.printable import echo

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.experiment.grid import Outcome
    from core.search.search import RunAll, Searched
    from core.search.study import Study, Tried


def run_trials(found: Searched, run_all: RunAll, quiet: bool) -> Searched:
    """Run the trials of a grid, with a line for each on standard error, then print what was found.

    Args:
        found: the searches; without one, nothing happens.
        run_all: runs a grid.
        quiet: whether trials are not shown.
    """
    from core.search.search import search
    from core.view.search import result_lines, trial_line

    def watch(study: Study, tried: Tried) -> None:
        if not quiet:
            echo(trial_line(study, tried), error=True)

    search(found, run_all, watch)
    for study in found.studies if found.interrupted is None else ():
        for line in result_lines(study):
            echo(line, error=True)
    return found


def print_plan(found: Searched) -> None:
    """Say which options of which encoders are searched."""
    from core.view.search import plan_lines

    for line in plan_lines(found.studies):
        echo(f"search: {line}", error=True)


def splits_of(runs: Sequence[RunConfig], splits: tuple[str, ...]) -> tuple[str, ...]:
    """The splits that a table can show: dev where a run leaves test out."""
    return splits if all(run.run["test"] for run in runs) else ("dev",)


def interruption(found: Searched) -> tuple[Outcome, Sequence[RunConfig]] | None:
    """What ``show_interruption`` says of trials that were interrupted; None if none were."""
    return None if found.interrupted is None else (found.interrupted, found.asked)
