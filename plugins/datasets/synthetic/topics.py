"""``data=toy-topics``: documents about one of six topics, of any length."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from annotated_types import Ge

from core.errors import ConfigError
from core.types import Float64s, Int64s
from plugins.datasets.synthetic.base import Batches, Synthetic, token_lists, words, zipf

TOPICS = ("arts", "business", "health", "science", "sport", "travel")
WORDS, OWN = 2000, 60  # of the vocabulary; of each topic
EXTRA = 0.06  # the share of a document's words that its topic adds
PIECE = 1 << 22  # tokens drawn at a time


class Sample(NamedTuple):
    """The rows of a split."""

    lengths: Int64s  # (R,)
    words: Int64s  # (N,)
    topics: Int64s  # (R,)


class ToyTopics(Synthetic):
    """Documents of independent words, of which 94 percent are drawn alike for all topics.

    Each word says little; a whole document decides its topic nearly always, the first words of it do not.

    Args:
        rows: the number of training rows; dev has a fifth of it and test two fifths.
        shortest: words in the shortest document.
        longest: words in the longest document; lengths between the two are equally likely.
    """

    salt = 91

    def __init__(
        self,
        *,
        rows: Annotated[int, Ge(5)] = 600,
        shortest: Annotated[int, Ge(1)] = 40,
        longest: Annotated[int, Ge(1)] = 160,
    ) -> None:
        super().__init__(rows=rows)
        if shortest > longest:
            what = f"the shortest document has {shortest} words, the longest {longest}"
            raise ConfigError(what, where="data.shortest", remedy="make it no larger than data.longest")
        self.shortest, self.longest = shortest, longest

    def options(self) -> list[Any]:
        """The number of rows and their lengths."""
        return [self.rows, self.shortest, self.longest]

    def draw(self, split: str) -> Sample:
        """The rows of a split."""
        random, rows = self.random(split), self.count(split)
        lengths = random.integers(self.shortest, self.longest + 1, rows)
        topics = random.integers(0, len(TOPICS), rows)
        edges = np.cumsum(distributions(), axis=1)  # (K, WORDS)
        owner, drawn = np.repeat(topics, lengths), random.random(int(lengths.sum()))
        ids = np.empty(len(drawn), dtype=np.int64)
        for topic in range(len(TOPICS)):
            ids[owner == topic] = np.searchsorted(edges[topic], drawn[owner == topic], side="right")
        return Sample(lengths, np.minimum(ids, WORDS - 1), topics)

    def batches(self, split: str) -> Batches:
        """The rows of one split, as batches of ``tokens`` and ``label``."""
        import pyarrow as pa

        sample, names = self.draw(split), pa.array(vocabulary())
        ends = np.cumsum(sample.lengths)
        for rows in np.array_split(np.arange(len(ends)), max(1, int(ends[-1]) // PIECE)):
            lengths = sample.lengths[rows]
            part = sample.words[ends[rows[0]] - lengths[0] : ends[rows[-1]]]
            labels = pa.array(TOPICS).take(pa.array(sample.topics[rows]))
            tokens = token_lists(lengths, names.take(pa.array(part)))
            yield pa.RecordBatch.from_pydict({"tokens": tokens, "label": labels})

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The topic under which a document is most probable; see ``Source.oracle``."""
        if about != "row":
            return None
        sample, log_probs = self.draw(split), np.log(distributions())
        starts = np.cumsum(sample.lengths) - sample.lengths
        scores = np.stack([np.add.reduceat(own[sample.words], starts) for own in log_probs])  # (K, R)
        return {"label": [TOPICS[topic] for topic in scores.argmax(axis=0)]}


@cache
def distributions() -> Float64s:
    """P(word | topic): float64 (K, WORDS)."""
    random, common = np.random.default_rng(92), zipf(WORDS)
    found = np.tile((1 - EXTRA) * common, (len(TOPICS), 1))
    for own in found:
        own[random.permutation(np.arange(20, WORDS))[:OWN]] += EXTRA / OWN
    return found


@cache
def vocabulary() -> list[str]:
    """The words, the most frequent first."""
    return words(WORDS, 93)
