"""A plugin whose parts press Ctrl-C or send a signal, or use up the memory, when named in the environment."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from core import hookimpl
from core.data.sources.base import Source
from core.neural.base import Embedding, Encoder
from tasks.pos import PartOfSpeech

MOMENTS = ("before data", "data", "embedding", "training", "predicting", "saving")


def stop(moment: str) -> None:
    if os.environ.get("STOP_AT") == moment:
        os.kill(os.getpid(), int(os.environ.get("STOP_BY", signal.SIGINT)))


def waste(kind: str) -> None:
    if os.environ.get("WASTE") != kind:
        return
    if kind == "two lines":
        raise ValueError("first line\nsecond line")
    torch.empty(2**50) if kind == "torch" else np.empty(2**50)


class Tags(PartOfSpeech):
    """A task that stops before any data is read."""

    def __init__(self) -> None:
        super().__init__()
        stop("before data")


class Rows(Source):
    """Twelve rows per split."""

    def splits(self) -> tuple[str, ...]:
        return ("train", "dev", "test")

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        for _ in range(4):
            yield pa.record_batch({"tokens": [["a", "b"], ["b"], ["a"]], "labels": [["X", "Y"], ["Y"], ["X"]]})
            stop("data")

    def fingerprint(self) -> str:
        return "twelve rows per split"

    def write(self, split: str, predictions: Any, labels: list[str], path: Path) -> bool:
        if split == "test":
            stop("saving")
        return False


class Vectors(Embedding):
    """A vector per word."""

    def __init__(self, vocab: Any) -> None:
        super().__init__(vocab)
        self.output_size = 2
        self.table = torch.nn.Embedding(vocab.size, 2)

    def fit(self, corpus: Any, dev: Any, context: Any) -> None:
        stop("embedding")

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table(ids.clamp(max=self.table.num_embeddings - 1))


class Same(Encoder):
    """The identity."""

    def __init__(self, input_size: int, causal: bool) -> None:
        super().__init__(input_size, causal)
        self.output_size = input_size

    def forward(self, inputs: Any, lengths: Any, carry: Any = None) -> Any:
        stop("training" if self.training else "predicting")
        for kind in ("torch", "numpy", "two lines"):
            waste(kind)
        return inputs, None


@hookimpl
def register_tasks(register: Any) -> None:
    register("tags", Tags, kind="token", help="")


@hookimpl
def register_datasets(register: Any) -> None:
    register("rows", Rows, help="")


@hookimpl
def register_embeddings(register: Any) -> None:
    register("vectors", Vectors, help="")


@hookimpl
def register_encoders(register: Any) -> None:
    register("same", Same, sees="left", help="")
