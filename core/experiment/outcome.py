"""What comes of a grid: the records of its runs, and the runs that failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.config import RunConfig
from core.errors import SeqlabError, explained
from core.registry.attribution import attribute_error
from core.runs.result import Result


@dataclass
class Failure:
    """A run that failed, and why."""

    config: RunConfig
    error: SeqlabError


@dataclass
class Outcome:
    """The result of a grid: the records in order, and the runs that failed."""

    results: list[Result] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    interrupted: int | None = None  # the number (from 0) of the run that Ctrl-C or a signal has interrupted
    others: list[int] = field(default_factory=list)  # the numbers of the other runs that it has interrupted
    announced: set[str] = field(default_factory=set)  # the notes that an observer has written to the terminal

    @property
    def status(self) -> int:
        """The exit status: 130 interrupted, 1 something failed, else 0."""
        return int(bool(self.failures)) if self.interrupted is None else 130

    @property
    def finished(self) -> list[Result]:
        """The runs that are saved whole."""
        return [result for result in self.results if result.status != "interrupted"]


def known_error(config: RunConfig, raised: Exception) -> SeqlabError:
    """The error that says what to do about an exception of a run."""
    error = explained(raised) if isinstance(raised, SeqlabError) else attribute_error(raised, config.specs())
    error.__cause__ = raised if error is not raised else raised.__cause__
    return error
