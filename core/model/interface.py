"""The interface between the runner and a model of any family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from core.data.corpus import Corpus
from core.model.context import Context
from core.model.runtime import Runtime
from core.types import Arrays, Bools, Float32s, Floats, Int32s, Note, Table


class Model:
    """A model of one task; it can predict once it is fitted or restored.

    The base of whole models, which plugins register with ``family="model"``. Positional parameters of their
    constructors are what core supplies, those that are needed of ``kind``, ``task``, ``vocab`` and ``labels``;
    keyword-only ones are the options ``encoder.*``.
    """

    family: ClassVar[str] = "model"
    folder: ClassVar[str] = "model"  # in the folder of a run, where ``save`` writes; created before
    seeded: ClassVar[bool] = True  # whether what it learns depends on the seed of the run; see also ``is_seeded``
    status: str = "untrained"  # then ``finished`` or ``interrupted``

    def __init__(self) -> None:
        self.history: list[dict[str, Any]] = []  # the learning curve, one plain row per epoch
        self.chosen: dict[str, Any] = {}  # dotted keys that were ``auto`` -> the values that were used

    @classmethod
    def compile(cls) -> None:
        """Import or compile what the model needs, once per process, so that no run's timing includes it."""

    @classmethod
    def is_seeded(cls, options: Mapping[str, Any]) -> bool:
        """Whether what a model with these options learns depends on the seed; if not, it is trained for one only.

        Args:
            options: all of its options.
        """
        return cls.seeded is not False

    @property
    def normalized(self) -> bool:
        """Whether its scores are probabilities."""
        return True

    @property
    def parameters(self) -> int:
        """The number of learned values."""
        raise NotImplementedError

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Learn from train; decide on dev."""
        raise NotImplementedError

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """Predict each event of the kind of task.

        Args:
            corpus: the rows.
            probabilities: whether ``log_probs`` of all labels are asked for, where they are not always there.

        Returns:
            Kind ``next``: ``log_prob`` float (N,), aligned with ``corpus.tokens.values`` (END included).
            Kind ``token``: ``label`` int32 (N - R,), a label id (>= FIRST) for each token except END, in order;
            if asked for ``log_probs`` float (N - R, labels - FIRST), natural logs, each token's normalised.
            Kind ``sequence``: ``label`` int32 (R,), and ``log_probs`` float (R, labels - FIRST), normalised.
            Kind ``transduce``: ``output`` and ``aligned`` int32 (R, L), and ``log_prob`` float (R,) where it is
            known; see ``core.kinds.transduction``.
            Kind ``vector``: the answers of the task.
        """
        raise NotImplementedError

    def notes(self, corpus: Corpus) -> list[Note]:
        """What the user should know about how the model reads these rows."""
        return []

    def save(self, folder: Path) -> None:
        """Write what was learned into a folder, without pickle; its other files are not to be touched.

        Raises:
            StoreError: it cannot be written.
        """
        raise NotImplementedError

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """Read what ``save`` wrote, to run as ``runtime`` says.

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

    def prepare(self, words: Sequence[str]) -> Any:
        """What the model needs to read open words, for ids ``vocab.size + i``; None: it reads them as unknown."""
        return None

    def next_log_probs(self, histories: Int32s, prepared: Any = None) -> Floats:
        """The distribution of the next token after each history.

        Args:
            histories: int32 (B, n), right-aligned ids; ids before the last END are ignored, and a history
                without END starts its row.
            prepared: what ``prepare`` returned for the open words among the ids; without it all are closed.

        Returns:
            float (B, vocab.size), natural logs.
        """
        raise NotImplementedError

    def advance(self, histories: Int32s, tokens: Int32s, carry: Any, prepared: Any = None) -> tuple[Floats, Any]:
        """The distribution after more tokens of each row, from a carried state if the model has one.

        Args:
            histories: int32 (B, n), all ids so far, including the new ones.
            tokens: int32 (B, t), the new ids.
            carry: the carry that the previous call returned; None at the start.
            prepared: see ``next_log_probs``.

        Returns:
            float (B, vocab.size), natural logs, and the carry; None from a model that carries nothing.
        """
        return self.next_log_probs(histories, prepared), None

    def score(self, corpus: Corpus, *, independent: bool) -> Floats:
        """The log-probability of each token, including END: float (N,).

        With ``independent`` each row is scored alone, even if the model reads rows as one running text.
        """
        raise NotImplementedError

    def explain_next(self, history: Int32s, words: Sequence[str], limit: int) -> list[Table]:
        """Explain the probabilities of the ``limit`` most likely next words; empty if the model cannot.

        ``history``, int32 (n,), are the closed ids of the row so far, END in front being its start mark; ``words``
        are in id order.
        """
        return []


class FilterActivation(NamedTuple):
    """What one filter of an encoder responds to most in a row."""

    width: int  # the number of tokens that the filter sees at once
    filter: int  # its number among the filters of this width
    start: int  # the first token of the span, counted from 0 in its row
    end: int  # one past the last; the span is shorter than ``width`` at the ends of a row
    activation: float  # the filter's value there


class Explainable:
    """A model that can explain its predictions."""

    def explain(self, corpus: Corpus) -> list[list[FilterActivation]] | None:
        """The strongest filters of each row; None if the encoder has no filters."""
        raise NotImplementedError


class Attention(NamedTuple):
    """Where the words of one output come from.

    Args:
        source: the T_in tokens of the row.
        output: the T_out tokens of the output, as they are written; the last one is ``</s>`` unless the output was
            cut at its greatest length.
        weights: float32 (T_out, T_in), how much each token of the output attends to each of the row; each line
            sums to 1, except that it is 0 where nothing is attended to.
    """

    source: list[str]
    output: list[str]
    weights: Float32s


class Attentive:
    """A model of kind ``transduce`` that knows where the words of its outputs come from."""

    def attention(self, corpus: Corpus) -> list[Attention] | None:
        """The attention of each row, for the output that ``predict`` gives; None if the model has none."""
        raise NotImplementedError


class Vectorizer:
    """A model whose words have vectors."""

    def word_vectors(self) -> tuple[list[str], Float32s]:
        """The words with a vector of their own, and these: (N, D).

        They are the whole table of an embedding that has one, in its order (of several the words of all tables);
        else the training words by falling frequency.
        """
        raise NotImplementedError

    def look_up(self, words: Sequence[str]) -> tuple[Float32s, Bools]:
        """The vectors of some words (Q, D), and which words have one (Q,)."""
        raise NotImplementedError
