"""What a figure stands between: chance and the most frequent answer below, the ceiling above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.context import Arrays
from core.data.corpus import Corpus
from core.data.prepare import Data
from core.data.vocab import FIRST, UNK, Vocab
from core.errors import DataError
from core.task import Task

Scores = dict[str, float]
DRAWS = 20


def chance(task: Task, corpus: Corpus) -> Scores:
    """A guess that takes every answer as equally likely: exact for ``next``, the mean of 20 draws else.

    Empty for kind ``vector``, where nothing is guessed.
    """
    if task.kind == "vector":
        return {}
    if task.kind == "next":
        flat = np.full(len(corpus.tokens.values), -np.log(corpus.vocab.size))
        return dict(task.metrics({"log_prob": flat}, corpus))
    labels, events = _labels(corpus), _events(task, corpus)
    random = np.random.default_rng(0)
    draws = [random.integers(FIRST, labels.size, events) for _ in range(DRAWS)]
    scores = [task.metrics({"label": draw}, corpus) for draw in draws]
    return {name: float(np.mean([score[name] for score in scores])) for name in scores[0]}


def most_frequent(task: Task, corpus: Corpus) -> Scores:
    """Always the most frequent answer; for ``next`` the training unigram with one added to every count.

    Empty for kind ``vector``.
    """
    if task.kind == "vector":
        return {}
    if task.kind == "next":
        counts = corpus.vocab.counts + 1.0
        log_probs = np.log(counts / counts.sum())
        return dict(task.metrics({"log_prob": log_probs[corpus.closed.values]}, corpus))
    return dict(task.metrics({"label": np.full(_events(task, corpus), FIRST)}, corpus))


def ceiling(task: Task, data: Data, split: str, sees: str) -> Scores:
    """The best figures that are possible, where the data set knows its own truth; else empty.

    Args:
        task: whose metrics.
        data: the run's data.
        split: whose rows.
        sees: ``left`` or ``both``, what the reader may look at.
    """
    if split in data.cut or task.kind == "vector" or task.tokens == "char":
        return {}
    best = data.source.oracle(task.kind, split, sees)
    if best is None:
        return {}
    corpus = data.splits[split]
    if task.kind == "next" and bool((corpus.closed.values == UNK).any()):
        return {}  # the truth is of words, these events are of a smaller vocabulary
    return dict(task.metrics(_as_ids(task, best, corpus), corpus))


def _as_ids(task: Task, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
    if task.kind == "next":
        return {"log_prob": np.asarray(best["log_prob"])}
    ids = _labels(corpus).ids
    found = np.fromiter((ids.get(name, 1) for name in best["label"]), dtype=np.int32)
    if len(found) != _events(task, corpus):
        raise DataError(f"the oracle answers {len(found)} events where there are {_events(task, corpus)}")
    return {"label": found}


def _events(task: Task, corpus: Corpus) -> int:
    return len(corpus) if task.kind == "sequence" else int(corpus.tokens.inner.sum())


def _labels(corpus: Corpus) -> Vocab:
    if corpus.labels is None:
        raise DataError("the corpus has no labels")
    return corpus.labels
