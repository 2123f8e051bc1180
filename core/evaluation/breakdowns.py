"""Scores by groups of events: by the length of the row, by how often train has the word, by label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import END, UNK
from core.evaluation import metrics
from core.kinds.base import Kind
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

BINS = 6  # of the lengths of rows
SHARES = (0.0, 0.1, 0.25)  # upper ends of the groups by the share of unknown words


@dataclass(frozen=True, eq=False)
class Groups:
    """A split's events in groups.

    Args:
        name: what the groups are by.
        names: the groups, in order.
        members: int64 (N,), the group of each event, -1 for none.
    """

    name: str
    names: Sequence[str]
    members: Int64s

    @property
    def sizes(self) -> Int64s:
        """The number of events of each group: int64 (G,)."""
        return np.bincount(self.members[self.members >= 0], minlength=len(self.names))

    def means(self, values: Float64s) -> Float64s:
        """The mean of each group: float64 (N,) -> (G,); NaN for a group without events."""
        known = self.members >= 0
        sums = np.bincount(self.members[known], values[known], minlength=len(self.names))
        return np.where(self.sizes > 0, sums / np.maximum(self.sizes, 1), np.nan)


class Measure(NamedTuple):
    """A number per event.

    Args:
        name: what it is, as a heading.
        minimize: whether less is better.
        values: float64 (N,).
    """

    name: str
    minimize: bool
    values: Float64s


def measure(kind: Kind, task: Task, predictions: Arrays, corpus: Corpus) -> Measure | None:
    """How good each prediction is: right or wrong in percent, else its loss; None where the kind has neither."""
    try:
        right = kind.correct(predictions, corpus)
        if right is not None:
            return Measure("right (%)", False, np.where(right, 100.0, 0.0))
        if kind.event_score:
            return Measure(kind.event_score, False, kind.event_scores(task, predictions, corpus))
        losses = kind.losses(task, predictions, corpus)
    except NotImplementedError:  # a kind need not define what only comparisons use
        return None
    return None if losses is None else Measure(kind.loss_name, True, losses)


def groupings(kind: Kind, task: Task, predictions: Arrays, corpus: Corpus) -> list[Groups]:
    """The groups that the events of a kind have: by length, by the words of train; none where it has no rows.

    Args:
        kind: what the task predicts.
        task: the task.
        predictions: of any model; they tell which events belong to which row.
        corpus: the split.
    """
    entries = kind.entries_per_row(predictions, corpus)
    words, unknown = kind.event_words(task, corpus), kind.unknown_share(corpus)
    found = []
    if entries is not None and entries.sum():
        found.append(_by_length(np.repeat(corpus.tokens.lengths - 1, entries)))
    if words is not None:
        found += [_by_frequency(words.astype(np.int64), corpus), _known(words.astype(np.int64))]
    elif unknown is not None:
        found.append(_by_share(unknown))
    scored = None if words is None else words >= 0
    return [_without_empty(_masked(groups, scored)) for groups in found]


def _by_length(lengths: Int64s) -> Groups:
    """Rows in at most ``BINS`` groups of about as many events."""
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, BINS + 1)[1:], method="inverted_cdf"))
    lows = [int(lengths.min()), *(int(edge) + 1 for edge in edges[:-1])]
    names = [_interval(low, int(high)) for low, high in zip(lows, edges, strict=True)]
    return Groups("length of the row in tokens", names, np.searchsorted(edges, lengths))


def _by_frequency(words: Int64s, corpus: Corpus) -> Groups:
    """Words by their count in train, in powers of ten."""
    counts = np.asarray(corpus.vocab.counts, dtype=np.int64)
    powers = len(str(int(counts.max(initial=1))))
    bounds = [1, *(10**power for power in range(1, powers))]
    names = ["1", *(_interval(2 if low == 1 else low, 10 * low - 1) for low in bounds)]
    of_word = np.searchsorted(np.array([1, *(10 * low - 1 for low in bounds)]), np.maximum(counts, 1))
    of_word[[END, UNK]] = len(names), len(names) + 1
    members = np.where(words >= 0, of_word[np.maximum(words, 0)], -1)
    return Groups("count of the word in train", [*names, "end of row", "unknown"], members)


def _known(words: Int64s) -> Groups:
    return Groups("known and unknown words", ["known", "unknown"], (words == UNK).astype(np.int64))


def _by_share(unknown: Float64s) -> Groups:
    """Rows by the share of their words that train lacks."""
    percents = [f"{100 * share:.0f}" for share in SHARES]
    names = [f"{percents[0]} %", *(f"over {a} to {b} %" for a, b in zip(percents, percents[1:], strict=False))]
    return Groups(
        "share of unknown words in the row", [*names, f"over {percents[-1]} %"], np.searchsorted(SHARES, unknown)
    )


def _masked(groups: Groups, scored: Bools | None) -> Groups:
    if scored is None:
        return groups
    return Groups(groups.name, groups.names, np.where(scored, groups.members, -1))


def _without_empty(groups: Groups) -> Groups:
    """The groups that have events."""
    used = np.flatnonzero(groups.sizes)
    place = np.full(len(groups.names) + 1, -1, dtype=np.int64)
    place[used] = np.arange(len(used))
    return Groups(groups.name, [groups.names[group] for group in used.tolist()], place[groups.members])


def _interval(low: int, high: int) -> str:
    return f"{low:,}" if low >= high else f"{low:,} to {high:,}"


class LabelScores(NamedTuple):
    """The F1 of each label.

    Args:
        names: the labels that occur, the most frequent first.
        counts: how often each is right.
        f1: name of the row of the table -> the mean over its runs of each label's F1, in percent.
    """

    names: list[str]
    counts: list[int]
    f1: dict[str, list[float]]


def label_scores(kind: Kind, corpus: Corpus, rows: Mapping[str, Sequence[Arrays]]) -> LabelScores | None:
    """The F1 of each label in the predictions of each row; None where events have no labels.

    Args:
        kind: what the task predicts.
        corpus: the split.
        rows: name of the row of the table -> the predictions of its runs.
    """
    gold = kind.gold(corpus)
    if gold is None or any("label" not in arrays for runs in rows.values() for arrays in runs):
        return None
    counts = np.bincount(gold, minlength=len(corpus.label_names))
    order = [label for label in np.argsort(-counts, kind="stable").tolist() if counts[label]]
    f1 = {}
    for name, runs in rows.items():
        found = [metrics.per_label(gold, arrays["label"]) for arrays in runs]
        f1[name] = [float(np.mean([scores[label][-1] for scores in found])) for label in order]
    return LabelScores([corpus.label_names[label] for label in order], counts[order].tolist(), f1)


Confusions = dict[tuple[str, str], int]  # right and predicted label -> events


def confusions(kind: Kind, corpus: Corpus, runs: Sequence[Arrays]) -> Confusions | None:
    """How often each right label was predicted as each label, summed over runs; None where events have none."""
    gold = kind.gold(corpus)
    if gold is None or any("label" not in arrays for arrays in runs):
        return None
    names, size = corpus.label_names, len(corpus.label_names)  # of words there are many, so no matrix is made
    pairs = np.concatenate([gold.astype(np.int64) * size + arrays["label"] for arrays in runs])
    found, counts = np.unique(pairs, return_counts=True)
    return {
        (names[pair // size], names[pair % size]): count
        for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
    }


def most_disputed(scores: Sequence[Float64s], labels: Sequence[Int32s], limit: int) -> Int64s:
    """The events on which models disagree most: where their scores vary most, then by the number of answers.

    Args:
        scores: float64 (N,) of each model, a number per event.
        labels: int (N,) of each model, its answers; empty where events have no labels.
        limit: the most events; fewer where the models agree on the others.
    """
    spread = np.round(np.std(np.stack(list(scores)), axis=0), 9)  # (N,)
    answers = np.stack(list(labels)) if labels else np.zeros((1, len(spread)), dtype=np.int32)
    ordered = np.sort(answers, axis=0)
    different = (ordered[1:] != ordered[:-1]).sum(0)
    order = np.lexsort((-different, -spread))[:limit]
    return np.asarray(order[spread[order] > 0], dtype=np.int64)
