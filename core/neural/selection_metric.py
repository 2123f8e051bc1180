"""Which metric of the task selects the weights."""

from __future__ import annotations

from core.data.corpus import Corpus
from core.errors import UnknownName, nearest
from core.kinds.base import Kind
from core.model.context import Context

PRIMARY = "auto"  # the primary metric of the task


def check_metric(metric: str, kind: Kind, dev: Corpus, context: Context) -> None:
    """Refuse a metric that the task does not have on dev, before anything is trained.

    Raises:
        UnknownName: there is no such metric; the error names those that there are.
    """
    if metric in (PRIMARY, context.primary):
        return
    try:
        names = list(context.metrics(kind.perfect(dev), dev))
    except NotImplementedError:  # a kind of a plugin need not define perfect answers
        return
    if metric not in names:
        what = f"the task has no metric '{metric}' on dev"
        raise UnknownName(what, where="train.metric", remedy=nearest(metric, names))


def selecting(metric: str, context: Context) -> Context:
    """The context in which this metric decides on dev."""
    return context if metric == PRIMARY else context.by(metric)
