"""The narrow interface between the runner and a model, whichever its family."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from core.data.corpus import Corpus
from core.model.context import Context
from core.model.runtime import Runtime
from core.types import Arrays, Bools, Float32s, Floats, Int32s, Table


class Model:
    """A model of one task; it can predict once it is fitted or restored."""

    family: ClassVar[str]
    status: str = "untrained"  # then ``finished`` or ``interrupted``

    def __init__(self) -> None:
        self.history: list[dict[str, Any]] = []  # the learning curve, one plain row per epoch
        self.chosen: dict[str, Any] = {}  # dotted keys that were left at ``auto`` -> what dev decided

    @property
    def normalized(self) -> bool:
        """Whether its scores are probabilities."""
        return True

    @property
    def parameters(self) -> int:
        """How many numbers were learned."""
        raise NotImplementedError

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Learn from train; decide on dev."""
        raise NotImplementedError

    def predict(self, corpus: Corpus) -> Arrays:
        """Predictions, one entry per event of the kind of task.

        Returns:
            Kind ``next``: ``log_prob`` float (N,), aligned with ``corpus.tokens.values`` (END included).
            Kind ``token``: ``label`` int32 (N - R,), a label id (>= FIRST) for each token but END, in order.
            Kind ``sequence``: ``label`` int32 (R,), and ``log_probs`` float (R, labels - FIRST), normalised.
            Kind ``vector``: what the task answers.
        """
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write what was learned into a folder.

        Raises:
            StoreError: it cannot be written.
        """
        raise NotImplementedError

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """Read what ``save`` wrote.

        Args:
            folder: the folder.
            runtime: how the model will run.

        Raises:
            StoreError: a file is missing or damaged, or belongs to a model with other options.
        """
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """What the record shows about the model."""
        return {}


class LanguageModel(Model):
    """A model that gives a distribution over the next token."""

    stream: bool = False  # whether it reads all rows as one running text

    def next_log_probs(self, histories: Int32s) -> Floats:
        """The distribution of the next token after each history.

        Args:
            histories: int32 (B, n), right-aligned ids; what comes before the last END in a history is ignored,
                and a history without END starts its row.

        Returns:
            float (B, vocab.size), natural logs.
        """
        raise NotImplementedError

    def advance(self, histories: Int32s, tokens: Int32s, carry: Any) -> tuple[Floats, Any]:
        """The distribution after more tokens of each row, from a carried state where the model has one.

        Args:
            histories: int32 (B, n), all ids so far, the new ones included.
            tokens: int32 (B, t), the new ones.
            carry: what the call before returned; None at the start.

        Returns:
            float (B, vocab.size), natural logs, and the carry; None from a model that carries nothing.
        """
        return self.next_log_probs(histories), None

    def score(self, corpus: Corpus, *, independent: bool) -> Floats:
        """The log-probability of each token, END included: float (N,).

        Args:
            corpus: the rows.
            independent: score each row by itself, also where the model reads rows as one running text.
        """
        raise NotImplementedError

    def explain_next(self, history: Int32s, words: Sequence[str], limit: int) -> list[Table]:
        """How the likeliest next words come by their probabilities; none where the model cannot say.

        Args:
            history: int32 (n,), closed ids of the row so far; END in front is its start mark.
            words: the word of each id.
            limit: how many next words are shown.
        """
        return []

    def spell(self, words: Sequence[str]) -> bool:
        """Prepare for words outside the vocabulary; False where the model reads them all as unknown."""
        return False


class FilterActivation(NamedTuple):
    """What one filter of an encoder responds to most in a row.

    Args:
        width: the tokens that the filter sees at once.
        filter: its number among those of its width.
        start: the first token of the span, counted from 0 in its row.
        end: one past the last; the span is shorter than ``width`` at the ends of a row.
        activation: the filter's value there.
    """

    width: int
    filter: int
    start: int
    end: int
    activation: float


class Explainable:
    """A model that can say what its predictions come from."""

    def explain(self, corpus: Corpus) -> list[list[FilterActivation]] | None:
        """The strongest filters of each row; None where the encoder has no filters."""
        raise NotImplementedError


class Vectorizer:
    """A model whose words have vectors."""

    def word_vectors(self) -> tuple[list[str], Float32s]:
        """The words that have a vector of their own, and these: (N, D).

        Of an embedding with a table of its own, all of it in its order; else the training words by falling
        frequency.
        """
        raise NotImplementedError

    def look_up(self, words: Sequence[str]) -> tuple[Float32s, Bools]:
        """The vectors of some words (Q, D), and which words have one (Q,)."""
        raise NotImplementedError
