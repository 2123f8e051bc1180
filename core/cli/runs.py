"""``runs``: the runs that were kept; ``runs prune`` removes what did not finish."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from core.cli.common import console, take
from core.errors import ConfigError
from core.runs import store


def verb(words: list[str]) -> None:
    """List the runs of a folder (``runs=runs``), oldest first."""
    taken, rest = take(words, "runs")
    root = Path(taken.get("runs", "runs"))
    if root.exists() and not root.is_dir():
        raise ConfigError(f"{root} is no folder of runs", where="runs", remedy="name a folder: runs=FOLDER")
    if rest == ["prune"]:
        gone = store.prune(root)
        print(f"removed {len(gone)} from {root}" + "".join(f"\n  {name}" for name in gone))
    elif rest:
        said = " ".join(rest)
        remedy = "write `runs` or `runs prune`, and runs=FOLDER for another folder"
        raise ConfigError(f"'{said}' is not understood", where="runs", remedy=remedy)
    else:
        _list(root)


def _list(root: Path) -> None:
    from rich.table import Table

    results, broken = store.all_runs(root)
    table = Table()
    for heading in ("id", "when", "task", "data", "encoder", "embedding", "seed", "test", "status"):
        table.add_column(heading)
    for r in results:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(r.path.stat().st_mtime))
        score = f"{r.primary} {r.score:,.2f}" if r.score == r.score else "-"  # a model from elsewhere has none
        table.add_row(r.id, when, r.task, r.data, r.encoder, r.embedding or "-", str(r.seed), score, r.status)
    if results:
        console().print(table)
    else:
        print(f"there are no runs in {root}; try: python -m core run task=pos encoder=bilstm")
    for error in broken:
        print(f"warning: {error}", file=sys.stderr)
