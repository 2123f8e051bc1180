"""The contract of the counting family: whole arrays in, whole arrays out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab
from core.model.context import Context
from core.types import Arrays, Floats, Int32s, Int64s, Table

# the code of a model's note that rows are too short for its order; its values have the lowest such ``order``
SHORT_ROWS = "rows.short"


class ImportedModel(NamedTuple):
    """A model read from a file of another program."""

    words: list[str]  # the word of each id, ``</s>`` and ``<unk>`` first
    options: dict[str, Any]  # the constructor options that fit the model
    arrays: Arrays  # what ``restore`` takes
    notes: list[str]  # what the user should know, such as what the file lacks


class CountModel:
    """A distribution over the next symbol given the symbols before it in the row, estimated by counting.

    A history never leaves its row: END precedes the first symbol, as the start mark.

    Args:
        vocab_size: the number of ids; every id below it is predicted and summed over.
    """

    context_size: int | None = None  # how many previous symbols it reads; None: the whole row
    normalized: bool = True  # False: scores, not probabilities, so no perplexity
    threads: int = 1  # the maximum number of threads
    formats: ClassVar[tuple[str, ...]] = ()  # file formats of other programs that it writes and reads

    def __init__(self, vocab_size: int) -> None:
        self.vocab_size = vocab_size

    @classmethod
    def choices(cls, options: dict[str, Any], language_model: bool = False) -> list[dict[str, Any]]:
        """List what to try on dev for the options that are ``auto``.

        Args:
            options: every option of the constructor, as the user set it.
            language_model: whether the model is one of text, and not of the labels or of the rows of a class.

        Returns:
            Complete option dictionaries without ``auto``, the simplest first: the first one is used unless dev
            separates another one from it.
        """
        return [options]

    def fit(self, rows: Ragged, dev: Ragged, context: Context) -> None:
        """Count.

        Args:
            rows: the training rows, closed ids, each row ending in END.
            dev: the development rows, for weights that are estimated on held-out text.
            context: seed, threads and the observers.
        """
        raise NotImplementedError

    def log_probs(self, rows: Ragged) -> Floats:
        """Natural log-probability of each symbol, including END, given its row so far: float (N,)."""
        raise NotImplementedError

    def log_probs_by_order(self, rows: Ragged) -> Floats:
        """``log_probs`` of the model and of the shorter models inside it, float (K, N), its own last."""
        return self.log_probs(rows)[None]

    def answers(self, rows: Ragged) -> Arrays:
        """The predictions of kind ``next``: ``log_prob`` as from ``log_probs``, and other facts about each event.

        Such a fact is ``order`` int16 (N,), the length of the n-gram used.
        """
        return {"log_prob": self.log_probs(rows)}

    def next_log_probs(self, histories: Int32s) -> Floats:
        """The distribution of the next symbol after each history.

        Args:
            histories: int32 (B, n), right-aligned closed ids; symbols before the last END are ignored, so END
                pads on the left.

        Returns:
            float (B, vocab_size), natural logs.
        """
        raise NotImplementedError

    def place_scores(self, rows: Ragged, places: Int64s) -> Floats | None:
        """The log-probability of a row with each symbol at one of its places; optional.

        Args:
            rows: closed ids.
            places: int64 (B,), where the symbols are in the values of the rows; none is the END of a row.

        Returns:
            float (B, vocab_size), natural logs up to a constant per place, -inf for END. None: core scores each
            row with each symbol by ``log_probs``, which is the same and slow.
        """
        return None

    def arrays(self) -> Arrays:
        """Everything learned, as named arrays (no objects)."""
        raise NotImplementedError

    def restore(self, arrays: Arrays) -> None:
        """Load what ``arrays`` returned."""
        raise NotImplementedError

    def write_as(self, format: str, path: Path, words: Sequence[str]) -> None:
        """Write the model to a file of another program in one of ``formats``; ``words`` are in id order."""
        raise NotImplementedError

    @classmethod
    def read_as(cls, format: str, path: Path) -> ImportedModel:
        """Read a model from a file of another program, in one of ``formats``."""
        raise NotImplementedError

    def explain(self, history: Int32s, words: Sequence[str], limit: int) -> list[Table]:
        """Explain the probabilities of the most likely next words, as tables; empty if the model cannot.

        Args:
            history: int32 (n,), closed ids of the row so far; END before it is the start mark.
            words: the word of each id.
            limit: the number of next words shown.
        """
        return []

    def facts(self) -> dict[str, Any]:
        """What the record shows about the fitted model, such as the number of n-gram types per order."""
        return {}


class CountHead:
    """Turns count models into predictions of one kind.

    Args:
        make_model: ``make_model(size)`` creates a model of the chosen encoder over ``size`` symbols.
        vocab: the token vocabulary.
        labels: the label vocabulary; None for kind ``next``.
    """

    models_text: ClassVar[bool] = False  # whether its models are language models, as those that answer themselves

    def __init__(self, make_model: Callable[[int], CountModel], vocab: Vocab, labels: Vocab | None) -> None:
        self.make_model, self.vocab, self.labels = make_model, vocab, labels

    @classmethod
    def choices(cls, options: dict[str, Any]) -> list[dict[str, Any]]:
        """As ``CountModel.choices``, for the head's own options."""
        return [options]

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Count the training split."""
        raise NotImplementedError

    @classmethod
    def compile(cls) -> None:
        """Compile what the head needs, once per process, so that no run's timing includes it."""

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """Predictions, one entry per event; see ``core.model.interface.Model.predict``."""
        raise NotImplementedError

    def arrays(self) -> Arrays:
        """Everything learned."""
        raise NotImplementedError

    def restore(self, arrays: Arrays) -> None:
        """Load what ``arrays`` returned."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What the record shows about the fitted head."""
        return {}
