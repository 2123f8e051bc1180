"""What a run passes to a model: how it runs, how it is scored, and who observes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.errors import PluginError
from core.model.checkpoint import Checkpoints
from core.model.runtime import Runtime
from core.model.time_budget import TimeBudget
from core.row_sums import RowSums
from core.types import Arrays, Scores


def _silent(event: str, **facts: Any) -> None:
    """The notifier of a run that nobody observes."""


def _unknown(corpus: Corpus, predictions: Sequence[Arrays], scores: Sequence[float]) -> None:
    """The sums over rows where nothing is known about the metric."""


@dataclass(frozen=True)
class Context:
    """The run's side of ``fit``: the only way for runtime and observers to reach a model or a plugin.

    Args:
        metrics: the task's metrics: (predictions, corpus) -> {metric: value}.
        primary: the metric that decides on dev.
        minimize: whether a smaller value of ``primary`` is better.
        runtime: seed, device, precision and threads.
        notify: ``notify(event, **facts)`` informs the observers of the events ``progress`` (``step``, ``steps``,
            ``epoch``, ``epochs``, ``loss``, ``tokens``, ``tokens_per_second`` and ``left``, in seconds), ``epoch``
            (one plain row of the learning curve) and ``note`` (``text``, and a ``code``).
        minimized: the other metrics of which a smaller value is better.
        row_sums: what each row of a corpus, or block of rows, adds to the primary metric of several predictions,
            from these and their values of the metric; None where that is not known.
        checkpoints: where a part that trains for long saves its state, to resume if the process is killed.
        time: the seconds of training that the model may spend, if they are limited.
    """

    metrics: Callable[[Arrays, Corpus], Mapping[str, float]]
    primary: str
    minimize: bool = False
    runtime: Runtime = field(default_factory=Runtime)
    notify: Callable[..., None] = _silent
    minimized: Collection[str] = ()
    row_sums: Callable[[Corpus, Sequence[Arrays], Sequence[float]], list[RowSums] | None] = _unknown
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    time: TimeBudget | None = None

    def by(self, metric: str) -> Context:
        """The same context, in which another metric decides on dev."""
        less = self.minimize if metric == self.primary else metric in self.minimized
        sums = self.row_sums if metric == self.primary else _unknown  # they are those of the task's metric
        return replace(self, primary=metric, minimize=less, row_sums=sums)

    def evaluate(self, predictions: Arrays, corpus: Corpus) -> tuple[float, Scores]:
        """The primary metric, with a sign so that more is better and NaN is worst, and all metrics.

        Raises:
            PluginError: the task's metrics do not include the primary one.
        """
        values = {name: float(value) for name, value in self.metrics(predictions, corpus).items()}
        if self.primary not in values:
            what = f"metrics returns {', '.join(values)}, but not the primary metric {self.primary}"
            raise PluginError(what, where="task", remedy="set primary to one of its metrics")
        score = -values[self.primary] if self.minimize else values[self.primary]
        return -np.inf if np.isnan(score) else score, values

    def score(self, predictions: Arrays, corpus: Corpus) -> float:
        """Return the first value of ``evaluate``."""
        return self.evaluate(predictions, corpus)[0]
