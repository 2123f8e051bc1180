"""What a kind of task answers about itself; nothing outside this folder compares the name of a kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.spec import TokenSpec
from core.errors import ConfigError
from core.families import FAMILIES
from core.kinds.measures import Measures
from core.kinds.prediction_checks import missing
from core.kinds.rendering import AROUND as AROUND
from core.kinds.rendering import Prediction, Sentence, from_tokens, located, one_line
from core.kinds.rendering import words_around as words_around
from core.registry import Spec
from core.registry.loading import import_target
from core.row_sums import EVENT_FORMULAS, RowStatistic, per_row
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s, Int64s

Truth = Literal["text", "token", "row", "number", "set", "word", "item"]
SURE = 0.9  # what ``shuffled`` gives to the answer that it expects


class Kind(Measures):
    """What tasks of one kind predict, and everything that follows from it."""

    name: ClassVar[str]
    heads: ClassVar[Mapping[str, str]] = {}  # family -> "module:Class" of the head that serves it
    models: ClassVar[Mapping[str, str]] = {  # family -> "module:Class" of the model around the head
        "neural": "core.neural.model:NeuralModel",
        "counting": "core.counting.model:CountingModel",
    }
    # what has a label in its data: a token, a row; or a row has a number, a set of labels, or a second text
    labels: ClassVar[Literal["token", "row", "number", "set", "text"] | None] = None
    truth: ClassVar[Truth | None] = None  # what ``Source.oracle`` is asked for a ceiling
    language_model: ClassVar[bool] = False  # running text; its models are LanguageModels and read left only
    reads_rows: ClassVar[bool] = True  # False: no encoder reads rows, nothing is trained or predicted
    has_probabilities: ClassVar[bool] = False  # whether ``probabilities`` and, for labels, ``confidence`` answer
    output_formats: ClassVar[tuple[str, ...]] = ("text", "tsv", "jsonl")  # of ``predict``
    event_score: ClassVar[str] = ""  # what ``event_scores`` are, unless right or wrong, or log-probabilities
    hardest_first: ClassVar[str] = ""  # the order of ``hardest``, for titles

    def import_class(self, table: Literal["heads", "models"], family: str) -> Any:
        """The class of the head or model that serves this kind in a family; ConfigError where it has none."""
        targets: Mapping[str, str] = getattr(self, table)
        if family not in self.heads or family not in targets:
            remedy = "it has " + (", ".join(self.heads) or "none")
            raise ConfigError(f"no {family} head predicts kind {self.name}", where="task", remedy=remedy)
        return import_target(targets[family], f"{table} of kind {self.name}")

    def incompatibility(self, task: str, encoder: Spec) -> str:
        """Why the task of this name cannot use an encoder; empty where it can."""
        kinds, family = encoder.extra["kinds"], encoder.extra["family"]
        if kinds is not None and self.name not in kinds:
            runs = f"it runs {', '.join(kinds)}"
        elif not FAMILIES[family].whole and family not in self.heads:
            runs = f"the family {family} has no head for it"
        else:
            return ""
        return f"{encoder.name} does not run task={task}, which is of kind {self.name} ({runs})"

    def reads(self, family: str, sees: str) -> Literal["left", "both"]:
        """Which side of a token a model reads, which decides its ceiling; counting heads read the whole row."""
        return "left" if sees == "left" and not FAMILIES[family].reads_rows else "both"

    def default_threads(self) -> int:
        """The number of threads that ``threads=auto`` means: on small matrices more threads only wait."""
        return 1

    def token_spec(self, task: Task) -> TokenSpec:
        """What the task needs of its data."""
        words = task.tokens, task.min_count, task.vocab_size
        return TokenSpec(*words, self.labels, self.language_model, task.scheme, marks=task.marks)

    def examples(self, corpus: Corpus) -> Examples:
        """What a split asks of a neural model, flat; without labels nothing is scored."""
        raise NotImplementedError

    def empty(self, events: int, size: int) -> Arrays:
        """Prediction arrays to be filled batch by batch: the answers of ``examples``, and the number of labels."""
        raise NotImplementedError

    def scored(self, predictions: Arrays, corpus: Corpus) -> Arrays:
        """The predictions of the events alone, out of arrays aligned with ``examples``."""
        return predictions

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """What is wrong with what a whole model of a plugin predicts; empty if nothing is.

        Args:
            predictions: what ``Model.predict`` returned.
            corpus: the rows.
            probabilities: whether those of all labels were asked for.
        """
        return missing(predictions, ())

    def gold(self, corpus: Corpus) -> Int32s | None:
        """The right label id of each event (N,); None where events are not right or wrong."""
        return None

    def correct(self, predictions: Arrays, corpus: Corpus) -> Bools | None:
        """Which events are predicted right (N,); None where events are not right or wrong."""
        return None

    def confidence(self, predictions: Arrays) -> Float64s | None:
        """The probability of the answer to each event (N,), from ``log_probs``; None where there is no answer."""
        return None

    def event_scores(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
        """A number per event (N,), more is better; 0 where the task does not score the event."""
        raise NotImplementedError

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """How many events of a split are scored."""
        raise NotImplementedError

    def answer_count(self, corpus: Corpus) -> int | None:
        """Among how many answers a model spreads its probability; None where it has no probabilities."""
        return None

    def entries_per_row(self, predictions: Arrays, corpus: Corpus) -> Int64s | None:
        """How many entries of the predictions each row has (R,), by their number; None where rows have none."""
        counts = {len(array) for array in predictions.values()}
        lengths = corpus.tokens.lengths
        for entries in (np.ones_like(lengths), lengths - 1, lengths) if self.reads_rows else ():
            if counts == {int(entries.sum())}:
                return entries
        return None

    def row_statistics(self) -> Sequence[RowStatistic]:
        """What rows may add to a score, and the scores that follow from it."""
        return (RowStatistic(self.event_sums, EVENT_FORMULAS),)

    def event_sums(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """The scores of each row's events summed, and their number (R, 2); None where the kind has no scores."""
        entries, right = self.entries_per_row(predictions, corpus), self.correct(predictions, corpus)
        try:
            scores = self.event_scores(task, predictions, corpus) if right is None else right
        except NotImplementedError:
            return None
        if entries is None or len(scores) != entries.sum():
            return None
        return np.stack([per_row(scores, entries), entries.astype(np.float64)], axis=-1)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """What the event hash of a split is made from: the right answers, and what is summed over."""
        raise NotImplementedError

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """Predictions that take every answer as equally likely; several draws where they are random."""
        return []

    def most_frequent(self, corpus: Corpus) -> Arrays | None:
        """Predictions of the most frequent answer of training; None where there is no such thing."""
        return None

    def asks(self, task: Task) -> str | None:
        """What ``Source.oracle`` is asked for the ceiling of a task; None: nothing."""
        return self.truth

    def frequent(self, train: Corpus, corpus: Corpus) -> Arrays | None:
        """As ``most_frequent``, where the training split is there to be read."""
        return self.most_frequent(corpus)

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """What ``Source.oracle`` returns as predictions; DataError where it does not fit the split."""
        raise NotImplementedError

    def oracle_gap(self, corpus: Corpus, split: str) -> str:
        """Why the oracle does not answer the events of this corpus; empty where it does."""
        return ""

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """Whether predictions are better than the oracle's by more than chance gives once in 10,000 times."""
        return False

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Int64s:
        """The events on which the predictions of two models differ, in the order of ``hardest_first``."""
        raise NotImplementedError

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The headings of ``event_cells`` for two named models."""
        raise NotImplementedError

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The right answer to an event, and the prediction of each of two models."""
        raise NotImplementedError

    def confused(self, predictions: Arrays, corpus: Corpus, events: Int64s) -> list[tuple[str, str]]:
        """The right answer and the predicted one of some events (n,), as they are shown."""
        cells = (self.event_cells((predictions, predictions), corpus, event) for event in events.tolist())
        return [(right, predicted) for right, predicted, *_ in cells]

    def losses(self, task: Task, predictions: Arrays, corpus: Corpus) -> Float64s | None:
        """Minus the log-probability of the right answer to each event (N,); None without probabilities."""
        return None

    def unknown_share(self, corpus: Corpus) -> Float64s | None:
        """The share of each event's words that are unknown (N,), from 0 to 1; None where events have no words."""
        return None

    def event_words(self, task: Task, corpus: Corpus) -> Int32s | None:
        """The word of each event as a closed id (N,), -1 where it is not scored; None where events have none."""
        return None

    def place(self, corpus: Corpus, event: int) -> tuple[int, int]:
        """Row and token of an event, counted from 0; the token of a whole row is 0."""
        return event, 0

    def context(self, corpus: Corpus, row: int, token: int, separator: str) -> str:
        """The text around an event, with its own token in brackets where it has one."""
        return separator.join(corpus.spell(corpus.tokens[row][:-1]))

    def perfect(self, corpus: Corpus) -> Arrays:
        """The right answers as predictions, as sure as they can be."""
        raise NotImplementedError

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """The right answers in a random order, as sure as a model that has learned something else."""
        raise NotImplementedError

    def best_scores(self, minimize: bool) -> tuple[float, ...]:
        """What perfect predictions may score: shares are in percent, errors end at 0."""
        return (0.0,) if minimize else (100.0,)

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """One answer per row, as it is shown: a list of tags, or a label."""
        raise NotImplementedError

    def shown(self, answers: list[Any], task: Task) -> list[Any]:
        """``answers`` as a task shows them; its ``tokens`` say how a text is joined again."""
        return answers

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """One prediction as text, with the ends of its lines.

        Args:
            sentence: what was predicted.
            answer: an entry of ``shown``.
            output: one of ``output_formats``; ``auto`` is ``text``.
            column: the column of CoNLL-U in which labels are written, from 0.
        """
        if output == "jsonl":
            return json.dumps({"text": sentence.text, **self.fields(sentence, answer)}, ensure_ascii=False) + "\n"
        return f"{answer}\t{one_line(sentence.text)}\n"

    def render_rows(self, predictions: Arrays, corpus: Corpus, output: str, column: int, split: str) -> str:
        """The answers to all rows of a corpus as ``render`` writes them, of which only the tokens are known.

        Args:
            predictions: of the rows.
            corpus: the rows.
            output: one of ``output_formats``.
            column: the column of CoNLL-U in which labels are written, from 0.
            split: the name of the rows, for errors.

        Raises:
            DataError: a token or a label would be read as something else.
        """
        parts = []
        for row, answer in enumerate(self.answers(predictions, corpus)):
            with located(f"{split} row {row + 1}"):
                sentence = from_tokens(corpus.spell(corpus.tokens[row][:-1]))
                parts.append(self.render(sentence, answer, output, column))
        return "".join(parts)

    def probabilities(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """Label -> probability of each row, or of each of its tokens."""
        raise NotImplementedError

    def render_probabilities(self, sentence: Sentence, prediction: Prediction, output: str) -> str:
        """One prediction with its probabilities as text, with the ends of its lines.

        Args:
            sentence: what was predicted.
            prediction: an entry of ``answers``, and one of ``probabilities``.
            output: ``tsv`` or ``jsonl``.
        """
        answer, probabilities = prediction
        if output == "jsonl":
            fields = {"text": sentence.text, **self.fields(sentence, answer), "probabilities": probabilities}
            return json.dumps(fields, ensure_ascii=False) + "\n"
        return f"{answer}\t{probabilities[answer]:.6f}\t{one_line(sentence.text)}\n"

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """One prediction as the fields of a JSON object, without ``text``."""
        return {"label": answer}
