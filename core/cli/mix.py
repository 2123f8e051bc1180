"""``mix run=A,B``: two or more saved language models interpolated, with weights learned on dev."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import Names, PluginCommand


class Mix(PluginCommand):
    """Print the weights, and the perplexity of each run and of their interpolation; nothing is saved.

    Args:
        run: two or more saved runs, A,B (see `seqlab runs`).
        runs: the folder of the saved runs.
    """

    def __init__(self, *, run: Names, runs: str = "runs", **options: Any) -> None:
        super().__init__(**options)
        self.run_ids, self.runs = run, Path(runs)

    def execute(self) -> None:
        """Learn the weights and print the table."""
        from core.runs.interpolation import interpolate_runs
        from core.view.run_table import metric_text

        result = interpolate_runs(self.runs, self.run_ids, self.plugins)
        columns = [(split, name) for split, scores in result.mixed.items() for name in scores]
        rows: list[list[str]] = []
        for i, (run, weight) in enumerate(zip(result.runs, result.weights, strict=True)):
            scores = [metric_text(result.alone[split][i].get(name, math.nan)) for split, name in columns]
            rows.append([run.id, run.encoder, run.history, f"{weight:.4f}", *scores])
        mixed = [metric_text(result.mixed[split][name]) for split, name in columns]
        rows += [[], ["mixture", "", "", f"{result.weights.sum():.4f}", *mixed]]
        first = result.runs[0]
        title = f"{first.task} on {first.data}: {len(result.runs)} runs mixed, weights by EM on dev"
        header = ["run", "encoder", "history", "weight", *(f"{s} {n.replace('_', ' ')}" for s, n in columns)]
        print_table(title, header, rows, whole=("run",))
