"""Kind ``set``: any number of labels for each row; multi-label classification."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.spec import TokenSpec
from core.data.token_checks import shown
from core.data.vocab import END, FIRST
from core.errors import DataError
from core.kinds.base import SURE, Kind
from core.kinds.labelled import DRAWS, ERRORS, label_vocab
from core.kinds.prediction_checks import described, missing
from core.kinds.rendering import Prediction, Sentence, one_line
from core.kinds.row_label import unknown_in_rows
from core.row_sums import RowStatistic, macro_f1, mean, micro_f1, percent
from core.task import Task
from core.types import Array, Arrays, Bools, Float64s, Int64s

JOINT = "|"  # between the labels of a set in text
NONE = "(none)"  # an empty set in tables
TINY = 1e-12  # the least probability of a decision, since those of float32 may be 0


class LabelSet(Kind):
    """A set of labels for each row, each label decided by itself; an event is a row, right if all of its set is.

    Predictions have a column per label of training; labels that training lacks are never predicted.
    """

    name = "set"
    heads = {
        "neural": "core.neural.heads.label_sets:LabelSetHead",
        "counting": "core.counting.heads.label_sets:LabelSetCountHead",
    }
    has_probabilities = True
    labels = truth = "set"
    constant_name = "labels of most rows"
    hardest_first = "both wrong first, then the most wrong labels"

    def token_spec(self, task: Task) -> TokenSpec:
        """What separates the labels of a row is an option of the task."""
        return replace(super().token_spec(task), separator=getattr(task, "separator", JOINT))

    def examples(self, corpus: Corpus) -> Examples:
        """Every row without its END; the answers are 1 for each label of its set and 0 for the others: (R, L)."""
        tokens, rows, size = corpus.tokens, len(corpus), label_vocab(corpus).size - FIRST
        if "labels" in corpus.columns:
            answers = gold_sets(corpus)[:, :size].astype(np.int64)
        else:
            answers = np.full((rows, size), -1, dtype=np.int64)
        return Examples(tokens.values, answers, tokens.offsets[:-1], tokens.lengths - 1, per_row=True)

    def empty(self, events: int, size: int) -> Arrays:
        """``labels`` bool (R, L) and ``probs`` float32 (R, L)."""
        return {
            "labels": np.zeros((events, size), dtype=bool),
            "probs": np.zeros((events, size), dtype=np.float32),
        }

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """Which labels each row has, with the probabilities of all."""
        if problem := missing(predictions, ("labels", "probs")):
            return problem
        shape = len(corpus), label_vocab(corpus).size - FIRST
        labels, probs = predictions["labels"], predictions["probs"]
        if labels.shape != shape or labels.dtype != np.bool_:
            return f"labels is {described(labels)}, not bool of shape {shape}, one per row and label"
        if probs.shape != shape or probs.dtype.kind != "f":
            return f"probs is {described(probs)}, not floats of shape {shape}, one per row and label"
        return "" if np.all((probs >= 0) & (probs <= 1)) else "probs has values that are not from 0 to 1"

    def correct(self, predictions: Arrays, corpus: Corpus) -> Bools:
        """In which rows the whole set is right (R,)."""
        return np.asarray(np.equal(*both_sets(predictions, corpus)).all(axis=1))

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """1 for a right set, else 0."""
        return self.correct(predictions, corpus).astype(np.float64)

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every row is an event."""
        return len(corpus)

    def row_statistics(self) -> Sequence[RowStatistic]:
        """Also which labels are right, true and predicted in each row, and how many decisions are wrong."""
        own = (
            RowStatistic(self.label_sums, (micro_f1, macro_f1)),
            RowStatistic(self.decision_sums, (percent, mean)),
        )
        return (*super().row_statistics(), *own)

    def label_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """Whether each label is right, true and predicted in each row: (R, 3 L)."""
        gold, given = both_sets(predictions, corpus)
        return np.concatenate([gold & given, gold, given], axis=1).astype(np.float64)

    def decision_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """How many decisions about labels are wrong in each row, and how many there are: (R, 2)."""
        gold, given = both_sets(predictions, corpus)
        wrong = (gold != given).sum(axis=1)
        return np.stack([wrong, np.full(len(wrong), gold.shape[1])], axis=1).astype(np.float64)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The sets by the names of their labels, in alphabetical order."""
        yield self.name.encode()
        if corpus.labels is None:
            return
        sets, names = gold_sets(corpus), corpus.label_names[FIRST:]
        used = [i for i in sorted(range(len(names)), key=names.__getitem__) if sets[:, i].any()]
        yield "\n".join(names[i] for i in used).encode("utf-8", "surrogatepass")
        yield np.packbits(sets[:, used], axis=1).tobytes()
        yield str(len(sets)).encode()

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """Each label in half of the rows at random, several times."""
        shape, random = (len(corpus), label_vocab(corpus).size - FIRST), np.random.default_rng(0)
        return [{"labels": random.random(shape) < 0.5} for _ in range(DRAWS)]

    def most_frequent(self, corpus: Corpus) -> Arrays:
        """Always the labels that most training rows have, the constant with the fewest wrong decisions."""
        counts = label_vocab(corpus).counts
        usual = 2 * counts[FIRST:] > counts[END]  # (L,); a row has one END
        return {"labels": np.tile(usual, (len(corpus), 1))}

    def other_baselines(self, corpus: Corpus) -> dict[str, Arrays]:
        """Always no label, and always every label."""
        shape = len(corpus), label_vocab(corpus).size - FIRST
        return {"no label": {"labels": np.zeros(shape, bool)}, "all labels": {"labels": np.ones(shape, bool)}}

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The oracle's sets; labels that training lacks are left out."""
        columns = {name: i for i, name in enumerate(label_vocab(corpus).words[FIRST:])}
        if len(best["label"]) != len(corpus):
            raise DataError(f"the oracle answers {len(best['label'])} rows where there are {len(corpus)}")
        labels = np.zeros((len(corpus), len(columns)), dtype=bool)
        for row, names in enumerate(best["label"]):
            labels[row, [columns[name] for name in names if name in columns]] = True
        return {"labels": labels}

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """By the difference of right decisions, in standard errors."""
        right = [(np.equal(*both_sets(arrays, corpus))).sum(axis=1) for arrays in (predictions, truth)]
        gained = right[0].astype(np.int64) - right[1]
        return float(gained.sum()) > ERRORS * math.sqrt((gained**2).sum())

    def confidence(self, predictions: Arrays) -> Float64s:
        """The probability of each predicted set, of independent labels (R,)."""
        return np.asarray(np.exp(_log_probability(predictions["labels"], predictions["probs"])))

    def has_confidence(self, predictions: Arrays) -> bool:
        """Whether the probabilities are there."""
        return "probs" in predictions

    def losses(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """From the probability of the right set; infinite where it has a label that training lacks."""
        if "probs" not in predictions:
            return None
        gold, size = gold_sets(corpus), predictions["probs"].shape[1]
        known = ~gold[:, size:].any(axis=1)
        return np.where(known, -_log_probability(gold[:, :size], predictions["probs"]), np.inf)

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        """The rows to which two models give different sets: both wrong first, then the most wrong decisions."""
        pairs = [both_sets(predictions, corpus) for predictions in arrays]
        wrong = [(gold != given).sum(axis=1) for gold, given in pairs]
        width = min(given.shape[1] for _, given in pairs)
        events = np.flatnonzero((pairs[0][1][:, :width] != pairs[1][1][:, :width]).any(axis=1))
        one_right = (wrong[0] == 0) | (wrong[1] == 0)
        return events[np.lexsort((-(wrong[0] + wrong[1])[events], one_right[events]))]

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The right set, and the two models."""
        return ("right", *names)

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The right set and the two answers; ``x`` marks a wrong one."""
        gold, cells = shown_set(_names(corpus, gold_sets(corpus)[[event]])[0]), []
        for predictions in arrays:
            answer = shown_set(_names(corpus, predictions["labels"][[event]])[0])
            cells.append(answer if answer == gold else f"{answer} x")
        return (gold, *cells)

    def confused(self, predictions: Arrays, corpus: Corpus, events: Int64s) -> list[tuple[str, str]]:
        """The right set and the predicted one."""
        both = gold_sets(corpus)[events], predictions["labels"][events]
        right, predicted = (map(shown_set, _names(corpus, sets)) for sets in both)
        return list(zip(right, predicted, strict=True))

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """The share of a row's words that training lacks; 0 for a row without words."""
        return unknown_in_rows(corpus)

    def renumbered(self, predictions: Arrays, names: Sequence[str], corpus: Corpus) -> Arrays:
        """The columns in the order of the corpus; a label that it lacks has a column beyond those."""
        known = corpus.label_names[FIRST:]
        columns = {name: i for i, name in enumerate(dict.fromkeys([*known, *names[FIRST:]]))}
        labels = np.zeros((len(predictions["labels"]), len(columns)), dtype=bool)
        labels[:, [columns[name] for name in names[FIRST:]]] = predictions["labels"]
        return {"labels": labels}  # without probs, whose columns are in the other order

    def perfect(self, corpus: Corpus) -> Arrays:
        """The right sets."""
        return self._sure(gold_sets(corpus), corpus)

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """The right sets in a random order."""
        return self._sure(random.permutation(gold_sets(corpus)), corpus)

    def _sure(self, sets: Bools, corpus: Corpus) -> Arrays:
        labels = sets[:, : label_vocab(corpus).size - FIRST]
        return {"labels": labels, "probs": np.where(labels, SURE, 1 - SURE).astype(np.float32)}

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """The labels of each row, in the order of the labels of training."""
        return list(_names(corpus, predictions["labels"]))

    def probabilities(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """Label -> its probability, for each row; they do not sum to 1."""
        names = label_vocab(corpus).words[FIRST:]
        return [dict(zip(names, row, strict=True)) for row in predictions["probs"].astype(np.float64).tolist()]

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """``a|b<tab>text``; JSON lines have a list."""
        if output == "jsonl":
            return super().render(sentence, answer, output, column)
        return f"{_joined(answer)}\t{one_line(sentence.text)}\n"

    def render_probabilities(self, sentence: Sentence, prediction: Prediction, output: str) -> str:
        """JSON lines with the probability of every label; else those of the labels of the set, joined alike."""
        if output == "jsonl":
            return super().render_probabilities(sentence, prediction, output)
        answer, of_label = prediction
        probabilities = JOINT.join(f"{of_label[name]:.6f}" for name in answer)
        return f"{_joined(answer)}\t{probabilities}\t{one_line(sentence.text)}\n"

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The labels."""
        return {"labels": answer}


def gold_sets(corpus: Corpus) -> Bools:
    """Which labels each row has, bool (R, L + O): those of training, then those that training lacks."""
    targets = corpus.targets
    sets = np.zeros((len(targets), len(corpus.label_names) - FIRST), dtype=bool)
    rows = np.repeat(np.arange(len(targets)), targets.lengths - 1)
    labels = targets.values[targets.inner].astype(np.int64) - FIRST
    sets[rows[labels >= 0], labels[labels >= 0]] = True
    return sets


def shown_set(names: Sequence[str]) -> str:
    """A set in a table."""
    return JOINT.join(names) or NONE


def both_sets(predictions: Arrays, corpus: Corpus) -> tuple[Bools, Bools]:
    """The right sets and the predicted ones as bool (R, L), with a column per label that either may have."""
    gold, given = gold_sets(corpus), np.asarray(predictions["labels"])
    width = max(gold.shape[1], given.shape[1])
    wide = [np.pad(sets, ((0, 0), (0, width - sets.shape[1]))) for sets in (gold, given)]
    return wide[0], wide[1]


def _names(corpus: Corpus, sets: Bools) -> list[list[str]]:
    """The labels of each row of bool (R, L)."""
    names = [*corpus.label_names[FIRST:], *[NONE] * sets.shape[1]]  # beyond those: of another training split
    return [[names[i] for i in np.flatnonzero(row)] for row in sets]


def _joined(names: Sequence[str]) -> str:
    """A set as text; DataError where a label would be read as two."""
    for name in names:
        if JOINT in name:
            what = f"the label {shown(name)} contains {JOINT}, which separates labels"
            raise DataError(what, remedy="output=jsonl keeps it", code="data.token")
    return JOINT.join(names)


def _log_probability(sets: Bools, probs: Array) -> Float64s:
    """The log-probability of each set of independent labels: bool (R, L) and (R, L) -> float64 (R,)."""
    chosen = np.where(sets, probs.astype(np.float64), 1 - probs.astype(np.float64))
    return np.asarray(np.log(np.maximum(chosen, TINY)).sum(axis=1))
