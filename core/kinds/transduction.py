"""Kind ``transduce``: a text for each row; translation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, UNK
from core.errors import DataError
from core.kinds.base import Kind
from core.kinds.overlap import bleu, bleu_counts, chrf, chrf_counts, row_bleu
from core.kinds.prediction_checks import described, missing
from core.kinds.rendering import Sentence, one_line
from core.row_sums import RowStatistic, loss, percent, perplexity
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

NOWHERE = -1  # the aligned token of a word that comes from none
LONGEST = 1000  # the largest number of tokens of an output


class Transduction(Kind):
    """A text for each row: the tokens of the target, whose vocabulary is that of the second texts of training.

    The second text of row r is ``corpus.targets[r]``, ids of ``corpus.labels`` that end in END. Predictions are

    - ``output`` int32 (R, L): the ids of each output, END after its last token;
    - ``aligned`` int32 (R, L): the token of the row that each one comes from, counted from 0, or -1. An unknown
      word is a copy of that token;
    - ``log_prob`` float (R,): the log-probability of the second text, END included, where there is one and the
      model has probabilities.

    Each row is one event.
    """

    name = "transduce"
    heads = {
        "neural": "core.neural.heads.transduction:TransductionHead",
        "counting": "core.counting.heads.translation:TranslationCountHead",
    }
    models = {
        "neural": "core.neural.transducer:NeuralTransducer",
        "counting": "core.counting.translator:CountingTranslator",
    }
    labels = "text"
    truth = "row"
    event_score = "BLEU of the row"
    hardest_first = "by the difference of BLEU of the row"

    def examples(self, corpus: Corpus) -> Examples:
        """Every row without its END; the answer is the second text with it."""
        tokens, targets = corpus.tokens, self.gold_rows(corpus)
        lengths, starts = tokens.lengths - 1, tokens.offsets[:-1]
        answers, offsets = targets.values.astype(np.int64), targets.offsets
        return Examples(tokens.values, answers, starts, lengths, per_row=True, offsets=offsets)

    def gold_rows(self, corpus: Corpus) -> Ragged:
        """The second texts as closed ids; rows of length 0 where the corpus has none."""
        if "labels" not in corpus.columns or corpus.labels is None:
            return Ragged(np.zeros(0, dtype=np.int32), np.zeros(len(corpus) + 1, dtype=np.int64))
        values = corpus.targets.values
        return Ragged(np.where(values < corpus.labels.size, values, np.int32(UNK)), corpus.targets.offsets)

    def empty(self, events: int, size: int) -> Arrays:
        """No arrays yet: each batch adds its own, as wide as its longest output."""
        return {}

    def scored(self, predictions: Arrays, corpus: Corpus) -> Arrays:
        """The predictions, with no place for what is beyond an output."""
        none = np.zeros((len(corpus), 0), dtype=np.int32)
        output, aligned = predictions.get("output", none), predictions.get("aligned", none)
        return predictions | {"output": output, "aligned": np.where(output == END, np.int32(NOWHERE), aligned)}

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """Ids of the target's vocabulary, with a token of the row for each copy."""
        if problem := missing(predictions, ("output", "aligned")):
            return problem
        output, aligned = predictions["output"], predictions["aligned"]
        size = corpus.labels.size if corpus.labels is not None else 0
        for name, array, low, high in (
            ("output", output, 0, size),
            ("aligned", aligned, NOWHERE, int(corpus.tokens.lengths.max(initial=1)) - 1),
        ):
            if array.dtype != np.int32 or array.ndim != 2 or array.shape != (len(corpus), output.shape[-1]):
                return f"{name} is {described(array)}, not int32 of shape ({len(corpus)}, length of an output)"
            if array.size and not low <= array.min() <= array.max() < max(high, low + 1):
                return f"{name} has values from {array.min()} to {array.max()}, not from {low} to {high - 1}"
        inside = aligned < corpus.tokens.lengths[:, None] - 1  # (R, L)
        if not inside.all():
            row = int(np.argmin(inside.all(1)))
            return f"aligned has {aligned[row].max()} in row {row}, of {corpus.tokens.lengths[row] - 1} tokens"
        return ""

    def words(self, predictions: Arrays, corpus: Corpus) -> list[list[str]]:
        """The tokens of each output; an unknown word is the token of the row that it is aligned to."""
        names, outputs = corpus.label_names, []
        for row, (ids, places) in enumerate(zip(predictions["output"], predictions["aligned"], strict=True)):
            length = int(np.argmax(ids == END)) if (ids == END).any() else len(ids)
            words = [names[i] for i in ids[:length].tolist()]
            copies = np.flatnonzero((ids[:length] == UNK) & (places[:length] >= 0))
            for at, word in zip(copies.tolist(), corpus.spell(corpus.tokens[row][places[copies]]), strict=True):
                words[at] = word
            outputs.append(words)
        return outputs

    def references(self, corpus: Corpus) -> list[list[str]]:
        """The tokens of each second text."""
        names = corpus.label_names
        return [[names[i] for i in corpus.targets[row][:-1].tolist()] for row in range(len(corpus))]

    def exact(self, predictions: Arrays, corpus: Corpus) -> Bools:
        """Which outputs are the second text, token for token."""
        pairs = zip(self.words(predictions, corpus), self.references(corpus), strict=True)
        return np.fromiter((output == right for output, right in pairs), dtype=bool, count=len(corpus))

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """BLEU of each row alone."""
        return row_bleu(self.bleu_sums(task, predictions, corpus))

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every row is an event."""
        return len(corpus)

    def entries_per_row(self, predictions: Arrays, corpus: Corpus) -> Int64s:
        """One entry per row."""
        return np.ones(len(corpus), dtype=np.int64)

    def row_statistics(self) -> Sequence[RowStatistic]:
        """The n-grams of BLEU and of chrF, whether the row is right, and its log-probability."""
        return (
            RowStatistic(self.bleu_sums, (bleu,)),
            RowStatistic(self.chrf_sums, (chrf,)),
            RowStatistic(self.exact_sums, (percent,)),
            RowStatistic(self.log_prob_sums, (perplexity, loss)),
        )

    def bleu_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """See ``bleu_counts``; of texts in characters, spaces do not count."""
        outputs, references = self._texts(task, predictions, corpus)
        if task.tokens == "char":
            outputs, references = ([" ".join(text) for text in texts] for texts in (outputs, references))
        return bleu_counts([text.split() for text in outputs], [text.split() for text in references])

    def chrf_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """See ``chrf_counts``."""
        return chrf_counts(*self._texts(task, predictions, corpus))

    def _texts(self, task: Task, predictions: Arrays, corpus: Corpus) -> tuple[list[str], list[str]]:
        """Outputs and second texts, as a task joins their tokens."""
        pair = self.words(predictions, corpus), self.references(corpus)
        return self.shown(pair[0], task), self.shown(pair[1], task)

    def exact_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """Whether each row is right, and 1 (R, 2)."""
        return np.stack([self.exact(predictions, corpus), np.ones(len(corpus))], axis=-1)

    def log_prob_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """The log-probability of each second text, and its number of tokens with END (R, 2)."""
        if "log_prob" not in predictions:
            return None
        return np.stack([predictions["log_prob"].astype(np.float64), corpus.targets.lengths], axis=-1)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The rows and the second texts by their words, whatever their ids."""
        yield f"{self.name} {task.tokens}".encode()
        for row in range(len(corpus)):
            yield "\t".join([*corpus.spell(corpus.tokens[row][:-1]), "\n"]).encode("utf-8", "surrogatepass")
        for words in self.references(corpus) if "labels" in corpus.columns else ():
            yield "\t".join([*words, "\n"]).encode("utf-8", "surrogatepass")

    def other_baselines(self, corpus: Corpus) -> dict[str, Arrays]:
        """The rows themselves as answers."""
        return {"copy": self.copied(corpus)}

    def copied(self, corpus: Corpus) -> Arrays:
        """Outputs of unknown words alone, which are copies of all tokens."""
        lengths = corpus.tokens.lengths - 1
        steps = np.arange(int(lengths.max(initial=0)), dtype=np.int32)
        inside = steps < lengths[:, None]  # (R, T)
        output, aligned = np.where(inside, UNK, END), np.where(inside, steps, NOWHERE)
        return {"output": output.astype(np.int32), "aligned": aligned.astype(np.int32)}

    def frequent(self, train: Corpus, corpus: Corpus) -> Arrays:
        """Always the second text that is most frequent in training, the first of several."""
        rows = Counter(train.targets[row].tobytes() for row in range(len(train)))
        best = np.frombuffer(rows.most_common(1)[0][0], dtype=np.int32)
        return filled([best[:-1]] * len(corpus))

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The oracle's texts as ids; a word that the target's vocabulary lacks is UNK."""
        ids = {word: i for i, word in enumerate(corpus.label_names)}
        rows = [np.array([ids.get(word, UNK) for word in text.split()], dtype=np.int32) for text in best["label"]]
        if len(rows) != len(corpus):
            raise DataError(f"the oracle answers {len(rows)} rows where there are {len(corpus)}")
        return filled(rows)

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """A row that the oracle has wrong and the model right may be luck: nothing is said."""
        return False

    def renumbered(self, predictions: Arrays, names: Sequence[str], corpus: Corpus) -> Arrays:
        """Outputs with other ids; without log-probabilities, which are of another vocabulary."""
        ids, before = {name: i for i, name in enumerate(corpus.label_names)}, predictions["output"]
        output = np.array([ids.get(name, UNK) for name in names], dtype=np.int32)[before]
        lost = (output == UNK) & (before != UNK)  # its word is in no second text, so it is wrong anyway
        return {"output": output, "aligned": np.where(lost, np.int32(NOWHERE), predictions["aligned"])}

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        """By the difference of BLEU of the row."""
        first, second = (self.event_scores(task, predictions, corpus) for predictions in arrays)
        order = np.argsort(-np.abs(second - first), kind="stable")
        return np.asarray(order[(second != first)[order]])

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """The share of a row's words that training lacks; 0 for a row without words."""
        unknown = np.add.reduceat(corpus.closed.values == UNK, corpus.tokens.offsets[:-1], dtype=np.float64)
        return np.asarray(unknown / np.maximum(1, corpus.tokens.lengths - 1))

    def perfect(self, corpus: Corpus) -> Arrays:
        """The second texts."""
        return self._sure(corpus.targets)

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """The second texts in a random order."""
        return self._sure(corpus.targets.select(random.permutation(len(corpus))))

    def _sure(self, rows: Ragged) -> Arrays:
        return filled([rows[row][:-1] for row in range(len(rows))]) | {"log_prob": np.zeros(len(rows))}

    def best_scores(self, minimize: bool) -> tuple[float, ...]:
        """A perplexity of 1, or 100 percent."""
        return (1.0, 0.0) if minimize else super().best_scores(minimize)

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """The tokens of each output."""
        return self.words(predictions, corpus)

    def shown(self, answers: list[Any], task: Task) -> list[Any]:
        """The outputs as texts."""
        return [_separator(task).join(words) for words in answers]

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """The output on a line of its own; in columns beside the text."""
        if output == "jsonl":
            return super().render(sentence, answer, output, column)
        return f"{one_line(sentence.text)}\t{one_line(answer)}\n" if output == "tsv" else f"{one_line(answer)}\n"

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The output as text."""
        return {"output": answer}

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The second text, and the two models."""
        return ("right", *names)

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The second text, and the two outputs."""
        one = corpus.select(np.array([event]))
        outputs = [self.words({k: v[event : event + 1] for k, v in part.items()}, one)[0] for part in arrays]
        return tuple(" ".join(words) for words in (self.references(one)[0], *outputs))


def _separator(task: Task) -> str:
    """What joins the tokens of a text."""
    return "" if task.tokens == "char" else " "


def filled(rows: Sequence[Int32s], aligned: Sequence[Int32s] | None = None) -> Arrays:
    """Rows of ids of different lengths as ``output`` and ``aligned`` (R, L); without places nothing is copied."""
    width = max((len(row) for row in rows), default=0)
    output = np.full((len(rows), width), END, dtype=np.int32)
    places = np.full((len(rows), width), NOWHERE, dtype=np.int32)
    for number, row in enumerate(rows):
        output[number, : len(row)] = row
        if aligned is not None:
            places[number, : len(row)] = aligned[number]
    return {"output": output, "aligned": places}
