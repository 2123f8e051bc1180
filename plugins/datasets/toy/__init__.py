"""``data=toy``: a language with a known truth, embedded, so that a score can be read beside the best possible."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.data.sources.base import SPLITS, Source
from plugins.datasets.toy.grammar import sets_number, shows_number
from plugins.datasets.toy.hmm import Sample, language, sample
from plugins.datasets.toy.oracle import Posteriors, best, posteriors

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = {"train": 6000, "dev": 1000, "test": 2000}
SEED = 2003
SURE = 0.99  # a reader knows a tag whose probability is at least this
OPEN = 0.80  # a reader does not know a tag where no tag's probability reaches this


class Toy(Source):
    """Sentences about likes and dislikes, from a class-conditional hidden Markov model of a few hundred words.

    A verb agrees in number with a subject that may stand any number of phrases before it; some words are noun
    or verb by what follows alone, others by what came before alone; a negator turns every later word of feeling
    in its clause.
    """

    def splits(self) -> tuple[str, ...]:
        """All three."""
        return SPLITS

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, as one batch of ``tokens``, ``labels`` (tags) and ``label`` (the class)."""
        import pyarrow as pa

        model, rows = language(), drawn(split)
        offsets = pa.array(rows.offsets.astype(np.int32))
        tokens = pa.array(model.words).take(pa.array(rows.words))
        tags = pa.array(model.tags).take(pa.array(model.tag[rows.states]))
        yield pa.RecordBatch.from_pydict(
            {
                "tokens": pa.ListArray.from_arrays(offsets, tokens),
                "labels": pa.ListArray.from_arrays(offsets, tags),
                "label": pa.array(model.classes).take(pa.array(rows.classes)),
            }
        )

    def fingerprint(self) -> str:
        """A hash of the grammar's and the generator's source."""
        text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
        return sha256(text).hexdigest()

    def oracle(self, kind: str, split: str, sees: str) -> dict[str, Any] | None:
        """The best predictions that are possible (see ``Source.oracle``)."""
        model, known = language(), truth(split)
        if kind == "next":
            return {"log_prob": known.log_prob}
        if kind == "token":
            return {"label": best(known.left if sees == "left" else known.both, model.tags)}
        return {"label": best(known.classes, model.classes)} if kind == "sequence" else None

    def marks(self, split: str) -> dict[str, npt.NDArray[np.bool_]]:
        """Where the language asks for something in particular: bool (N,) each, aligned with the tokens (no END).

        Returns:
            ``right``: a tag that the words after it decide and those up to it leave open; ``left``: one that
            those before it decide and those from it on leave open; ``agreement``: a verb whose subject's noun
            stands at least three words before it.
        """
        model, rows, known = language(), drawn(split), truth(split)
        left, both, right = (p.max(axis=1) for p in (known.left, known.both, known.right))
        verb, head = (
            np.array([test(s) for s in model.states])[rows.states] for test in (shows_number, sets_number)
        )
        here = np.arange(len(verb))
        distance = here - np.maximum.accumulate(np.where(head, here, -1))
        return {
            "right": (left < OPEN) & (both > SURE),
            "left": (right < OPEN) & (left > SURE),
            "agreement": verb & (distance >= 3),
        }


@cache
def drawn(split: str) -> Sample:
    """The rows of a split; each split has a seed of its own."""
    return sample(language(), ROWS[split], [SEED, SPLITS.index(split)])


@cache
def truth(split: str) -> Posteriors:
    """What can be known of the rows of a split."""
    return posteriors(language(), drawn(split))
