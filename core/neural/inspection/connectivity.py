"""Which inputs the prediction at each position depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.errors import ConfigError
from core.neural.inspection.gradients import derivatives, gradient_norms
from core.neural.inspection.sample import Window, spelled
from core.neural.model import NeuralModel
from core.types import Float64s


class Connectivity(NamedTuple):
    """The norm of d (-log p(answer i)) / d input_j.

    Args:
        inputs: the J tokens that are read; a language model reads ``</s>`` first.
        answers: the I answers: the next token, else the predicted label.
        norms: float64 (I, J).
    """

    inputs: Sequence[str]
    answers: Sequence[str]
    norms: Float64s

    @property
    def shares(self) -> Float64s:
        """Each row divided by its sum (I, J), in percent; zeros where nothing depends on anything."""
        sums = self.norms.sum(1, keepdims=True)
        return np.asarray(100 * np.divide(self.norms, sums, out=np.zeros_like(self.norms), where=sums > 0))


def connectivity(model: NeuralModel, corpus: Corpus, part: Window) -> Connectivity:
    """The gradients of the answers to a row with respect to its inputs.

    Args:
        model: the network.
        corpus: one row, not empty.
        part: the same as a batch.

    Raises:
        ConfigError: the predictions are neither words nor labels.
    """
    if model.kind.labels not in (None, "token", "row"):
        what = f"kind {model.kind.name} predicts neither words nor single labels"
        raise ConfigError(what, where="run", remedy="name a run of another task, such as lm or pos")
    prepared = model.network.embedding.prepare(corpus.words)
    if model.kind.labels is not None:
        part = part._replace(targets=predicted(model, part, prepared))
    found = list(gradient_norms(model, part, prepared))
    at = [int(position[0]) for position, _ in found]
    answers = part.targets if part.per_row else part.targets[0, at]
    norms = np.stack([row[0] for _, row in found])  # (I, J)
    return Connectivity(spelled(corpus, part), _names(model, answers), norms)


def predicted(model: NeuralModel, part: Window, prepared: Any) -> Any:
    """The answers that the network predicts, in the form of targets."""
    network, lengths = model.network, model.put(part.lengths)
    with derivatives(model), torch.no_grad():
        states, _ = network(model.put(part.ids), lengths, None, prepared)
        return network.head.predict(states, lengths)["label"]


def _names(model: NeuralModel, answers: Any) -> list[str]:
    """Answers from 0 as they are written."""
    names = model.vocab.words if model.labels is None else model.labels.words[FIRST:]
    return [names[answer] for answer in answers.tolist()]
