"""Cloze: fill in the word at each place from the words around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from core.data.corpus import Corpus
from core.data.vocab import UNK
from core.evaluation import metrics
from core.kinds.ranks import reciprocals
from core.task import Task
from core.types import Array, Arrays, Table


class Cloze(Task):
    """The word at each place, from the words on both sides of it (Taylor, 1953); scored by accuracy.

    Each word of a row is a place in turn, and the other words are read. ``predict`` fills the places that are
    marked by ``___`` or ``[MASK]``.
    """

    kind = "cloze"
    primary = "accuracy"
    minimized = ("perplexity",)
    probabilistic = ("perplexity",)
    defaults: ClassVar[dict[str, Any]] = {"embedding.word_dropout": "0"}  # every input word is a trained word

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """Accuracy, the mean reciprocal rank of the right word (in percent), and the perplexity of the words.

        Where some words are unknown, also the accuracy over the others: ``<unk>`` is an answer, and easy to guess
        where it is frequent.
        """
        gold = _gold(corpus)
        values = {
            "accuracy": metrics.accuracy(gold, predictions["word"]),
            "mrr": 100.0 * float(reciprocals(predictions).mean()) if len(gold) else float("nan"),
            "perplexity": metrics.perplexity(predictions["log_prob"]),
        }
        if (gold == UNK).any():
            values["known"] = metrics.accuracy(gold, predictions["word"], gold != UNK)
        return values

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """The accuracy by the frequency of the right word in training."""
        gold, counts = _gold(corpus), corpus.vocab.counts
        bounds, rows = (1, 10, 100, 1000, 10_000), list[tuple[str | int | float, ...]]()
        for low, high in zip(bounds, (*bounds[1:], None), strict=True):
            inside = (counts[gold] >= low) & (counts[gold] < high if high else True) & (gold != UNK)
            if inside.any():
                some = {name: predictions[name][inside] for name in ("above", "ties", "log_prob")}
                title = f"{low:,} to {high - 1:,}" if high else f"{low:,} or more"
                right = metrics.accuracy(gold[inside], predictions["word"][inside])
                mrr, perplexity = 100 * float(reciprocals(some).mean()), metrics.perplexity(some["log_prob"])
                rows.append((title, int(inside.sum()), right, mrr, perplexity))
        return [Table("words by training count", ("count", "places", "accuracy", "MRR", "perplexity"), rows)]


def _gold(corpus: Corpus) -> Array:
    """The right words: (N,)."""
    return corpus.closed.values[corpus.tokens.inner]
