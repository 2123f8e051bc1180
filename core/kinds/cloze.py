"""Kind ``cloze``: the word at each place, from the words on both sides of it (Taylor, 1953).

A kind of its own, and not ``token`` with the words as labels: the answers are the vocabulary, so that a prediction
is the rank and probability of the right word and not one of a few labels, no model may read the word in question,
and no column of labels is needed.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.vocab import END, UNK
from core.errors import DataError
from core.kinds.base import SURE, Kind
from core.kinds.blanks import Blanks
from core.kinds.next_token import UNLIKELY, unknown_gap
from core.kinds.ranks import rank_by_counts, reciprocals
from core.kinds.rendering import AROUND, words_around
from core.printable import one_line as in_cell
from core.row_sums import EVENT_FORMULAS, RowStatistic, per_row
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

DRAWS = 20  # random guesses that chance is the mean of


class Cloze(Blanks, Kind):
    """A distribution over the vocabulary for the word at each place; the end of a row is not a place.

    The predictions are ``word``, the most likely word (of equally likely ones the more frequent), ``log_prob`` of
    the right word, and its rank among all words as ``above`` and ``ties`` (see ``core.kinds.ranks``).
    """

    name = "cloze"
    heads = {
        "neural": "core.neural.heads.cloze:ClozeHead",
        "counting": "core.counting.heads.cloze:ClozeCountHead",
    }
    truth = "word"
    has_probabilities = most_likely_words = reads_around = True
    hardest_first = "by the difference of the two log-probabilities"

    def default_threads(self) -> int:
        """Every core: the matrices over the vocabulary are large."""
        return os.cpu_count() or 1

    def examples(self, corpus: Corpus) -> Examples:
        """Each row between END on both sides; the answers are aligned with that, so they are one more."""
        tokens = corpus.tokens
        inputs = np.concatenate([np.array([END], dtype=np.int32), tokens.values])  # (N + 1,)
        answers = np.where(tokens.inner, corpus.closed.values, -1).astype(np.int64)
        return Examples(inputs, np.concatenate([[-1], answers]), tokens.offsets[:-1], tokens.lengths + 1)

    def empty(self, events: int, size: int) -> Arrays:
        """``word``, ``above`` and ``ties`` int32 and ``log_prob`` float32, aligned with ``examples``."""
        arrays: Arrays = {name: np.zeros(events, dtype=np.int32) for name in ("word", "above", "ties")}
        return arrays | {"log_prob": np.zeros(events, dtype=np.float32)}

    def scored(self, predictions: Arrays, corpus: Corpus) -> Arrays:
        """The predictions of the words alone."""
        return {name: array[1:][corpus.tokens.inner] for name, array in predictions.items()}

    def gold(self, corpus: Corpus) -> Int32s:
        """The words; one that training lacks is ``<unk>``."""
        return corpus.closed.values[corpus.tokens.inner]

    def correct(self, predictions: Arrays, corpus: Corpus) -> Bools:
        """Where the most likely word is the right one (N,)."""
        return np.asarray(predictions["word"] == self.gold(corpus))

    def confidence(self, predictions: Arrays) -> Float64s | None:
        """The probability of the most likely word (N,), where those of the likely words are known."""
        likely = predictions.get("top_log_probs")
        return None if likely is None else np.exp(likely[:, 0], dtype=np.float64)

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """1 for a right word, else 0."""
        return self.correct(predictions, corpus).astype(np.float64)

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every word."""
        return int(np.count_nonzero(corpus.tokens.inner))

    def answer_count(self, corpus: Corpus) -> int:
        """The vocabulary without the end of a row."""
        return corpus.vocab.size - UNK

    def row_statistics(self) -> Sequence[RowStatistic]:
        """Right words, log-probabilities, and reciprocal ranks."""

        def sums_of(values: Any) -> RowStatistic:
            def sums(task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
                each = corpus.tokens.lengths - 1
                return np.stack([per_row(values(predictions), each), each.astype(np.float64)], axis=-1)

            return RowStatistic(sums, EVENT_FORMULAS)

        log_probs = sums_of(lambda predictions: predictions["log_prob"].astype(np.float64))
        return (*super().row_statistics(), log_probs, sums_of(reciprocals))

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The words that are summed over, and the text."""
        yield self.name.encode()
        yield "\n".join(corpus.vocab.words).encode("utf-8", "surrogatepass")
        yield corpus.closed.values.tobytes()
        yield corpus.closed.offsets.tobytes()

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """Random words; their probabilities are equal."""
        events, size, random = len(self.gold(corpus)), self.answer_count(corpus), np.random.default_rng(0)
        equal = {
            "log_prob": np.full(events, -np.log(size)),
            "above": np.zeros(events, dtype=np.int32),
            "ties": np.full(events, size, dtype=np.int32),
        }
        return [{**equal, "word": random.integers(UNK, UNK + size, events)} for _ in range(DRAWS)]

    def most_frequent(self, corpus: Corpus) -> Arrays:
        """The training unigram with one added to every count."""
        gold, counts = self.gold(corpus), corpus.vocab.counts[UNK:] + 1
        above, ties = rank_by_counts(counts, gold - UNK)
        word = np.full(len(gold), UNK + int(counts.argmax()), dtype=np.int32)
        return {"word": word, "log_prob": np.log(counts / counts.sum())[gold - UNK], "above": above, "ties": ties}

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The true distribution; a most likely word that training lacks is never right."""
        ids, events = corpus.vocab.ids, len(self.gold(corpus))
        words = np.fromiter((ids.get(word, END) for word in best["word"]), dtype=np.int32)
        if len(words) != events:
            raise DataError(f"the oracle answers {len(words)} events where there are {events}")
        return {"word": words, **{name: np.asarray(best[name]) for name in ("log_prob", "above", "ties")}}

    def oracle_gap(self, corpus: Corpus, split: str) -> str:
        """The truth is about all words, so there is none for a corpus with unknown words."""
        return unknown_gap(corpus, split)

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """By the likelihood ratio to the truth."""
        gain = predictions["log_prob"].astype(np.float64) - truth["log_prob"]
        return float(gain.sum()) > math.log(UNLIKELY)

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        """By the difference of the two log-probabilities."""
        first, second = (predictions["log_prob"].astype(np.float64) for predictions in arrays)
        order = np.argsort(-np.abs(second - first), kind="stable")
        return np.asarray(order[(second != first)[order]])

    def losses(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """Minus the log-probability of each word."""
        return -predictions["log_prob"].astype(np.float64)

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """1 for a word that is scored as the unknown word, else 0."""
        return np.asarray(self.gold(corpus) == UNK, dtype=np.float64)

    def event_words(self, task: Task, corpus: Corpus) -> Int32s:
        """The words."""
        return self.gold(corpus)

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The right word, and the two models."""
        return ("right", *names)

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The right word, and the two answers with the probability of the right word; ``x`` marks a wrong one."""
        gold, words = int(self.gold(corpus)[event]), corpus.vocab.words
        cells = [in_cell(words[gold])]
        for predictions in arrays:
            word, p = int(predictions["word"][event]), math.exp(predictions["log_prob"][event])
            cells.append(f"{in_cell(words[word])} {p:.3f}{'' if word == gold else ' x'}")
        return tuple(cells)

    def confused(self, predictions: Arrays, corpus: Corpus, events: Int64s) -> list[tuple[str, str]]:
        """The right word and the predicted one."""
        pairs = zip(self.gold(corpus)[events].tolist(), predictions["word"][events].tolist(), strict=True)
        return [(corpus.vocab.words[gold], corpus.vocab.words[word]) for gold, word in pairs]

    def place(self, corpus: Corpus, event: int) -> tuple[int, int]:
        """The end of a row is not an event."""
        return corpus.word_place(event)

    def context(self, corpus: Corpus, row: int, token: int, separator: str) -> str:
        """The words on both sides."""
        return words_around(corpus, row, token, AROUND, False, separator)

    def perfect(self, corpus: Corpus) -> Arrays:
        """Probability 1 for each word."""
        gold = self.gold(corpus)
        first = {"above": np.zeros(len(gold), dtype=np.int32), "ties": np.ones(len(gold), dtype=np.int32)}
        return {"word": gold, "log_prob": np.zeros(len(gold)), **first}

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """Sure of the words of the text in a random order; all others are tied behind."""
        gold, others = self.gold(corpus), max(1, self.answer_count(corpus) - 1)
        words = random.permutation(gold)
        right = words == gold
        log_prob = np.where(right, math.log(SURE), math.log((1 - SURE) / others))
        above, ties = np.where(right, 0, 1), np.where(right, 1, others)
        return {"word": words, "log_prob": log_prob, "above": above, "ties": ties}

    def best_scores(self, minimize: bool) -> tuple[float, ...]:
        """A perplexity of 1."""
        return (1.0,) if minimize else super().best_scores(minimize)
