"""Baselines of a score (chance, the most frequent answer) and its ceiling."""

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
    """The scores of uniform guesses, the mean of several draws; empty where nothing is guessed."""
    scores = [task.metrics(predictions, corpus) for predictions in kind.chance(corpus)]
    return {name: _mean([score[name] for score in scores]) for name in scores[0]} if scores else {}


def _mean(values: list[float]) -> float:
    """The mean; a count that is the same in every draw stays an integer."""
    return values[0] if isinstance(values[0], int) and len(set(values)) == 1 else float(np.mean(values))


def constants(kind: Kind, task: Task, corpus: Corpus, train: Corpus | None = None) -> dict[str, Scores]:
    """The scores of all baselines that need no model, by the names that tables show; a kind may lack some."""
    others = {name: dict(task.metrics(arrays, corpus)) for name, arrays in kind.other_baselines(corpus).items()}
    frequent = most_frequent(kind, task, corpus, train)
    return {kind.constant_name: frequent, **others, "chance": chance(kind, task, corpus)}


def most_frequent(kind: Kind, task: Task, corpus: Corpus, train: Corpus | None = None) -> Scores:
    """The scores of the most frequent answer; empty where there is none, or train is needed and not there."""
    predictions = kind.most_frequent(corpus) if train is None else kind.frequent(train, corpus)
    return {} if predictions is None else dict(task.metrics(predictions, corpus))


@dataclass(frozen=True)
class Ceiling:
    """The best possible scores, where the data set knows its true distribution.

    Args:
        scores: the metrics of its predictions; empty where it is not known.
        predictions: the best possible predictions.
        notes: why there is no ceiling although the data set knows its distribution.
    """

    scores: Scores = field(default_factory=dict)
    predictions: Arrays | None = None
    notes: tuple[Note, ...] = ()


def ceiling(kind: Kind, task: Task, data: Data, split: str, sees: str) -> Ceiling:
    """The ceiling on a split for models that see ``left`` or ``both`` sides of a token."""
    about = None if split in data.cut else kind.asks(task)
    best = data.source.oracle(about, split, sees) if about else None
    if best is None:
        return Ceiling()
    corpus = data.splits[split]
    gap = kind.oracle_gap(corpus, split)
    if task.tokens == "char" and kind.truth in ("text", "token"):  # a row is the same however it is cut
        gap = "the truth of this data is about words, the task is about characters (task.tokens)"
    if gap:
        return Ceiling(notes=(Note(NO_CEILING, f"no ceiling is known: {gap}"),))
    truth = kind.oracle(best, corpus)
    return Ceiling(dict(task.metrics(truth, corpus)), truth)


def beaten(
    kind: Kind, task: Task, predictions: Arrays, best: Ceiling, corpus: Corpus, split: str
) -> tuple[Note, ...]:
    """A note where predictions (normalized probabilities, or labels) beat the ceiling of a split."""
    if best.predictions is None or not kind.beats(task, predictions, best.predictions, corpus):
        return ()
    text = f"{split}: better than what is possible (the ceiling): the model sees what it should predict"
    return (Note(BEATEN, text, {"split": split}),)
