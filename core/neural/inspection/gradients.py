"""How the loss of a position depends on the inputs before and after it: gradients through time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.data.corpus import Corpus
from core.errors import ConfigError
from core.neural.inspection.sample import Window
from core.neural.model import NeuralModel
from core.types import Array, Float64s, Int64s

DERIVED = (None, "token", "row", "number", "set")  # what has a label in the kinds whose losses are derived


@dataclass(frozen=True, eq=False)
class Falloff:
    """The mean norm of d loss_t / d input_(t-k) for each k.

    Args:
        reach: the largest k; k goes from -reach to reach.
        sums: float64 (2 reach + 1,), the sum of the norms.
        counts: int64 (2 reach + 1,), over how many pairs of a loss and an input.
    """

    reach: int
    sums: Float64s
    counts: Int64s

    @property
    def steps(self) -> Int64s:
        """The k of each entry."""
        return np.arange(-self.reach, self.reach + 1)

    @property
    def means(self) -> Float64s:
        """The mean norm of each k (2 reach + 1,); NaN where there is no pair."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums / np.where(self.counts > 0, self.counts, np.nan))

    def at(self, k: int) -> float:
        """The mean norm of one k."""
        return float(self.means[k + self.reach])


def falloff(model: NeuralModel, corpus: Corpus, parts: Sequence[Window], reach: int, losses: int) -> Falloff:
    """The mean norms over rows and positions.

    Args:
        model: the network; it reads without dropout.
        corpus: the split that the windows are from.
        parts: the rows.
        reach: the largest distance k.
        losses: at how many positions of each batch a loss is derived, spread evenly over its length.
    """
    sums, counts = np.zeros(2 * reach + 1), np.zeros(2 * reach + 1, dtype=np.int64)
    prepared = model.network.embedding.prepare(corpus.words)
    for part in parts:
        steps = part.ids.shape[1]
        chosen = np.unique(np.linspace(0, steps - 1, losses).round().astype(np.int64)) if steps > losses else None
        for at, norms in gradient_norms(model, part, prepared, None if part.per_row else chosen):  # (B,), (B, T)
            distance = at[:, None] - np.arange(steps)  # (B, T), k
            used = (at[:, None] >= 0) & (np.arange(steps) < part.lengths[:, None]) & (abs(distance) <= reach)
            np.add.at(sums, distance[used] + reach, norms[used])
            np.add.at(counts, distance[used] + reach, 1)
    return Falloff(reach, sums, counts)


def gradient_norms(
    model: NeuralModel, part: Window, prepared: object, positions: Int64s | None = None
) -> Iterator[tuple[Int64s, Float64s]]:
    """The norm of the gradient of each loss with respect to the vector of each input.

    Args:
        model: the network.
        part: the rows.
        prepared: what the embedding returned for the open words.
        positions: of the losses; None: all. Where each row has one answer, its loss is at its last token.

    Yields:
        The position of the loss in each row, int64 (B,), -1 where it has none; and the norms float64 (B, T).
    """
    network, lengths = model.network, model.put(part.lengths)
    with derivatives(model):
        with torch.no_grad():
            vectors = network.embedding(model.put(part.ids), prepared)  # (B, T, D)
        inputs = vectors.detach().requires_grad_()
        states, _ = network.encoder(inputs, lengths)  # (B, T, H)
        for at, targets in _events(part, positions):
            if not (at >= 0).any():
                continue
            loss, _ = network.head.loss(states, lengths, model.put(targets))
            (found,) = torch.autograd.grad(loss, inputs, retain_graph=True, allow_unused=True)
            yield at, _norms(inputs if found is None else found, found is None)


def _norms(gradient: Tensor, is_zero: bool) -> Float64s:
    """(B, T, D) -> (B, T)."""
    norms: Float64s = gradient.detach().double().norm(dim=-1).cpu().numpy()
    return np.zeros_like(norms) if is_zero else norms


def _events(part: Window, positions: Int64s | None) -> Iterator[tuple[Int64s, Array]]:
    """Position in each row (B,), -1 for none, and targets of which only this one is scored."""
    if part.per_row:
        is_number = part.targets.dtype.kind == "f"
        known = np.isfinite(part.targets) if is_number else part.targets >= 0  # (B, ...)
        yield np.where(known.reshape(len(known), -1).all(1), part.lengths - 1, -1), part.targets
        return
    for t in range(part.ids.shape[1]) if positions is None else positions.tolist():
        targets = np.full_like(part.targets, -1)
        targets[:, t] = part.targets[:, t]
        yield np.where(targets[:, t] >= 0, t, -1), targets


@contextmanager
def derivatives(model: NeuralModel) -> Iterator[None]:
    """Derive a network in prediction: no dropout, and no cuDNN, which derives recurrences in training only."""
    if model.kind.labels not in DERIVED:
        what = f"the losses of kind {model.kind.name} are not those of positions or rows"
        raise ConfigError(what, where="run", remedy="name a run of another task, such as lm or pos")
    training = model.network.training
    model.network.eval()
    try:
        with torch.backends.cudnn.flags(enabled=False), torch.enable_grad():
            yield
    finally:
        model.network.train(training)
