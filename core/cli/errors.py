"""``errors run=A,B``: where two saved runs differ, side by side with the correct answer, hardest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import Names, PluginCommand, Positive, Split
from core.errors import ConfigError


class Errors(PluginCommand):
    """Print the events on which two saved runs differ, and how the runs compare overall.

    Args:
        run: two saved runs, A,B (see `seqlab runs`).
        split: the split whose predictions are compared.
        limit: how many differences are shown.
        runs: the folder of the saved runs.
    """

    def __init__(
        self,
        *,
        run: Names,
        split: Split = "test",
        limit: Positive = 20,
        runs: str = "runs",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if len(run) != 2:
            remedy = "name them: run=A,B (see `seqlab runs`)"
            raise ConfigError(f"it takes two runs, not {len(run)}", where="run", remedy=remedy)
        self.run_ids, self.split, self.limit, self.runs = run, split, limit, Path(runs)

    def execute(self) -> None:
        """Print both tables."""
        from core.runs.predictions import read_pair

        pair = read_pair(self.runs, self.run_ids, self.split, self.plugins)
        print_table(*pair.disagreements(self.limit))
        print_table(*pair.summary())
