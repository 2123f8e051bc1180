"""Training on a GPU with torch: text, windows and noise are on the device, and centres are taken in batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from core.model.checkpoint import Part
from core.types import Array, Float32s, Int64s
from plugins.embeddings.word2vec.progress import Report, Trained
from plugins.embeddings.word2vec.schedule import TASK, Task, tasks
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables
from plugins.embeddings.word2vec.text import Text
from plugins.embeddings.word2vec.training_loop import TaskQueue, TaskResult, TrainingLoop, restore

if TYPE_CHECKING:
    from plugins.embeddings.word2vec.warm_start import WarmStart

CENTRES = 512  # the maximum batch of centres: with more than about a thousand training diverges
OFTEN = 1  # how often the most frequent word is a centre in a batch, on average


@dataclass(eq=False)
class Device:
    """The tables on a device.

    Args:
        tables: the tables on the CPU.
        device: the torch device.
    """

    tables: Tables
    device: str

    def __post_init__(self) -> None:
        tables, settings = self.tables, self.tables.settings
        self.random = torch.Generator(self.device)
        self.inputs, self.outputs = self.put(tables.inputs), self.put(tables.outputs)
        self.known = self.put(tables.known)
        self.keep = self.put(tables.keep.astype(np.float64) / 2**32)
        self.accept = self.put(tables.accept.astype(np.float64) / 2**32)
        self.alias = self.put(tables.alias.astype(np.int64))
        self.size, self.settings = len(tables.chosen), settings
        shares = tables.text.counts[tables.chosen] * (tables.keep / 2**32)
        self.centres = int(np.clip(OFTEN * shares.sum() / shares.max(), 1, CENTRES))
        if settings.output == "hierarchical":
            self.nodes, self.turns = (self.put(array) for array in _dense(tables))

    def put(self, array: Array) -> Tensor:
        """Copy an array to the device."""
        return torch.from_numpy(np.require(array, requirements="CW")).to(self.device)  # a mapped text is read only

    def fetch(self) -> None:
        """Copy the vectors and outputs back to the CPU."""
        self.tables.inputs[:], self.tables.outputs[:] = self.inputs.cpu().numpy(), self.outputs.cpu().numpy()

    def uniform(self, *shape: int) -> Tensor:
        """Uniform random numbers from 0 to 1, float64."""
        return torch.rand(shape, generator=self.random, device=self.device, dtype=torch.float64)

    def noise(self, words: Tensor) -> Tensor:
        """Negative samples for each word, never the word itself: int64 (C,) -> (C, K)."""
        samples = words[:, None].expand(-1, self.settings.negative).clone()  # (C, K)
        while (same := samples == words[:, None]).any():
            column = (self.uniform(int(same.sum())) * self.size).long()
            own = self.uniform(len(column)) < self.accept[column]
            samples[same] = torch.where(own, column, self.alias[column])
        return samples

    def targets(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """The output rows of each centre, and their signs: (C, M) each."""
        settings = self.settings
        if settings.output == "hierarchical":
            return self.nodes[words], self.turns[words]
        if settings.output == "softmax":
            rows = torch.arange(self.size, device=self.device).expand(len(words), -1)
            return rows, (rows == words[:, None]).float()
        rows = torch.cat([words[:, None], self.noise(words)], 1)  # (C, 1 + K)
        signs = torch.full_like(rows, -1, dtype=torch.float32)
        signs[:, 0] = 1
        return rows, signs

    def windows(self, words: Tensor, rows: Tensor, centres: Tensor) -> tuple[Tensor, Tensor]:
        """The words around each centre, and which of them are in its row and window: (C, 2 window).

        Args:
            words: int64 (N,).
            rows: int64 (N,), the row of each word.
            centres: int64 (C,), positions in ``words``.
        """
        window = self.settings.window
        shifts = torch.arange(-window, window + 1, device=self.device)
        shifts = shifts[shifts != 0]
        places = centres[:, None] + shifts  # (C, 2 window)
        inside = (places >= 0) & (places < len(words))
        places = places.clamp(0, len(words) - 1)
        reach = 1 + (self.uniform(len(centres)) * window).long()
        inside &= (shifts.abs() <= reach[:, None]) & (rows[places] == rows[centres][:, None])
        return words[places], inside

    def step(
        self, contexts: Tensor, inside: Tensor, targets: Tensor, signs: Tensor, rate: float
    ) -> tuple[Tensor, Tensor]:
        """One step on a batch of windows: the sum of the loss, and the number of predictions.

        Args:
            contexts: int64 (C, W), words around each centre.
            inside: bool (C, W), which of them are used.
            targets: int64 (C, M), output rows.
            signs: float32 (C, M), +1, -1, or 0 for padding.
            rate: the learning rate.
        """
        weights = inside.float()
        x = self.inputs[contexts] * weights[..., None]  # (C, W, D)
        count = weights.sum(1).clamp(min=1)[:, None, None]  # (C, 1, 1)
        if self.settings.model == "cbow":
            x, weights = x.sum(1, keepdim=True) / count, inside.any(1, keepdim=True).float()  # (C, 1, D)
        o = self.outputs[targets]  # (C, M, D)
        losses, gains = self._losses(x @ o.transpose(1, 2), signs)  # (C, W, M)
        gains = gains * weights[..., None] * rate
        moves, size = gains @ o, self.inputs.shape[1]  # (C, W, D)
        self.outputs.index_add_(0, targets.flatten(), (gains.transpose(1, 2) @ x).view(-1, size))
        if self.settings.model == "cbow":
            moves = inside[..., None] * (moves / count if self.settings.divide else moves)  # (C, W, D)
        self.inputs.index_add_(0, contexts.flatten(), moves.reshape(-1, size))
        return (losses * weights).sum(dtype=torch.float64), weights.sum(dtype=torch.float64)

    def _losses(self, scores: Tensor, signs: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of each prediction (C, W), and the negative gradient of the scores (C, W, M)."""
        signs = signs[:, None]  # (C, 1, M)
        if self.settings.output == "softmax":
            logs = scores.log_softmax(-1)
            return -(logs * signs).sum(-1), signs - logs.exp()
        losses = torch.nn.functional.softplus(-signs * scores) * signs.abs()
        return losses.sum(-1), signs * torch.sigmoid(-signs * scores)


def _dense(tables: Tables) -> tuple[Int64s, Float32s]:
    """The paths of the Huffman tree, padded with the spare row: (V, longest)."""
    tree = tables.tree
    lengths = np.diff(tree.starts)
    places = tree.starts[:-1, None] + np.arange(lengths.max())  # (V, longest)
    inside = np.arange(lengths.max()) < lengths[:, None]
    places = np.where(inside, places, 0)
    return np.where(inside, tree.nodes[places], len(lengths)).astype(np.int64), tree.turns[places] * inside


def train_on(
    device: str,
    text: Text,
    chosen: Int64s,
    settings: Settings,
    *,
    seed: int = 0,
    notify: Callable[..., None] = lambda event, **facts: None,
    start: WarmStart | None = None,
    checkpoint: Part | None = None,
) -> Trained:
    """Train on a torch device; arguments and errors are those of ``train.train``.

    The order of additions on a GPU is not fixed, so the same seed gives nearly the same vectors. Rows of more than
    ``PIECE`` tokens are split, and windows do not cross the splits.

    Args:
        device: the name of the torch device.
        text, chosen, settings, seed, notify, start, checkpoint: see ``train.train``.
    """
    tables, report = Tables(text, chosen, settings, seed), Report(len(text.values), settings.epochs, notify)
    if start is not None:
        start.initialise(tables)
    checkpoint = checkpoint or Part()
    restore(checkpoint, tables, report)
    copy, total = Device(tables, device), settings.epochs * len(text.values)
    values = copy.put(text.values)

    def work(task: Task) -> TaskResult:
        copy.random.manual_seed(int(np.random.SeedSequence(task.seed).generate_state(1)[0]))
        rate = settings.rate + (settings.min_alpha - settings.rate) * task.before / total
        return *_train_pieces(copy, values, copy.put(task.pieces), rate), task.tokens

    left = tasks(text, seed, settings.epochs, TASK, report.done)
    return TrainingLoop(tables, report, checkpoint, copy.fetch).run(left, TaskQueue(work, 1))


def _train_pieces(copy: Device, values: Tensor, pieces: Tensor, rate: float) -> tuple[float, int]:
    """Train on some pieces: the sum of the loss, and the number of predictions."""
    lengths = pieces[:, 1] - pieces[:, 0]
    rows = torch.repeat_interleave(torch.arange(len(pieces), device=values.device), lengths)  # (N,)
    starts = pieces[:, 0] - (lengths.cumsum(0) - lengths)
    words = copy.known[values[torch.arange(len(rows), device=values.device) + starts[rows]].long()].long()
    kept = (words >= 0) & (copy.uniform(len(words)) < copy.keep[words.clamp(min=0)])
    words, rows = words[kept], rows[kept]
    sums = torch.zeros(2, dtype=torch.float64, device=values.device)
    for centres in torch.arange(len(words), device=values.device).split(copy.centres):
        contexts, inside = copy.windows(words, rows, centres)
        sums += torch.stack(copy.step(contexts, inside, *copy.targets(words[centres]), rate))
    loss, predictions = sums.tolist()
    return loss, int(predictions)
