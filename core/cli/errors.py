"""``errors runs=A,B``: where two saved runs differ, side by side with the correct answer, hardest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import Names, PluginCommand, Positive, Split
from core.errors import ConfigError


class Errors(PluginCommand):
    """Print the events on which two saved runs differ, and how the runs compare overall.

    Args:
        runs: two saved runs, A,B (see `seqlab runs`; folder= says where they are).
        split: the split whose predictions are compared.
        limit: how many differences are shown.
        folder: the folder of the saved runs.
    """

    def __init__(
        self,
        *,
        runs: Names,
        split: Split = "test",
        limit: Positive = 20,
        folder: str = "runs",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if len(runs) != 2:
            remedy = "name them: runs=A,B (see `seqlab runs`)"
            raise ConfigError(f"it takes two runs, not {len(runs)}", where="runs", remedy=remedy)
        self.runs, self.split, self.limit, self.folder = runs, split, limit, Path(folder)

    def execute(self) -> None:
        """Print both tables."""
        from core.runs.predictions import read_pair

        pair = read_pair(self.folder, self.runs, self.split, self.plugins)
        print_table(*pair.disagreements(self.limit))
        print_table(*pair.summary())
