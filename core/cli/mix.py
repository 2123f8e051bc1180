"""``mix runs=A,B``: two or more saved language models interpolated, with weights learned on dev."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.console import console
from core.cli.shared_keys import PluginCommand

if TYPE_CHECKING:
    from rich.table import Table

    from core.runs.interpolation import Interpolation


class Mix(PluginCommand):
    """Print the weights, and the perplexity of each run and of their interpolation; nothing is saved.

    Args:
        runs: two or more saved runs, A,B (see `seqlab runs`; folder= says where they are).
        folder: the folder of the saved runs.
    """

    def __init__(self, *, runs: tuple[str, ...], folder: str = "runs", **options: Any) -> None:
        super().__init__(**options)
        self.runs, self.folder = runs, folder

    def execute(self) -> None:
        """Learn the weights and print the table."""
        from core.runs.interpolation import interpolate_runs

        console().print(_table(interpolate_runs(Path(self.folder), self.runs, self.plugins)))


def _table(result: Interpolation) -> Table:
    from rich.table import Table

    from core.view.run_table import metric_text

    first = result.runs[0]
    title = f"{first.task} on {first.data}: {len(result.runs)} runs mixed, weights by EM on dev"
    table = Table("run", "encoder", "history", title=title, title_justify="left")
    splits = {split: list(scores) for split, scores in result.mixed.items()}
    for heading in ["weight", *(f"{split} {n.replace('_', ' ')}" for split, own in splits.items() for n in own)]:
        table.add_column(heading, justify="right")
    for i, (run, weight) in enumerate(zip(result.runs, result.weights, strict=True)):
        cells = [
            metric_text(result.alone[split][i].get(name, math.nan))
            for split, own in splits.items()
            for name in own
        ]
        table.add_row(run.id, run.encoder, run.history, f"{weight:.4f}", *cells)
    table.add_section()
    cells = [metric_text(result.mixed[split][name]) for split, own in splits.items() for name in own]
    table.add_row("mixture", "", "", f"{result.weights.sum():.4f}", *cells)
    return table
