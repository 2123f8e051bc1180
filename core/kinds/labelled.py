"""What the kinds that predict labels share: one of the labels of training for each event."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import FIRST, UNK, Vocab
from core.errors import DataError
from core.kinds.base import Kind
from core.row_sums import RowStatistic, label_counts, macro_f1
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

DRAWS = 20  # random guesses that chance is the mean of
ERRORS = 4  # standard errors that a difference exceeds once in 10,000 times


class Labelled(Kind):
    """A label for each event, right or wrong."""

    def gold(self, corpus: Corpus) -> Int32s:
        """The right label of each event, as an open id (N,)."""
        raise NotImplementedError

    def correct(self, predictions: Arrays, corpus: Corpus) -> Bools:
        """Which labels are right (N,)."""
        return np.asarray(predictions["label"] == self.gold(corpus))

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """1 for a right label, else 0."""
        return self.correct(predictions, corpus).astype(np.float64)

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every label is an event."""
        return len(self.gold(corpus))

    def answer_count(self, corpus: Corpus) -> int:
        """The labels of training."""
        return label_vocab(corpus).size - FIRST

    def row_statistics(self) -> Sequence[RowStatistic]:
        """Also how often each label is right, true and predicted."""
        return (*super().row_statistics(), RowStatistic(self.label_sums, (macro_f1,)))

    def label_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """How often each label is right, true and predicted in each row: (R, 3 L)."""
        entries, gold = self.entries_per_row(predictions, corpus), self.gold(corpus)
        if entries is None or len(gold) != entries.sum():
            return None
        return label_counts(gold, predictions["label"], entries, len(corpus.label_names))

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The right labels by name, whatever their ids, so that the runs of a learning curve share a column."""
        yield f"{self.name} {task.end}".encode()
        if corpus.labels is None:
            return
        used, index = np.unique(corpus.targets.values, return_inverse=True)
        known = corpus.label_names
        names = [known[i] for i in used.tolist()]
        by_name = np.argsort(np.array(names))
        yield "\n".join(names[i] for i in by_name).encode("utf-8", "surrogatepass")
        yield np.argsort(by_name).astype(np.int32)[index].tobytes()  # the rank of each label's name
        yield corpus.targets.offsets.tobytes()

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """Random labels, several times."""
        size, events, random = label_vocab(corpus).size, len(self.gold(corpus)), np.random.default_rng(0)
        return [{"label": random.integers(FIRST, size, events)} for _ in range(DRAWS)]

    def most_frequent(self, corpus: Corpus) -> Arrays:
        """Always the label that is most frequent in training."""
        return {"label": np.full(len(self.gold(corpus)), FIRST)}

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The oracle's labels as ids."""
        ids, events = label_vocab(corpus).ids, len(self.gold(corpus))
        labels = np.fromiter((ids.get(name.strip(), UNK) for name in best["label"]), dtype=np.int32)
        if len(labels) != events:
            raise DataError(f"the oracle answers {len(labels)} events where there are {events}")
        return {"label": labels}

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """By the difference of right answers, in standard errors."""
        gained = self.correct(predictions, corpus).astype(int) - self.correct(truth, corpus)
        return float(gained.sum()) > ERRORS * math.sqrt((gained**2).sum())

    def confidence(self, predictions: Arrays) -> Float64s:
        """The probability of the predicted label of each event (N,), where all ``log_probs`` are known."""
        events = np.arange(len(predictions["label"]))
        return np.asarray(np.exp(predictions["log_probs"][events, predictions["label"] - FIRST], dtype=np.float64))

    def perfect(self, corpus: Corpus) -> Arrays:
        """The right labels."""
        return self.sure(self.gold(corpus), corpus)

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """The right labels in a random order."""
        return self.sure(random.permutation(self.gold(corpus)), corpus)

    def sure(self, labels: Int32s, corpus: Corpus) -> Arrays:
        """Labels as predictions."""
        return {"label": labels}

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        """Both wrong first; then by the surer wrong model, or without probabilities by the rarer right label."""
        right = [self.correct(predictions, corpus) for predictions in arrays]
        events = np.flatnonzero(arrays[0]["label"] != arrays[1]["label"])
        if all("log_probs" in predictions for predictions in arrays):
            easy = -np.max([_wrong_probability(p, r) for p, r in zip(arrays, right, strict=True)], axis=0)
        else:
            counts = label_vocab(corpus).counts
            easy = np.append(counts, np.zeros(len(corpus.label_words), dtype=np.int64))[self.gold(corpus)]
        return events[np.lexsort((easy[events], (right[0] | right[1])[events]))]

    def confused(self, predictions: Arrays, corpus: Corpus, events: Int64s) -> list[tuple[str, str]]:
        """The names of the right label and of the predicted one."""
        names, right, label = corpus.label_names, self.gold(corpus)[events], predictions["label"][events]
        return [(names[gold], names[given]) for gold, given in zip(right.tolist(), label.tolist(), strict=True)]

    def losses(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """From the probabilities of the labels; infinite for a label that training lacks."""
        if "log_probs" not in predictions:
            return None
        log_probs, answers = predictions["log_probs"].astype(np.float64), self.gold(corpus) - FIRST
        known = (answers >= 0) & (answers < log_probs.shape[1])
        chosen = log_probs[np.arange(len(answers)), np.where(known, answers, 0)]
        return np.where(known, -chosen, np.inf)

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The right label, and the two models."""
        return ("right", *names)

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The right label, and the two answers with their probabilities if known; ``x`` marks a wrong one."""
        gold, names, cells = int(self.gold(corpus)[event]), corpus.label_names, []
        for predictions in arrays:
            label, known = int(predictions["label"][event]), "log_probs" in predictions
            sure = f" {math.exp(predictions['log_probs'][event, label - FIRST]):.3f}" if known else ""
            cells.append(f"{names[label]}{sure}{'' if label == gold else ' x'}")
        return (names[gold], *cells)


def label_answers(corpus: Corpus, places: Int64s, size: int) -> Int64s:
    """Answers from 0, -1 where nothing is scored: a label that training lacks, or none at all.

    Args:
        corpus: the split.
        places: int64 (K,), the place of each answer in the values of the labels.
        size: the number of answers; those beyond the places are not scored.
    """
    answers = np.full(size, -1, dtype=np.int64)
    if "labels" in corpus.columns and corpus.labels is not None:
        labels = corpus.targets.values[places]
        known = (labels >= FIRST) & (labels < corpus.labels.size)
        answers[: len(places)] = np.where(known, labels.astype(np.int64) - FIRST, -1)
    return answers


def label_names(corpus: Corpus, predictions: Arrays) -> list[str]:
    """The names of predicted labels, one per event."""
    names = label_vocab(corpus).words
    return [names[i] for i in predictions["label"].tolist()]


def label_probabilities(corpus: Corpus, predictions: Arrays) -> list[dict[str, float]]:
    """Label -> probability, one per event."""
    names = label_vocab(corpus).words[FIRST:]
    return [dict(zip(names, row, strict=True)) for row in np.exp(predictions["log_probs"]).tolist()]


def label_vocab(corpus: Corpus) -> Vocab:
    """The labels of a corpus; DataError where it has none."""
    if corpus.labels is None:
        raise DataError("the corpus has no labels")
    return corpus.labels


def _wrong_probability(predictions: Arrays, right: Bools) -> Float64s:
    """The probability of each wrong answer, 0 where the answer is right: float64 (N,)."""
    chosen = predictions["log_probs"][np.arange(len(right)), predictions["label"] - FIRST]
    return np.where(right, 0.0, np.exp(chosen.astype(np.float64)))
