"""What the synthetic data sets share: splits with seeds of their own, made-up words, a hash of the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Ge

from core.data.sources.base import SPLITS, Source
from core.types import Float64s, Int64s

if TYPE_CHECKING:
    import pyarrow as pa

ONSETS, VOWELS = "b d f g k l m n p r s t v z".split(), "a e i o u".split()
SHARES = {"train": 1.0, "dev": 0.2, "test": 0.4}  # of ``rows``


class Synthetic(Source):
    """Rows drawn from a known distribution, the same every time.

    Args:
        rows: the number of training rows; dev has a fifth of it and test two fifths.
    """

    salt = 0  # another one for each data set, so that their random numbers differ

    def __init__(self, *, rows: Annotated[int, Ge(5)] = 3000) -> None:
        self.rows = rows

    def splits(self) -> tuple[str, ...]:
        """All three splits."""
        return SPLITS

    def count(self, split: str) -> int:
        """The number of rows of a split."""
        return int(self.rows * SHARES[split])

    def random(self, split: str) -> np.random.Generator:
        """The random numbers of a split; those of training do not depend on the number of rows of others."""
        return np.random.default_rng([self.salt, SPLITS.index(split)])

    def options(self) -> list[Any]:
        """The options that decide the rows."""
        return [self.rows]

    def fingerprint(self) -> str:
        """A hash of the source code and of the options."""
        text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
        return sha256(text + repr([type(self).__name__, *self.options()]).encode()).hexdigest()


def words(count: int, seed: int) -> list[str]:
    """Distinct pronounceable words of two or three syllables."""
    random = np.random.default_rng(seed)
    syllables = [onset + vowel for onset in ONSETS for vowel in VOWELS]
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(random.choice(syllables, 2 + int(random.random() < 0.5)))] = None
    return list(found)


def zipf(count: int, exponent: float = 1.0) -> Float64s:
    """Probabilities that fall with the rank, as those of words do (Zipf, 1949): float64 (count,)."""
    weights = 1 / np.arange(1, count + 1) ** exponent
    return np.asarray(weights / weights.sum())


def token_lists(lengths: Int64s, tokens: Sequence[str]) -> pa.Array:
    """Tokens as one list per row: lengths int64 (R,)."""
    import pyarrow as pa

    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(tokens, pa.string()))


Batches = Iterator["pa.RecordBatch"]
