"""``evaluate run=ID data=OTHER``: score a saved run on other data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import print_table
from core.cli.shared_keys import OtherDataCommand
from core.printable import counted

if TYPE_CHECKING:
    from core.data.corpus import Corpus
    from core.data.sources.base import Source
    from core.types import Scores


class Evaluate(OtherDataCommand):
    """Print the metrics of a saved run on a split of other data.

    Other data is read as the run's own was (columns, format, encoding), unless data.KEY=VALUE says otherwise.
    Without data=, a split that the run cut from its training rows is that one.
    """

    def execute(self) -> None:
        """Print one row for the run and one for each baseline."""
        from core.evaluation.metric_names import in_words
        from core.view.run_table import metric_text

        model, source = self.model, self.source
        cut = self.split or "test"
        resplit = model.config.data_options["resplit"] and len(source.splits()) > 1
        is_cut = not self.given and cut in ("dev", "test") and (resplit or cut not in source.splits())
        split, scores, corpus = self._cut(cut) if is_cut else self._evaluated(source)
        title = f"{self.run_id} on {split}: {counted(len(corpus), 'row')}"
        if model.kind.language_model:
            title += f", {counted(model.kind.count_events(model.task, corpus), 'event')}"
        rows = {model.config.encoder.name: scores, **model.baselines(corpus)}
        cells = [
            [row, *(metric_text(values.get(name, math.nan)) for name in scores)] for row, values in rows.items()
        ]
        print_table(title, ["", *map(in_words, scores)], cells)
        self.print_notes(source)

    def _evaluated(self, source: Source) -> tuple[str, Scores, Corpus]:
        """The split of the source, its scores and its rows."""
        _, split = self.source_and_split()
        scores, corpus, _ = self.model.evaluate(source, split)
        return split, scores, corpus

    def _cut(self, split: str) -> tuple[str, Scores, Corpus]:
        """The same of a split that the run has cut at random."""
        from core.runs.predictions import read_scored, rebuild
        from core.types import Note

        task, corpus, arrays = rebuild(read_scored(Path(self.runs), self.run_id), split, self.plugins)
        text = f"the rows that the run cut for {split} from all rows (data.resplit)"
        if not self.model.config.data_options["resplit"]:
            text = f"no {split} split: the rows that the run cut from its training rows for {split}"
        self.split_notes = [Note("split.cut", text, {"split": split, "rows": len(corpus)})]
        return split, task.score(arrays, corpus, self.model.model.normalized), corpus
