"""The cells of a grid in turn: one that fails does not stop the others, Ctrl-C stops after the one at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.config import Config
from core.errors import SeqlabError
from core.experiment.observers import GridObserver, Watchers, watching
from core.registry.attribution import blamed
from core.runs.result import Result


@dataclass
class Failure:
    """A cell that gave no result.

    Args:
        config: what was asked for.
        error: why it failed.
    """

    config: Config
    error: SeqlabError


@dataclass
class Outcome:
    """What a grid gave.

    Args:
        results: the runs, in order.
        failures: the cells that failed.
        interrupted: whether Ctrl-C ended it early.
    """

    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    interrupted: bool = False

    @property
    def status(self) -> int:
        """The exit status: 130 interrupted, 1 something failed, else 0."""
        return 130 if self.interrupted else int(bool(self.failures))


def run_cells(cells: Sequence[Config], view: GridObserver | None = None) -> Outcome:
    """Run every cell that is not in the store.

    Args:
        cells: checked configs.
        view: watches all of it, in the place of the observers that write to the terminal.

    Returns:
        Results and failures; nothing is raised for a cell.
    """
    from core.experiment.runner import run_one

    outcome, viewers = Outcome(), Watchers([view] if view else [])
    for number, cell in enumerate(cells):
        viewers.notify("begin", number=number)
        try:
            result = run_one(cell, [*watching(cell, drawing=view is None), *viewers.observers])
        except BrokenPipeError:  # nobody reads on
            raise
        except Exception as raised:
            error = blamed(raised, cell)
            error.__cause__ = raised if error is not raised else raised.__cause__
            outcome.failures.append(Failure(cell, error))
            viewers.notify("failed", number=number, error=error)
            continue
        except KeyboardInterrupt:
            outcome.interrupted = True
            break
        outcome.results.append(result)
        viewers.notify("done", number=number, result=result)
        if result.status == "interrupted":
            outcome.interrupted = True
            break
    return outcome
