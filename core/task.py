"""A task: what is predicted, on which events, and how it is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge

from core.data.corpus import Corpus
from core.row_sums import RowSums
from core.types import Arrays, Lookup, Question, Table


class Task:
    """The base class of tasks: a kind, metrics, the primary metric and defaults.

    Args:
        tokens: how raw text is cut: at white space, into characters, or into words by rules
            (``core.data.tokenizer``).
        min_count: rarer training words count as unknown.
        vocab_size: the largest number of ids, ``</s>`` and ``<unk>`` included; none for no bound.
    """

    kind: ClassVar[str]
    primary: ClassVar[str]
    minimize: ClassVar[bool] = False  # whether a smaller value of the primary metric is better
    minimized: ClassVar[tuple[str, ...]] = ()  # the other metrics of which a smaller value is better
    probabilistic: ClassVar[tuple[str, ...]] = ()  # metrics that need normalized probabilities
    defaults: ClassVar[dict[str, Any]] = {}  # dotted keys -> values, applied where a run has the key
    scheme: str = ""  # kind ``token``: of labels that mark spans, the scheme that they are converted to
    rule: str = ""  # how answers are scored, where an option decides it: such scores never share a table
    mode: str = "sentence"  # kind ``next``: rows are read alone (``sentence``) or as one text (``stream``)
    end: bool = True  # kind ``next``: whether the end of a row is scored
    # what becomes of the marks of two spans per row, if it has such
    marks: Literal["hidden", "tokens"] | None = None
    # kind ``item``: whether each item after the first of its row is scored, or the ``last``
    positions: str = "all"
    k: int = 10  # kind ``item``: how many of the first items hit@k and NDCG@k look at
    warmup: int = 0  # stream mode: tokens read but not scored before a stream that starts inside the text

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
            predictions: one entry per event, as the heads return them (see ``core.counting.base.CountHead``).
            corpus: the split with its true answers.

        Returns:
            Metric -> value; shares are in percent.
        """
        raise NotImplementedError

    def row_sums(self, metric: str, predictions: Arrays, corpus: Corpus) -> RowSums | None:
        """What each row adds to a metric, so that it can be computed again on resampled rows.

        The default, None, is right for shares of right events, losses, perplexity and macro F1, which are
        recognised by their values; any other metric of rows is computed again without parts of the rows.

        Args:
            metric: its name.
            predictions: as for ``metrics``.
            corpus: the split with its true answers.
        """
        return None

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """A hash of the content of the files that the constructor options name; None without such files."""
        return None

    def questions(self) -> Sequence[Question]:
        """Kind ``vector``: the events, one per row of the corpus that ``answer`` and ``metrics`` get, in order."""
        raise NotImplementedError

    def answer(self, corpus: Corpus, vectors: Lookup) -> Arrays:
        """Kind ``vector``: answer the questions from word vectors.

        Args:
            corpus: the words of the questions, one row per question.
            vectors: open ids (n,) -> vectors float32 (n, D), and which words have one of their own, bool (n,).

        Returns:
            Predictions for ``metrics``, one entry per question.
        """
        raise NotImplementedError

    def signatures(self) -> dict[str, str]:
        """Metric -> how a library computes it, in that library's own words, for the record."""
        return {}

    def score(self, predictions: Arrays, corpus: Corpus, normalized: bool = True) -> dict[str, float]:
        """The metrics; those in ``probabilistic`` are NaN where predictions are not ``normalized`` to sum to 1."""
        undefined = () if normalized else self.probabilistic
        return {n: float("nan") if n in undefined else v for n, v in self.metrics(predictions, corpus).items()}

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """Tables for a full report, in addition to the metrics; none by default.

        Args:
            predictions: as for ``metrics``.
            corpus: the split with its true answers.
        """
        return []
