"""``runs``: the saved runs; ``runs prune`` removes what did not finish."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.cli.command import Command
from core.cli.console import console
from core.errors import ConfigError


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
        """Print the list, or what was removed."""
        if not self.prune:
            return _list(self.root)
        from core.runs import store

        removed = store.prune(self.root)
        print(f"removed {len(removed)} from {self.root}" + "".join(f"\n  {name}" for name in removed))


def _list(root: Path) -> None:
    """Print one row per run."""
    from rich.table import Table

    from core.runs import store

    results, broken = store.all_runs(root)
    table = Table()
    for heading in ("id", "when", "task", "data", "encoder", "embedding", "seed", "test", "status"):
        table.add_column(heading)
    for r in results:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(r.path.stat().st_mtime))
        score = f"{r.primary} {r.score:,.2f}" if r.score == r.score else "-"  # an imported model has none
        table.add_row(r.id, when, r.task, r.data, r.encoder, r.embedding or "-", str(r.seed), score, r.status)
    if results:
        console().print(table)
    else:
        print(f"there are no runs in {root}; try: python -m core run task=pos encoder=bilstm")
    for error in broken:
        print(f"warning: {error}", file=sys.stderr)
