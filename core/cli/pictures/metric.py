"""``plot metric x=KEY series=KEY``: any metric of saved runs against any of their options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.cli.pictures.saved_runs import SavedRunsPicture
from core.cli.shared_keys import Names, Split

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing


class Metric(SavedRunsPicture):
    """Draw a metric of saved runs against one of their options, scores or costs: the mean over seeds, and a band.

    Lines over an axis of numbers; bars where x is a category, such as encoder or encoder.smoothing.

    Args:
        x: the axis of x, a KEY of where: an option such as encoder.order or data.limit, a cost such as parameters
            or seconds, or encoder.
        series: the KEYs that make the lines, separated by commas; none: all options in which the runs differ.
        metric: the metric, or a cost; none is the metric that the task is compared by.
        split: whose scores.
    """

    def __init__(
        self, *, x: str, series: Names = (), metric: str | None = None, split: Split = "test", **options: Any
    ) -> None:
        super().__init__(**options)
        self.x, self.series, self.metric, self.split = x, series, metric, split

    def drawing(self) -> Drawing:
        """The lines or bars."""
        from core.view.plots.metric_picture import metric_drawing

        how = (self.metric, self.split, self.x, self.series, self.band, self.log)
        return metric_drawing(self.chosen(), *how)
