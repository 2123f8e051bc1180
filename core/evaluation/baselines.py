"""What a figure stands between: chance and the most frequent answer below, the ceiling above."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.data.prepare import Data
from core.data.vocab import FIRST, UNK, Vocab
from core.errors import DataError
from core.task import Task
from core.types import Arrays, Scores

DRAWS = 20
NONE = "no ceiling is known"
BEATEN = "better than what is possible (the ceiling)"


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
    truth, _ = _truth(task, data, split, sees)
    return dict(task.metrics(truth, data.splits[split])) if truth else {}


def remarks(task: Task, data: Data, split: str, sees: str, predictions: Arrays, normalized: bool) -> list[str]:
    """Why there is no ceiling, though the data knows its truth; and that one is beaten, which none can be.

    Args:
        task: whose metrics.
        data: the run's data.
        split: whose rows.
        sees: ``left`` or ``both``, what the reader may look at.
        predictions: the model's.
        normalized: whether they sum to 1.
    """
    truth, lacking = _truth(task, data, split, sees)
    if truth is None:
        return [f"{NONE}: {lacking}"] if lacking else []
    if not normalized or not _beaten(task, truth, predictions, data.splits[split]):
        return []
    return [f"{split}: {BEATEN}: the model sees what it should predict"]


def _beaten(task: Task, truth: Arrays, predictions: Arrays, corpus: Corpus) -> bool:
    """Whether predictions are better than the truth itself by more than chance gives, once in 10,000 times.

    The likelihood ratio of any model to the truth is above 1 / p with probability p at most (Markov's inequality);
    of right and wrong answers the difference is measured in standard errors.
    """
    if task.kind == "next":
        gain = predictions["log_prob"].astype(np.float64) - truth["log_prob"]
        return float(gain[slice(None) if task.end else corpus.tokens.inner].sum()) > math.log(1e4)
    targets = corpus.targets
    gold = targets.values[targets.offsets[:-1] if task.kind == "sequence" else targets.inner]
    gained = (predictions["label"] == gold).astype(int) - (truth["label"] == gold)
    return float(gained.sum()) > 4 * float(np.sqrt((gained**2).sum()))


def _truth(task: Task, data: Data, split: str, sees: str) -> tuple[Arrays | None, str]:
    """The data's own best predictions; or None, and why it has none of these events though it knows its truth."""
    if split in data.cut or task.kind == "vector":
        return None, ""
    best = data.source.oracle(task.kind, split, sees)
    if best is None:
        return None, ""
    if task.tokens == "char":
        return None, "the truth of this data is of words, the task is of characters (task.tokens)"
    corpus = data.splits[split]
    if task.kind == "next" and (unknown := int((corpus.closed.values == UNK).sum())):
        words = "task.min_count, task.vocab_size and data.limit make the vocabulary smaller"
        return (
            None,
            f"the truth of this data is of all words, and {unknown:,} of {split} are unknown here ({words})",
        )
    return _as_ids(task, best, corpus), ""


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
