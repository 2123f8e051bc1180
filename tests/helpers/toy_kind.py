"""A kind of task as a stranger writes one: how long a row is, read by its own neural and counting head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core import hookimpl
from core.counting.base import CountHead
from core.data.batching import Examples
from core.data.corpus import Corpus
from core.kinds.base import Kind
from core.model.context import Context
from core.neural.base import Embedding, Encoder, NeuralHead
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

CLASSES = ("short", "medium", "long")
BOUNDS = (5, 9)  # a row of 5 tokens is medium, one of 9 is long


class Length(Kind):
    """Whether a row is short, medium or long: no column of labels, the answer follows from the text."""

    name = "length"
    heads = {"neural": f"{__name__}:LengthHead", "counting": f"{__name__}:LengthCountHead"}
    hardest_first = "the longest rows first"

    def gold(self, corpus: Corpus) -> Int32s:
        return np.digitize(corpus.tokens.lengths - 1, BOUNDS).astype(np.int32)

    def correct(self, predictions: Arrays, corpus: Corpus) -> Bools:
        return np.asarray(predictions["length"] == self.gold(corpus))

    def examples(self, corpus: Corpus) -> Examples:
        tokens = corpus.tokens
        answers = self.gold(corpus).astype(np.int64)
        return Examples(tokens.values, answers, tokens.offsets[:-1], tokens.lengths - 1, per_row=True)

    def empty(self, events: int, size: int) -> Arrays:
        return {"length": np.zeros(events, dtype=np.int32)}

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        return self.correct(predictions, corpus).astype(np.float64)

    def count_events(self, task: Task, corpus: Corpus) -> int:
        return len(corpus)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        yield self.gold(corpus).tobytes()

    def chance(self, corpus: Corpus) -> list[Arrays]:
        return [{"length": np.arange(len(corpus)) % len(CLASSES)}]

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        events = np.flatnonzero(arrays[0]["length"] != arrays[1]["length"])
        return events[np.argsort(-corpus.tokens.lengths[events], kind="stable")]

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        return ("length", *names)

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        given = [self.gold(corpus), *(predictions["length"] for predictions in arrays)]
        return tuple(CLASSES[int(classes[event])] for classes in given)

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        return [CLASSES[i] for i in predictions["length"].tolist()]


class LengthHead(NeuralHead):
    """The sum of a linear map of each state, and a softmax over the three classes.

    Args:
        scale: what the sum is divided by.
    """

    def __init__(self, encoder: Encoder, embedding: Embedding, size: int, *, scale: float = 10.0) -> None:
        super().__init__(encoder, embedding, size)
        self.scale = scale
        self.linear = nn.Linear(encoder.output_size + 1, len(CLASSES))

    def _logits(self, states: Tensor, lengths: Tensor) -> Tensor:
        mask = torch.arange(states.shape[1], device=states.device) < lengths[:, None]  # (B, T)
        total = (states * mask[..., None]).sum(1) / self.scale  # (B, H)
        return self.linear(torch.cat([total, lengths[:, None] / self.scale], -1))  # (B, 3)

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        loss = nn.functional.cross_entropy(self._logits(states, lengths), targets, reduction="sum")
        return loss, torch.tensor(len(targets))

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        return {"length": self._logits(states, lengths).argmax(-1).cpu().numpy()}


class LengthCountHead(CountHead):
    """The most frequent class of each length in training; a longer row is never of a shorter class."""

    table: Int64s

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        lengths, gold = train.tokens.lengths - 1, Length().gold(train)
        counts = np.zeros((int(lengths.max()) + 1, len(CLASSES)), dtype=np.int64)
        np.add.at(counts, (lengths, gold), 1)
        self.table = np.maximum.accumulate(counts.argmax(1))

    def predict(self, corpus: Corpus) -> Arrays:
        lengths = np.minimum(corpus.tokens.lengths - 1, len(self.table) - 1)
        return {"length": self.table[lengths].astype(np.int32)}

    def arrays(self) -> Arrays:
        return {"table": self.table}

    def restore(self, arrays: Arrays) -> None:
        self.table = arrays["table"]


class RowLength(Task):
    """The class of a row's length, scored by accuracy."""

    kind = "length"
    primary = "accuracy"

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        right = Length().correct(predictions, corpus)
        return {"accuracy": 100 * float(right.mean()) if len(right) else float("nan")}


@hookimpl
def register_kinds(register: Any) -> None:
    register("length", Length, help="whether a row is short, medium or long")


@hookimpl
def register_tasks(register: Any) -> None:
    register("row_length", RowLength, kind="length", help="how long a row is (accuracy)")


class Total(Encoder):
    """The sum of the vectors so far."""

    def __init__(self, input_size: int, causal: bool) -> None:
        super().__init__(input_size, causal)
        self.output_size = input_size

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Any = None) -> tuple[Tensor, Any]:
        return inputs.cumsum(1), None


@hookimpl
def register_encoders(register: Any) -> None:
    register("total", Total, sees="left", kinds=("length",), help="the sum of the vectors so far")
