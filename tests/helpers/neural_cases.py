"""Small corpora and models that the tests of the neural family share."""

from __future__ import annotations

from typing import Any

import numpy as np
from context_cases import RUNTIME, context_of

from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST, Vocab
from core.kinds import find_kind
from core.model.context import Context
from core.model.runtime import Runtime
from core.neural.base import Encoder
from core.neural.design import Design
from core.neural.model import NeuralModel
from core.task import Task
from core.types import Arrays
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import LSTM

WORDS, LABELS = 14, 5  # ids, END and UNK included


def vocab(size: int) -> Vocab:
    counts = np.arange(size, 0, -1, dtype=np.int64)
    return Vocab(["</s>", "<unk>", *(f"w{i}" for i in range(FIRST, size))], counts)


def ragged(rows: list[list[int]]) -> Ragged:
    closed = [[*row, END] for row in rows]
    offsets = np.cumsum([0, *map(len, closed)]).astype(np.int64)
    return Ragged(np.array([i for row in closed for i in row], dtype=np.int32), offsets)


def corpus(kind: str, rows: int = 40, seed: int = 0, longest: int = 9) -> Corpus:
    """Rows of random words, some empty; a token's label follows from it and the previous word."""
    random = np.random.default_rng(seed)
    tokens = [random.integers(FIRST, WORDS, random.integers(0, longest)).tolist() for _ in range(rows)]
    columns = {"tokens": ragged(tokens)}
    if kind == "token":
        tags = [[FIRST + (a + b) % 3 for a, b in zip(row, [0, *row], strict=False)] for row in tokens]
        columns["labels"] = ragged(tags)
    elif kind == "sequence":
        columns["labels"] = ragged([[FIRST + sum(row) % 3] for row in tokens])
    return Corpus(vocab(WORDS), columns, (), None if kind == "next" else vocab(LABELS))


def metrics(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    if "log_prob" in predictions:
        return {"score": float(predictions["log_prob"].mean())}
    by_token = len(predictions["label"]) != len(corpus)
    labels = corpus.targets
    gold = labels.values[labels.inner] if by_token else labels.values[labels.offsets[:-1]]
    return {"score": float((predictions["label"] == gold).mean())}


def context(**facts: Any) -> Context:
    return context_of(metrics, "score", **facts)


def model(
    kind: str, encoder: tuple[type[Encoder], dict[str, Any]] = (LSTM, {"hidden_size": 6}), **options: Any
) -> NeuralModel:
    """An unfitted model whose network is built."""
    train = {"epochs": 3, "batch_size": 4, "bptt": 5, "learning_rate": 0.05, **options.pop("train", {})}
    runtime = Runtime(**{name: options.pop(name) for name in RUNTIME if name in options})
    head, parts = options.pop("head", {"dropout": 0.2}), {"random": (Random, {"dim": 5})}
    design = Design(encoder, parts, {"dropout": 0.2}, head, train, options.pop("sees", "either"))
    task = Task()
    task.mode, task.warmup = options.pop("mode", "sentence"), options.pop("warmup", 256)
    kind_object = find_kind(kind)
    labels = None if kind_object.labels is None else vocab(LABELS)
    make = kind_object.import_class("models", "neural")
    network: NeuralModel = make(kind_object, task, design, vocab(WORDS), labels, **options)
    network.build(runtime)
    return network
