"""The counting family's contract: whole arrays in, whole arrays out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab
from core.model.context import Context
from core.types import Arrays, Floats, Table


class Foreign(NamedTuple):
    """A model from a file of another program.

    Args:
        words: the word of each id, ``</s>`` and ``<unk>`` first.
        options: those of the constructor that fit it.
        arrays: what ``restore`` takes.
        notes: what the user should be told, such as what the file lacks.
    """

    words: list[str]
    options: dict[str, Any]
    arrays: Arrays
    notes: list[str]


class CountModel:
    """A distribution over the next symbol given the symbols before it in the row, made by counting.

    A row's history never leaves the row: before its first symbol stands END, as the start mark.

    Args:
        vocab_size: the number of ids; every id below it is predicted and summed over.
    """

    context_size: int | None = None  # how many symbols back it looks; None: all of the row
    normalized: bool = True  # False: a score, so no perplexity
    threads: int = 1  # that it may take
    formats: ClassVar[tuple[str, ...]] = ()  # the files of other programs that it is written to and read from

    def __init__(self, vocab_size: int) -> None:
        self.vocab_size = vocab_size

    @classmethod
    def choices(cls, options: dict[str, Any], language_model: bool = False) -> list[dict[str, Any]]:
        """What to try on dev for the options that were left at ``auto``.

        Args:
            options: every option of the constructor, as the user set it.
            language_model: whether the model itself answers, rather than a head with one or more such models.

        Returns:
            Complete option dictionaries without ``auto``; the one that is best on dev is kept.
        """
        return [options]

    def fit(self, rows: Ragged, dev: Ragged, context: Context) -> None:
        """Count.

        Args:
            rows: the training rows, closed ids, each row closed by END.
            dev: the development rows, for weights that are set on held-out text.
            context: seed, threads and the observers.
        """
        raise NotImplementedError

    def log_probs(self, rows: Ragged) -> Floats:
        """The natural log-probability of each symbol, END included, given its row so far.

        Args:
            rows: closed ids.

        Returns:
            float (N,), aligned with ``rows.values``.
        """
        raise NotImplementedError

    def answers(self, rows: Ragged) -> Arrays:
        """What kind ``next`` predicts: ``log_prob``, and whatever else the model can tell of each event.

        Args:
            rows: closed ids.

        Returns:
            ``log_prob`` as from ``log_probs``; perhaps ``order`` int16 (N,), how long the gram was that answered.
        """
        return {"log_prob": self.log_probs(rows)}

    def next_log_probs(self, histories: npt.NDArray[np.int32]) -> Floats:
        """The distribution of the next symbol after each history.

        Args:
            histories: int32 (B, n), right-aligned closed ids; what stands before the last END in a
                history is ignored, so END pads on the left.

        Returns:
            float (B, vocab_size), natural logs.
        """
        raise NotImplementedError

    def arrays(self) -> Arrays:
        """Everything that was learned, as named arrays (no objects)."""
        raise NotImplementedError

    def restore(self, arrays: Arrays) -> None:
        """The opposite of ``arrays``."""
        raise NotImplementedError

    def write_as(self, format: str, path: Path, words: Sequence[str]) -> None:
        """Write the model to a file of another program (only called for one of ``formats``).

        Args:
            format: one of ``formats``.
            path: the file.
            words: the word of each id.
        """
        raise NotImplementedError

    @classmethod
    def read_as(cls, format: str, path: Path) -> Foreign:
        """A model from a file of another program (only called for one of ``formats``).

        Args:
            format: one of ``formats``.
            path: the file.
        """
        raise NotImplementedError

    def explain(self, history: npt.NDArray[np.int32], words: Sequence[str], limit: int) -> list[Table]:
        """How the likeliest next words come by their probabilities, as tables; none where it cannot say.

        Args:
            history: int32 (n,), closed ids of the row so far; END before it is its start mark.
            words: the word of each id.
            limit: how many next words are shown.
        """
        return []

    @property
    def parameters(self) -> int:
        """How many numbers were learned."""
        return sum(int(array.size) for array in self.arrays().values())

    def facts(self) -> dict[str, Any]:
        """What the record shows about the fitted model, such as n-gram types an order."""
        return {}


class CountHead:
    """Turns count models into predictions of one kind.

    Args:
        make_model: ``make_model(size)`` builds one model of the chosen encoder over ``size`` symbols.
        vocab: the token vocabulary.
        labels: the label vocabulary, None for kind ``next``.
    """

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
        """Compile what the head needs, so that no run's clock counts it; once per process."""

    def predict(self, corpus: Corpus) -> Arrays:
        """Predictions, one entry per event; see ``core.model.interface.Model.predict``."""
        raise NotImplementedError

    def arrays(self) -> Arrays:
        """Everything that was learned."""
        raise NotImplementedError

    def restore(self, arrays: Arrays) -> None:
        """The opposite of ``arrays``."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What the record shows about the fitted head."""
        return {}
