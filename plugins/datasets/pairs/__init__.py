"""Pairs of texts with a known truth: copies, reversals, and two languages with different word order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge

from core.data.sources.base import SPLITS, Source
from core.errors import ConfigError
from plugins.datasets.pairs.languages import sentence

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = {"train": 6000, "dev": 500, "test": 1000}
SEED = 2014
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Pair = tuple[list[str], list[str]]


class Pairs(Source):
    """Rows and the one right answer to each, so the ceiling is 100."""

    def splits(self) -> tuple[str, ...]:
        """All three splits."""
        return SPLITS

    def pairs(self, split: str) -> list[Pair]:
        """The tokens of each row and of its answer."""
        raise NotImplementedError

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, as one batch of ``tokens`` and ``label``."""
        import pyarrow as pa

        rows, answers = zip(*self.pairs(split), strict=True)
        yield pa.RecordBatch.from_pydict({"tokens": list(rows), "label": [" ".join(words) for words in answers]})

    def fingerprint(self) -> str:
        """A hash of the source code of the generators and of the options."""
        text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
        return sha256(text + repr((type(self).__name__, sorted(vars(self).items()))).encode()).hexdigest()

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The answers themselves; see ``Source.oracle``."""
        return {"label": [" ".join(words) for _, words in self.pairs(split)]} if about == "row" else None


class Copy(Pairs):
    """Rows of random letters; the answer is the row.

    Args:
        shortest: the least number of letters of a row.
        longest: the largest number.

    Raises:
        ConfigError: the least number is above the largest.
    """

    backwards: ClassVar[bool] = False

    def __init__(
        self,
        data_dir: str | None = None,
        *,
        shortest: Annotated[int, Ge(1)] = 1,
        longest: Annotated[int, Ge(1)] = 10,
    ) -> None:
        if shortest > longest:
            what = f"no row has at least {shortest} and at most {longest} letters"
            raise ConfigError(
                what, where="data.shortest", remedy=f"choose at most {longest}, or raise data.longest"
            )
        self.shortest, self.longest = shortest, longest

    def pairs(self, split: str) -> list[Pair]:
        """Rows of every length equally often."""
        random = np.random.default_rng([SEED, SPLITS.index(split)])
        lengths = random.integers(self.shortest, self.longest + 1, ROWS[split])
        letters = iter(random.integers(0, len(LETTERS), int(lengths.sum())).tolist())
        rows = [[LETTERS[next(letters)] for _ in range(length)] for length in lengths.tolist()]
        return [(row, row[::-1] if self.backwards else row) for row in rows]


class Reversal(Copy):
    """Rows of random letters; the answer is the row backwards.

    Args:
        shortest: the least number of letters of a row.
        longest: the largest number.
    """

    backwards = True


class TwoLanguages(Pairs):
    """Sentences of a small language, and their translation into one with another word order and agreement.

    Adverbs move from the end of a clause to its beginning, verbs to its end, adjectives behind their noun, whose
    gender they and the article show; ``does not see`` is two words; one noun has a translation for each adjective.
    """

    def pairs(self, split: str) -> list[Pair]:
        """The sentences of a split."""
        return _sentences(split)


@cache
def _sentences(split: str) -> list[Pair]:
    """Random sentences; each split has its own seed."""
    random = np.random.default_rng([SEED, 3 + SPLITS.index(split)])
    return [sentence(random) for _ in range(ROWS[split])]
