"""What a trained network leaves to dev: options of its head that are set after training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from core.data.corpus import Corpus
from core.model.context import Context
from core.neural.design import Design
from core.neural.network import Network
from core.neural.selection_metric import PRIMARY, selecting
from core.types import Arrays


class DecidedOnDev:
    """A head with options that dev decides after training, such as a threshold."""

    undecided: bool = False  # whether there are any

    def decide(self, predictions: Arrays, score: Callable[[Arrays], float]) -> dict[str, Any]:
        """Set them.

        Args:
            predictions: those of dev.
            score: other predictions of dev -> the metric that decides; more is better.

        Returns:
            Option -> value; a saved model is built with it.
        """
        raise NotImplementedError


class Trained(Protocol):
    """A trained model that can predict a split."""

    network: Network
    design: Design

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``core.model.interface.Model.predict``."""


def decide_on_dev(model: Trained, dev: Corpus, context: Context) -> dict[str, Any]:
    """Let dev decide what the head has left open, by the metric of training: dotted key -> value."""
    head = model.network.head
    if not isinstance(head, DecidedOnDev) or not head.undecided:
        return {}
    scored = selecting(model.design.train.get("metric", PRIMARY), context)
    found = head.decide(model.predict(dev), lambda arrays: scored.score(arrays, dev))
    return {f"head.{name}": value for name, value in found.items()}
