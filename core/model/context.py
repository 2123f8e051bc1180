"""What a run hands to a model: how it runs, how it is scored, and who observes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.errors import PluginError
from core.model.runtime import Runtime
from core.types import Arrays, Scores


def _silent(event: str, **facts: Any) -> None:
    """The notifier of a run that nobody observes."""


@dataclass(frozen=True)
class Context:
    """The run's side of ``fit``; the only way by which runtime and observers reach a model or a plugin.

    Args:
        metrics: the task's metrics: (predictions, corpus) -> {metric: value}.
        primary: the metric that choices on dev are made by.
        minimize: whether a smaller value of ``primary`` is better.
        runtime: seed, device, precision and threads.
        notify: informs the observers: ``notify(event, **facts)`` with the events ``progress`` (``step``,
            ``steps``, ``epoch``, ``epochs``, ``loss``, ``tokens``, ``tokens_per_second``, ``left``: seconds),
            ``epoch`` (one plain row of the learning curve as keywords) and ``note`` (``text``, and a ``code``).
    """

    metrics: Callable[[Arrays, Corpus], Mapping[str, float]]
    primary: str
    minimize: bool = False
    runtime: Runtime = field(default_factory=Runtime)
    notify: Callable[..., None] = _silent

    def evaluate(self, predictions: Arrays, corpus: Corpus) -> tuple[float, Scores]:
        """The primary metric, signed so that more is better (NaN counts as the worst), and all metrics.

        Raises:
            PluginError: the task's metrics lack the primary one.
        """
        values = {name: float(value) for name, value in self.metrics(predictions, corpus).items()}
        if self.primary not in values:
            what = f"metrics gives no {self.primary}, which is primary, only {', '.join(values)}"
            raise PluginError(what, where="task", remedy="name one of those in the task's primary")
        score = -values[self.primary] if self.minimize else values[self.primary]
        return -np.inf if np.isnan(score) else score, values

    def score(self, predictions: Arrays, corpus: Corpus) -> float:
        """The first value of ``evaluate``."""
        return self.evaluate(predictions, corpus)[0]
