"""``evaluate run=ID data=OTHER``: score a saved run on other data."""

from __future__ import annotations

import math

from core.cli.console import print_table
from core.cli.shared_keys import OtherDataCommand


class Evaluate(OtherDataCommand):
    """Print the metrics of a saved run on a split of other data."""

    def execute(self) -> None:
        """Print one row for the run and one for each baseline."""
        from core.view.run_table import metric_heading, metric_text

        model, (source, split) = self.model, self.source_and_split()
        scores, corpus, _ = model.evaluate(source, split)
        title = f"{self.run_id} on {split}: {len(corpus):,} rows"
        if model.kind.language_model:
            title += f", {model.kind.count_events(model.task, corpus):,} events"
        rows = {model.config.encoder.name: scores, **model.baselines(corpus)}
        cells = [
            [row, *(metric_text(values.get(name, math.nan)) for name in scores)] for row, values in rows.items()
        ]
        print_table(title, ["", *map(metric_heading, scores)], cells)
        self.print_notes(source)
