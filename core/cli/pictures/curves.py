"""``plot curves runs=A,B``: learning curves of saved runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.cli.pictures.saved_runs import SavedRunsPicture
from core.cli.shared_keys import Names

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing


class Curves(SavedRunsPicture):
    """Draw the learning curves of saved runs: a line per encoder and options, the mean over seeds, and a band.

    Every run that trains in epochs saves its curve: the loss, and the task's metrics on dev, after each epoch.

    Args:
        metric: the metrics of dev, one panel each; also loss (of training) and dev_loss; none is the metric that
            the task is compared by.
        x: epoch, step (of the optimiser) or seconds (of training, evaluation on dev included).
    """

    def __init__(
        self, *, metric: Names = (), x: Literal["epoch", "step", "seconds"] = "epoch", **options: Any
    ) -> None:
        super().__init__(**options)
        self.metrics, self.x = metric, x

    def drawing(self) -> Drawing:
        """The lines."""
        from core.view.plots.curves import curves_drawing

        return curves_drawing(self.chosen(), self.metrics, self.x, self.band, self.log)
