"""The runs of a grid as lines, where several take place at a time and there is no table to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.config import RunConfig
from core.errors import SeqlabError
from core.evaluation.metric_names import in_words
from core.experiment.observers import RESUMED, GridObserver
from core.experiment.runner import title
from core.printable import echo
from core.runs.result import Result


class GridLines(GridObserver):
    """Prints one line on standard error for each run that is over, and one where a run resumes.

    Args:
        configs: the runs.
        split: whose scores are shown.
    """

    draws = True

    def __init__(self, configs: Sequence[RunConfig], split: str = "test") -> None:
        self.configs, self.split, self.over = configs, split, 0
        self.resumed: set[int] = set()

    def note(self, **facts: Any) -> None:
        """See ``Observer``; other notes are printed with the results."""
        number = facts["number"]
        if facts.get("code") == RESUMED and number not in self.resumed:
            self.resumed.add(number)
            echo(f"note: {self._place(number)}: {facts['text']}", error=True)

    def done(self, number: int, result: Result) -> None:
        """See ``GridObserver``."""
        metric = in_words(result.primary)
        state = f"{metric} {result.metrics[self.split][result.primary]:,.2f} in {result.cost['seconds']:,.1f} s"
        self._print(number, "interrupted" if result.status == "interrupted" else state)

    def failed(self, number: int, error: SeqlabError) -> None:
        """See ``GridObserver``."""
        self._print(number, f"failed: {error}")

    def _print(self, number: int, state: str) -> None:
        self.over += 1
        echo(f"run {self.over} of {len(self.configs)}: {self._place(number)}: {state}", error=True)

    def _place(self, number: int) -> str:
        config = self.configs[number]
        return f"{title(config)}, seed {config.run['seed']}"
