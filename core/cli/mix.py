"""``mix runs=A,B``: two or more kept language models interpolated, by weights learned on dev."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.common import console, named_runs, refuse, take

if TYPE_CHECKING:
    from rich.table import Table

    from core.runs.interpolation import Interpolation

KEYS = ("runs", "folder", "plugin")


def verb(words: list[str]) -> None:
    """Print the weights, and the perplexity of each run and of their mixture; nothing is kept."""
    taken, rest = take(words, *KEYS)
    refuse(rest, "mix", KEYS)
    from core.runs.interpolation import interpolate_runs

    plugins = [name for name in taken.get("plugin", "").split(",") if name]
    console().print(_table(interpolate_runs(Path(taken.get("folder", "runs")), named_runs(taken), plugins)))


def _table(found: Interpolation) -> Table:
    from rich.table import Table

    from core.view.run_table import figure

    first = found.runs[0]
    title = f"{first.task} on {first.data}: {len(found.runs)} runs mixed, weights by EM on dev"
    table = Table("run", "encoder", "history", title=title, title_justify="left")
    splits = {split: list(scores) for split, scores in found.mixed.items()}
    for heading in ["weight", *(f"{split} {n.replace('_', ' ')}" for split, own in splits.items() for n in own)]:
        table.add_column(heading, justify="right")
    for i, (run, weight) in enumerate(zip(found.runs, found.weights, strict=True)):
        cells = [
            figure(found.alone[split][i].get(name, math.nan)) for split, own in splits.items() for name in own
        ]
        table.add_row(run.id, run.encoder, run.history, f"{weight:.4f}", *cells)
    table.add_section()
    cells = [figure(found.mixed[split][name]) for split, own in splits.items() for name in own]
    table.add_row("mixture", "", "", f"{found.weights.sum():.4f}", *cells)
    return table
