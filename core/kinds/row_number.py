"""Kind ``number``: a number for each row; regression."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.label_columns import to_numbers
from core.data.vocab import FIRST
from core.errors import DataError
from core.kinds.base import Kind
from core.kinds.labelled import DRAWS, ERRORS, label_vocab
from core.kinds.number_sums import NUMBER_FORMULAS, number_sums
from core.kinds.prediction_checks import described, missing
from core.kinds.rendering import Sentence, one_line
from core.kinds.row_label import unknown_in_rows
from core.row_sums import RowStatistic
from core.task import Task
from core.types import Array, Arrays, Cell, Float64s


class RowNumber(Kind):
    """A number for each row; how far it is from the right one counts, so no answer is right or wrong.

    The labels of training are the distinct numbers as they are written, most frequent first.
    """

    name = "number"
    heads = {
        "neural": "core.neural.heads.regression:RegressionHead",
        "counting": "core.counting.heads.regression:RegressionCountHead",
    }
    labels = truth = "number"
    constant_name = "mean"
    hardest_first = "the largest difference of their squared errors first"
    loss_name = "squared error"

    def examples(self, corpus: Corpus) -> Examples:
        """Every row without its END; the answers are numbers, NaN where a row has none."""
        tokens, rows = corpus.tokens, len(corpus)
        answers = gold_numbers(corpus) if "labels" in corpus.columns else np.full(rows, np.nan)
        return Examples(tokens.values, answers, tokens.offsets[:-1], tokens.lengths - 1, per_row=True)

    def empty(self, events: int, size: int) -> Arrays:
        """``number`` float64 (R,)."""
        return {"number": np.zeros(events, dtype=np.float64)}

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """A finite number per row."""
        if problem := missing(predictions, ("number",)):
            return problem
        numbers = predictions["number"]
        if numbers.shape != (len(corpus),) or numbers.dtype != np.float64:
            return f"number is {described(numbers)}, not float64 of shape ({len(corpus)},), one per row"
        wrong = int(np.count_nonzero(~np.isfinite(numbers)))
        return f"number is not finite in {wrong:,} of {len(corpus):,} rows" if wrong else ""

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """Minus the squared error."""
        return -((predictions["number"] - gold_numbers(corpus)) ** 2)

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every row is an event."""
        return len(corpus)

    def row_statistics(self) -> Sequence[RowStatistic]:
        """Sums of errors, squares and products."""
        return (RowStatistic(self.number_sums, NUMBER_FORMULAS),)

    def number_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """What ``number_sums`` gives, around the mean of train, so that large numbers lose no digits: (R, 8)."""
        centre = _training(corpus)[0]
        return number_sums(gold_numbers(corpus) - centre, predictions["number"] - centre)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The numbers, however they are written."""
        yield self.name.encode()
        yield (gold_numbers(corpus) + 0.0).tobytes()  # -0.0 is 0.0

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """Random numbers of training rows, several times."""
        vocab, random = label_vocab(corpus), np.random.default_rng(0)
        shares = vocab.counts[FIRST:] / vocab.counts[FIRST:].sum()
        numbers = to_numbers(vocab.words[FIRST:])
        return [{"number": random.choice(numbers, len(corpus), p=shares)} for _ in range(DRAWS)]

    def most_frequent(self, corpus: Corpus) -> Arrays:
        """Always the mean of the training rows, the constant with the least squared error."""
        return self._constant(corpus, _training(corpus)[0])

    def other_baselines(self, corpus: Corpus) -> dict[str, Arrays]:
        """Always the median of the training rows, the constant with the least absolute error."""
        return {"median": self._constant(corpus, _training(corpus)[1])}

    def _constant(self, corpus: Corpus, number: float) -> Arrays:
        return {"number": np.full(len(corpus), number)}

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The oracle's numbers."""
        numbers = np.asarray(best["number"], dtype=np.float64)
        if len(numbers) != len(corpus):
            raise DataError(f"the oracle answers {len(numbers)} rows where there are {len(corpus)}")
        return {"number": numbers}

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """By the difference of squared errors, in standard errors."""
        mine, theirs = (self.event_scores(task, arrays, corpus) for arrays in (predictions, truth))
        gained = mine - theirs
        return float(gained.sum()) > ERRORS * float(np.sqrt((gained**2).sum()))

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Array:
        """The rows in which the squared errors of two models differ, the largest difference first."""
        scores = [self.event_scores(task, predictions, corpus) for predictions in arrays]
        gap = np.abs(scores[0] - scores[1])
        order = np.argsort(-gap, kind="stable")
        return order[gap[order] > 0]

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The right number, and the two models."""
        return ("right", *names)

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The right number and the predicted ones."""
        numbers = [float(predictions["number"][event]) for predictions in arrays]
        return (shown_number(float(gold_numbers(corpus)[event])), *map(shown_number, numbers))

    def losses(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """The squared error of each row."""
        return -self.event_scores(task, predictions, corpus)

    def loss_header(self) -> tuple[str, ...]:
        """The squared error, the right number and the predicted one."""
        return (self.loss_name, "right", "predicted")

    def loss_cells(self, predictions: Arrays, corpus: Corpus, event: int, loss: float) -> tuple[Cell, ...]:
        """See ``loss_header``."""
        return (loss, *self.event_cells((predictions,), corpus, event))

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """The share of a row's words that training lacks; 0 for a row without words."""
        return unknown_in_rows(corpus)

    def renumbered(self, predictions: Arrays, names: Sequence[str], corpus: Corpus) -> Arrays:
        """Numbers are the same whatever the labels of training."""
        return predictions

    def perfect(self, corpus: Corpus) -> Arrays:
        """The right numbers."""
        return {"number": gold_numbers(corpus)}

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """The right numbers in a random order."""
        return {"number": random.permutation(gold_numbers(corpus))}

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """The number of each row."""
        return list(predictions["number"].tolist())

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """``number<tab>text`` with six digits; JSON lines have all digits."""
        if output == "jsonl":
            return json.dumps({"text": sentence.text, **self.fields(sentence, answer)}, ensure_ascii=False) + "\n"
        return f"{shown_number(answer)}\t{one_line(sentence.text)}\n"

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The number."""
        return {"number": answer}


def gold_numbers(corpus: Corpus) -> Float64s:
    """The right number of each row: float64 (R,)."""
    table = to_numbers(corpus.label_names)
    return np.asarray(table[corpus.targets.values[corpus.targets.offsets[:-1]]])


def shown_number(value: float) -> str:
    """A number with six significant digits."""
    return f"{value:.6g}"


def _training(corpus: Corpus) -> tuple[float, float]:
    """The mean and the median of the numbers of the training rows."""
    vocab = label_vocab(corpus)
    numbers, counts = to_numbers(vocab.words[FIRST:]), vocab.counts[FIRST:]
    order = np.argsort(numbers)
    numbers, ends = numbers[order], np.cumsum(counts[order])
    middle = [
        numbers[np.searchsorted(ends, place, side="right")] for place in ((ends[-1] - 1) // 2, ends[-1] // 2)
    ]
    return float(np.average(numbers, weights=counts[order])), float(np.mean(middle))
