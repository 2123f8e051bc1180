"""A task: what is predicted, on which events, and how it is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge

from core.data.corpus import Corpus
from core.types import Arrays, Lookup, Question, Table


class Task:
    """What a task says; most are ten lines: a kind, the metrics, the primary one, defaults.

    Args:
        tokens: how raw text becomes tokens: at white space, a character each, or words by the rules of a
            tokeniser (``core.data.tokenizer``).
        min_count: training words that are rarer count as unknown.
        vocab_size: at most so many ids, ``</s>`` and ``<unk>`` included; none for no bound.
    """

    kind: ClassVar[str]
    primary: ClassVar[str]
    minimize: ClassVar[bool] = False
    probabilistic: ClassVar[tuple[str, ...]] = ()  # the metrics that only a distribution has, no mere score
    defaults: ClassVar[dict[str, Any]] = {}  # dotted keys -> values, for the sections that take them
    mode: str = "sentence"  # how rows are read: each alone, or as one running text (kind ``next``)
    end: bool = True  # whether the end of a row is an event (kind ``next``)
    warmup: int = 0  # stream mode: tokens read and not scored before a stream that starts inside the text

    def __init__(
        self,
        *,
        tokens: Literal["space", "char", "words"] = "space",
        min_count: Annotated[int, Ge(1)] = 1,
        vocab_size: Annotated[int, Ge(3)] | None = None,
    ) -> None:
        self.tokens, self.min_count, self.vocab_size = tokens, min_count, vocab_size

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Score predictions.

        Args:
            predictions: one entry an event, as the heads return them (see ``core.counting.base.CountHead``).
            corpus: the split with its true answers.

        Returns:
            Metric -> value; shares are in percent.
        """
        raise NotImplementedError

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """A hash of the content of the files that the options name, so that other content is another run.

        Args:
            options: those of the constructor.

        Returns:
            None where no file is read, or it is not there.
        """
        return None

    def questions(self) -> Sequence[Question]:
        """Kind ``vector``: the events, which the task brings along, whatever the data.

        Returns:
            One a row of the corpus that ``answer`` and ``metrics`` are given, in order.
        """
        raise NotImplementedError

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """Kind ``vector``: what vectors say to the questions.

        Args:
            corpus: a row a question, its words.
            vectors: open ids (n,) -> vectors float32 (n, D), and which words have one of their own, bool (n,).

        Returns:
            Predictions for ``metrics``, one entry a question.
        """
        raise NotImplementedError

    def score(self, predictions: Arrays, corpus: Corpus, normalized: bool = True) -> dict[str, float]:
        """The metrics, NaN for those that the predictions cannot have.

        Args:
            predictions: as for ``metrics``.
            corpus: the split with its true answers.
            normalized: whether what was predicted sums to 1.
        """
        undefined = () if normalized else self.probabilistic
        return {n: float("nan") if n in undefined else v for n, v in self.metrics(predictions, corpus).items()}

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """What a full report shows beside the metrics; optional.

        Args:
            predictions: as for ``metrics``.
            corpus: the split with its true answers.

        Returns:
            Tables of plain values, none by default.
        """
        return []
