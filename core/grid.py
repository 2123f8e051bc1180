"""The cells of a grid in turn: one that fails does not stop the others, Ctrl-C stops after the one at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.config import Config
from core.errors import SeqlabError
from core.observers import watching
from core.result import Result


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


def run_cells(cells: Sequence[Config]) -> Outcome:
    """Run every cell that is not in the store.

    Args:
        cells: checked configs.

    Returns:
        Results and failures; nothing is raised for a cell.
    """
    from core.runner import run_one

    outcome = Outcome()
    for cell in cells:
        try:
            result = run_one(cell, watching(cell))
        except SeqlabError as error:
            outcome.failures.append(Failure(cell, error))
            continue
        except KeyboardInterrupt:
            outcome.interrupted = True
            break
        outcome.results.append(result)
        if result.status == "interrupted":
            outcome.interrupted = True
            break
    return outcome
