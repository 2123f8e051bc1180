"""What a score lies between: chance and the most frequent answer below, the ceiling above."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.data.corpus import Corpus
from core.data.prepare import Data
from core.kinds.base import Kind
from core.task import Task
from core.types import Arrays, Note, Scores

NO_CEILING, BEATEN = "ceiling.unknown", "ceiling.beaten"  # codes of notes


def chance(kind: Kind, task: Task, corpus: Corpus) -> Scores:
    """A guess that takes every answer as equally likely; the mean of several draws where it is random.

    Empty where nothing is guessed.
    """
    scores = [task.metrics(predictions, corpus) for predictions in kind.chance(corpus)]
    return {name: float(np.mean([score[name] for score in scores])) for name in scores[0]} if scores else {}


def most_frequent(kind: Kind, task: Task, corpus: Corpus) -> Scores:
    """Always the most frequent answer; empty where there is no such thing."""
    predictions = kind.most_frequent(corpus)
    return {} if predictions is None else dict(task.metrics(predictions, corpus))


@dataclass(frozen=True)
class Ceiling:
    """The best scores that are possible, where the data set knows its own truth.

    Args:
        scores: the metrics of the truth; empty where it is not known.
        predictions: those of the truth.
        notes: why there is none, though the data set knows its truth.
    """

    scores: Scores = field(default_factory=dict)
    predictions: Arrays | None = None
    notes: tuple[Note, ...] = ()


def ceiling(kind: Kind, task: Task, data: Data, split: str, sees: str) -> Ceiling:
    """Ask the data set for its truth.

    Args:
        kind: what the task predicts.
        task: whose metrics.
        data: the run's data.
        split: whose rows.
        sees: ``left`` or ``both``, what the reader may look at.
    """
    best = data.source.oracle(kind.truth, split, sees) if kind.truth and split not in data.cut else None
    if best is None:
        return Ceiling()
    corpus = data.splits[split]
    gap = kind.oracle_gap(corpus, split)
    if task.tokens == "char":
        gap = "the truth of this data is about words, the task is about characters (task.tokens)"
    if gap:
        return Ceiling(notes=(Note(NO_CEILING, f"no ceiling is known: {gap}"),))
    truth = kind.oracle(best, corpus)
    return Ceiling(dict(task.metrics(truth, corpus)), truth)


def beaten(
    kind: Kind, task: Task, predictions: Arrays, best: Ceiling, corpus: Corpus, split: str
) -> tuple[Note, ...]:
    """A note where predictions beat the ceiling, which no honest model does.

    Args:
        kind: what the task predicts.
        task: decides which events are scored.
        predictions: the model's, which sum to 1 where they are probabilities.
        best: the ceiling.
        corpus: the split.
        split: its name.
    """
    if best.predictions is None or not kind.beats(task, predictions, best.predictions, corpus):
        return ()
    text = f"{split}: better than what is possible (the ceiling): the model sees what it should predict"
    return (Note(BEATEN, text, {"split": split}),)
