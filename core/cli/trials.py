"""The trials of ``budget=trials:N``, which ``run`` and ``bench`` run before the rest of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.cli.shared_keys import show_interruption
from core.printable import echo

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.search.search import RunAll, Searched
    from core.search.study import Study, Tried


def run_trials(found: Searched, run_all: RunAll) -> int | None:
    """Run the trials of a grid, with a line for each on standard error, then print what was found.

    Args:
        found: the searches, whose trials are filled in; without one, nothing happens.
        run_all: runs a grid.

    Returns:
        The exit status if the trials were interrupted, which is said; else None.
    """
    from core.search.search import search
    from core.view.search import result_lines, trial_line

    quiet = any(config.run["quiet"] for study in found.studies for config in study.configs)

    def watch(study: Study, tried: Tried, done: int, of: int) -> None:
        if not quiet:
            echo(trial_line(study, tried, done, of), error=True)

    search(found, run_all, watch)
    if found.interrupted is not None:
        show_interruption(found.interrupted, found.asked)
        return found.interrupted.status
    for line in (line for study in found.studies for line in result_lines(study)):
        echo(line, error=True)
    return None


def print_plan(found: Searched) -> None:
    """Say which options of which encoders are searched."""
    from core.view.search import plan_lines

    for line in plan_lines(found.studies):
        echo(f"search: {line}", error=True)


def splits_of(runs: Sequence[RunConfig], splits: tuple[str, ...]) -> tuple[str, ...]:
    """The splits that a table can show: dev where a run leaves test out."""
    return splits if all(run.run["test"] for run in runs) else ("dev",)
