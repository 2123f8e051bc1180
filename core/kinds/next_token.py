"""Kind ``next``: each next token from the tokens before it; language models."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.vocab import END, UNK
from core.kinds.base import SURE, Kind, Truth
from core.kinds.prediction_checks import described, missing
from core.kinds.rendering import Prediction, Sentence, one_line, words_around
from core.printable import one_line as in_cell  # a character may be a token
from core.registry import Spec
from core.row_sums import per_row
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

UNLIKELY = 1e4  # a likelihood ratio to the truth that has a probability below 1 in 10,000 (Markov's inequality)


class NextToken(Kind):
    """A distribution over the vocabulary for each token, and for the end of each row where the task scores it."""

    name = "next"
    heads = {
        "neural": "core.neural.heads.language:LanguageHead",
        "counting": "core.counting.heads.language:LanguageCountHead",
    }
    models = {
        "neural": "core.neural.language_model:NeuralLanguageModel",
        "counting": "core.counting.model:CountingLanguageModel",
    }
    truth: ClassVar[Truth | None] = "text"
    language_model = has_probabilities = most_likely_words = True
    hardest_first = "by the difference of the two log-probabilities"

    def incompatibility(self, task: str, encoder: Spec) -> str:
        """An encoder that sees both sides would see the answer."""
        if encoder.extra["sees"] == "both":
            why = f"{encoder.name} reads both sides, so it would see the answer"
            return f"task={task} predicts each next token, and {why}"
        return super().incompatibility(task, encoder)

    def reads(self, family: str, sees: str) -> Literal["left", "both"]:
        """The left side alone, in every family."""
        return "left"

    def default_threads(self) -> int:
        """Every core: the matrices over the vocabulary are large."""
        return os.cpu_count() or 1

    def examples(self, corpus: Corpus) -> Examples:
        """The text moved on by one: as every row ends in END, the first input of each row is END."""
        tokens = corpus.tokens
        inputs = np.concatenate([np.array([END], dtype=np.int32), tokens.values[:-1]])[: len(tokens.values)]
        return Examples(inputs, corpus.closed.values.astype(np.int64), tokens.offsets[:-1], tokens.lengths)

    def empty(self, events: int, size: int) -> Arrays:
        """``log_prob`` float32 (N,), aligned with the tokens, END included."""
        return {"log_prob": np.zeros(events, dtype=np.float32)}

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """A log-probability per token, the ends of rows included."""
        if problem := missing(predictions, ("log_prob",)):
            return problem
        log_prob, events = predictions["log_prob"], len(corpus.tokens.values)
        if log_prob.shape != (events,) or log_prob.dtype.kind != "f":
            return f"log_prob is {described(log_prob)}, not floats of shape ({events},), one per token and END"
        return "log_prob has NaN" if np.isnan(log_prob).any() else ""

    def scored_tokens(self, task: Task, corpus: Corpus) -> Bools:
        """Which tokens are events (N,)."""
        return np.ones(len(corpus.tokens.values), dtype=bool) if task.end else corpus.tokens.inner

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """The log-probability of each token."""
        return np.where(self.scored_tokens(task, corpus), predictions["log_prob"].astype(np.float64), 0.0)

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every token, and the end of each row where the task scores it."""
        return int(np.count_nonzero(self.scored_tokens(task, corpus)))

    def answer_count(self, corpus: Corpus) -> int:
        """The vocabulary."""
        return corpus.vocab.size

    def event_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """The log-probability of each row and the number of its events."""
        sums = super().event_sums(task, predictions, corpus)
        if sums is not None:
            sums[:, 1] = per_row(self.scored_tokens(task, corpus), corpus.tokens.lengths)
        return sums

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The words that are summed over, and the text."""
        yield f"{self.name} {task.end}".encode()
        yield "\n".join(corpus.vocab.words).encode("utf-8", "surrogatepass")
        yield corpus.closed.values.tobytes()
        yield corpus.closed.offsets.tobytes()

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """The same probability for every word: exact, so one draw."""
        return [{"log_prob": np.full(len(corpus.tokens.values), -np.log(corpus.vocab.size))}]

    def most_frequent(self, corpus: Corpus) -> Arrays:
        """The training unigram with one added to every count."""
        counts = corpus.vocab.counts + 1.0
        return {"log_prob": np.log(counts / counts.sum())[corpus.closed.values]}

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The log-probabilities of the true distribution."""
        return {"log_prob": np.asarray(best["log_prob"])}

    def oracle_gap(self, corpus: Corpus, split: str) -> str:
        """The truth is about all words, so there is none for a corpus with unknown words."""
        return unknown_gap(corpus, split)

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """By the likelihood ratio to the truth."""
        gain = predictions["log_prob"].astype(np.float64) - truth["log_prob"]
        return float(gain[self.scored_tokens(task, corpus)].sum()) > math.log(UNLIKELY)

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        """By the difference of the two log-probabilities."""
        first, second = (self.event_scores(task, predictions, corpus) for predictions in arrays)
        order = np.argsort(-np.abs(second - first), kind="stable")
        return np.asarray(order[(second != first)[order]])

    def losses(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """Minus the log-probability of each token."""
        return -self.event_scores(task, predictions, corpus)

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """1 for a token that is scored as the unknown word, else 0."""
        return np.asarray(corpus.closed.values == UNK, dtype=np.float64)

    def event_words(self, task: Task, corpus: Corpus) -> Int32s:
        """The words, and the ends of rows."""
        return np.where(self.scored_tokens(task, corpus), corpus.closed.values, np.int32(-1))

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The two models, and the difference."""
        return (*names, "B - A")

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The two log-probabilities, and the difference."""
        first, second = (float(predictions["log_prob"][event]) for predictions in arrays)
        return f"{first:.3f}", f"{second:.3f}", f"{second - first:+.3f}"

    def place(self, corpus: Corpus, event: int) -> tuple[int, int]:
        """The end of a row is an event too."""
        row = int(np.searchsorted(corpus.tokens.offsets[:-1], event, side="right")) - 1
        return row, event - int(corpus.tokens.offsets[row])

    def context(self, corpus: Corpus, row: int, token: int, separator: str) -> str:
        """The words before the token, which is what the model read."""
        return words_around(corpus, row, token, 0, True, separator)

    def perfect(self, corpus: Corpus) -> Arrays:
        """Probability 1 for each token."""
        return {"log_prob": np.zeros(len(corpus.tokens.values))}

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """Sure of the tokens of the text in a random order."""
        right = corpus.closed.values
        wrong = math.log((1 - SURE) / (corpus.vocab.size - 1))
        return {"log_prob": wrong + (random.permutation(right) == right) * (math.log(SURE) - wrong)}

    def best_scores(self, minimize: bool) -> tuple[float, ...]:
        """A perplexity of 1, or 0 bits."""
        return (1.0, 0.0) if minimize else super().best_scores(minimize)

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """The log-probability of the row, to four decimals in text."""
        if output == "jsonl":
            return super().render(sentence, answer, output, column)
        return f"{answer:.4f}\t{one_line(sentence.text)}\n"

    def render_probabilities(self, sentence: Sentence, prediction: Prediction, output: str) -> str:
        """JSON lines, or the log-probability, the text, and each of the next words with its probability."""
        if output == "jsonl":
            return super().render_probabilities(sentence, prediction, output)
        words = (cell for word, p in prediction.probabilities.items() for cell in (in_cell(word), f"{p:.6f}"))
        cells = (f"{prediction.answer:.4f}", one_line(sentence.text).replace("\t", " "), *words)
        return "\t".join(cells) + "\n"

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The log-probability of the row."""
        return {"log_prob": answer if math.isfinite(answer) else None}  # JSON has no infinity


def unknown_gap(corpus: Corpus, split: str) -> str:
    """Why the truth about all words does not answer a split with unknown words; empty where it has none."""
    unknown = int((corpus.closed.values == UNK).sum())
    if not unknown:
        return ""
    causes = "task.min_count, task.vocab_size and data.limit make the vocabulary smaller"
    return f"the truth of this data is about all words, and {unknown:,} of {split} are unknown here ({causes})"
