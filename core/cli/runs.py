"""``runs``: the saved runs; ``runs prune`` removes what did not finish."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.cli.command import Command
from core.cli.console import print_table
from core.errors import ConfigError

HEADER = ("id", "when", "task", "data", "encoder", "embedding", "seed", "test", "status")


class Runs(Command):
    """List the runs of a folder, oldest first; `runs prune` removes those that did not finish.

    Args:
        action: prune, or nothing for the list.
        runs: the folder of the saved runs.
    """

    def __init__(self, *action: str, runs: str = "runs") -> None:
        self.root, self.prune = Path(runs), action == ("prune",)
        if action and not self.prune:
            what, remedy = f"'{' '.join(action)}' is not understood", "write `runs` or `runs prune`"
            raise ConfigError(what, where="runs", remedy=remedy)
        if self.root.exists() and not self.root.is_dir():
            what = f"{self.root} is not a folder of runs"
            raise ConfigError(what, where="runs", remedy="name a folder: runs=FOLDER")

    def execute(self) -> None:
        """Print one row per run, or what was removed."""
        from core.runs import store

        if self.prune:
            removed = store.prune(self.root)
            return print(f"removed {len(removed)} from {self.root}", *removed, sep="\n  ")
        results, broken = store.all_runs(self.root)
        rows = []
        for r in results:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(r.path.stat().st_mtime))
            score = f"{r.primary} {r.score:,.2f}" if r.score == r.score else "-"  # an imported model has none
            rows.append((r.id, when, r.task, r.data, r.encoder, r.embedding or "-", r.seed, score, r.status))
        if rows:
            print_table("", HEADER, rows)
        else:
            print(f"there are no runs in {self.root}; try: python -m core run task=pos encoder=bilstm")
        for error in broken:
            print(f"warning: {error}", file=sys.stderr)
