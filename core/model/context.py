"""What a run hands to a model: seed, device, threads, the judge and the observers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.errors import PluginError
from core.types import Arrays


def _silent(event: str, **facts: Any) -> None:
    """The notifier of a run that nobody watches."""


@dataclass(frozen=True)
class Context:
    """The run's side of ``fit``.

    Args:
        metrics: the task's judge: (predictions, corpus) -> {metric: value}.
        primary: the metric that choices on dev are made by.
        minimize: whether a smaller value of ``primary`` is better.
        seed: seeds every random draw of the run.
        device: ``cpu``, ``cuda``, ``cuda:1`` or ``mps``, already resolved.
        precision: ``fp32`` or ``bf16``, already resolved.
        threads: CPU threads.
        notify: tells the observers: ``notify(event, **facts)`` with the events ``progress`` (``step``,
            ``steps``, ``epoch``, ``epochs``, ``loss``, ``tokens``, ``tokens_per_second``, ``left``: seconds),
            ``epoch`` (one plain row of the learning curve, keyword by keyword) and ``note`` (``text``).
    """

    metrics: Callable[[Arrays, Corpus], Mapping[str, float]]
    primary: str
    minimize: bool = False
    seed: int = 0
    device: str = "cpu"
    precision: str = "fp32"
    threads: int = 1
    notify: Callable[..., None] = _silent

    def score(self, predictions: Arrays, corpus: Corpus) -> float:
        """The primary metric, turned so that more is better (NaN counts as the worst).

        Raises:
            PluginError: the judge gives no such metric.
        """
        values = self.metrics(predictions, corpus)
        if self.primary not in values:
            what = f"metrics gives no {self.primary}, which is primary, only {', '.join(values)}"
            raise PluginError(what, where="task", remedy="name one of those in the task's primary")
        value = float(values[self.primary])
        signed = -value if self.minimize else value
        return -np.inf if np.isnan(signed) else signed
