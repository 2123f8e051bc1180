"""``plot confusion run=ID``: which labels are taken for which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.cli.pictures.picture import Picture
from core.cli.shared_keys import Names, Positive, Split
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing


class Confusion(Picture):
    """Draw the confusion matrix of the saved predictions of a run, or of several runs on the same events together.

    A line is a true label, a column a predicted one; the color is the share of the events with the true label.

    Args:
        run: ID or name of a saved run (see `seqlab runs`); of several, separated by commas, the events are added.
        runs: the folder of the saved runs.
        split: the split whose saved predictions are shown.
        values: what is written into the squares, where these are few: counts of events, or shares in percent.
        n: the most labels; where there are more, those with the most mistakes are shown.
    """

    def __init__(
        self,
        *,
        run: Names,
        runs: str = "runs",
        split: Split = "test",
        values: Literal["counts", "shares"] = "counts",
        n: Positive = 20,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.names, self.root, self.split, self.values, self.limit = run, Path(runs), split, values, n

    def drawing(self) -> Drawing:
        """The heat map."""
        from core.evaluation.breakdowns import confusions
        from core.runs.predictions import (
            check_same_events,
            read_predictions,
            read_scored,
            rebuild_split,
            renumbered,
        )
        from core.view.plots.confusion import confusion_drawing
        from core.view.plots.lines_of_runs import data_name

        results = [read_scored(self.root, name) for name in dict.fromkeys(self.names)]
        first = results[0]
        for other in results[1:]:
            check_same_events(first, other, self.split, "run")
        _, corpus = rebuild_split(first, self.split, self.plugins)
        arrays = [renumbered(run, read_predictions(run, self.split, corpus), corpus) for run in results]
        if not (found := confusions(first.kind, corpus, arrays)):
            what = f"task={first.task} gives events no labels that could be confused"
            raise ConfigError(what, where="run", remedy="name a run that predicts one label per token or row")
        names = ", ".join(dict.fromkeys(run.title for run in results))
        what = f"{first.task} on {data_name(first.data)}, {self.split}: {names}"
        return confusion_drawing(found, what, self.values, self.limit)
