"""``data=toy``: a synthetic language whose distribution is known, so that scores can be compared with the best."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.sources.base import SPLITS, Source
from core.types import Bools
from plugins.datasets.toy import spans
from plugins.datasets.toy.grammar import sets_number, shows_number
from plugins.datasets.toy.hmm import Sample, language, sample
from plugins.datasets.toy.oracle import Posteriors, best, posteriors
from plugins.datasets.toy.places import word_truth

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = {"train": 6000, "dev": 1000, "test": 2000}
SEED = 2003
CERTAIN = 0.99  # a tag is certain if its probability is above this
OPEN = 0.80  # a tag is open if no probability reaches this


class Toy(Source):
    """Sentences about likes and dislikes, from a class-conditional hidden Markov model of a few hundred words.

    A verb agrees in number with its subject, across any number of phrases. Some words are noun or verb depending
    on the words after them, others depending on the words before. A negator reverses every later sentiment word
    in its clause.
    """

    def splits(self) -> tuple[str, ...]:
        """All three splits."""
        return SPLITS

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, as one batch.

        Columns: ``tokens``, ``labels`` (tags), ``spans`` (entities) and ``label`` (the class).
        """
        import pyarrow as pa

        model, rows = language(), sample_split(split)
        offsets = pa.array(rows.offsets.astype(np.int32))
        tokens = pa.array(model.words).take(pa.array(rows.words))
        tags = pa.array(model.tags).take(pa.array(model.tag[rows.states]))
        entities = pa.array(_entities(split))
        yield pa.RecordBatch.from_pydict(
            {
                "tokens": pa.ListArray.from_arrays(offsets, tokens),
                "labels": pa.ListArray.from_arrays(offsets, tags),
                "spans": pa.ListArray.from_arrays(offsets, entities),
                "label": pa.array(model.classes).take(pa.array(rows.classes)),
            }
        )

    def fingerprint(self) -> str:
        """A hash of the source code of the grammar and the generator."""
        text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
        return sha256(text).hexdigest()

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The best possible predictions; see ``Source.oracle``."""
        if about == "spans":  # whole rows leave no doubt about them; readers of the left side have doubts
            return {"label": _entities(split)} if sees == "both" else None
        if about == "word":
            return word_oracle(split, ahead=sees == "both")
        model, known = language(), truth(split, ahead=about == "token" and sees == "both")
        if about == "text":
            return {"log_prob": known.log_prob}
        if about == "token":
            return {"label": best(known.left if sees == "left" else known.both, model.tags)}
        return {"label": best(known.classes, model.classes)} if about == "row" else None

    def marks(self, split: str) -> dict[str, Bools]:
        """The tokens that need a particular context: bool (N,) each, aligned with the tokens (no END).

        Returns:
            ``right``: a tag that is certain given the whole row and open given the words up to it; ``left``: a tag
            that is certain given the words up to it and open given the words from it on; ``agreement``: a verb
            whose subject noun is at least three words before it.
        """
        model, rows, known = language(), sample_split(split), truth(split)
        left, both, right = (p.max(axis=1) for p in (known.left, known.both, known.right))
        verb, head = (
            np.array([test(s) for s in model.states])[rows.states] for test in (shows_number, sets_number)
        )
        here = np.arange(len(verb))
        distance = here - np.maximum.accumulate(np.where(head, here, -1))
        return {
            "right": (left < OPEN) & (both > CERTAIN),
            "left": (right < OPEN) & (left > CERTAIN),
            "agreement": verb & (distance >= 3),
        }


def _entities(split: str) -> list[str]:
    """The labels of the entities of a split."""
    rows = sample_split(split)
    return spans.labels(spans.types(language())[rows.states], rows.offsets)


@cache
def sample_split(split: str) -> Sample:
    """The rows of a split; each split has its own seed."""
    return sample(language(), ROWS[split], [SEED, SPLITS.index(split)])


@cache
def word_oracle(split: str, *, ahead: bool) -> dict[str, Any]:
    """The best predictions of the word at each place; see ``Source.oracle``."""
    known = word_truth(language(), sample_split(split), ahead=ahead)
    words = language().words
    return {"word": [words[i] for i in known.pop("best").tolist()], **known}


@cache
def truth(split: str, *, ahead: bool = True) -> Posteriors:
    """The posteriors of the rows of a split; see ``posteriors``."""
    return posteriors(language(), sample_split(split), ahead=ahead)
