"""``data=sessions``: synthetic sessions of a shop whose distribution is known, for ``task=next-item``.

Each visitor has one of a few tastes, which nobody sees. The next item of a session is one of those before it
(bought again), else one that goes with the last item, else one of the visitor's taste. The best prediction keeps
the probability of each taste given the items so far, by Bayes' rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.sources.base import SPLITS, Source
from core.kinds.ranks import rank
from core.types import Float64s, Int32s, Int64s

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = {"train": 6000, "dev": 1000, "test": 2000}
SEED = 1995
ITEMS, TASTES, PARTNERS = 200, 4, 3
AGAIN, TOGETHER = 0.25, 0.4  # P(an item again), else P(one that goes with the last)
LEAST, STOP = 2, 0.12  # items of the shortest session; P(the end) after that many
DIGITS = 12  # to which probabilities are rounded, so that items of equal probability are tied
CHUNK = 500  # rows at a time: a chunk takes CHUNK x ITEMS numbers


@dataclass(frozen=True, eq=False)
class Shop:
    """P(next item | the session so far) in parts.

    Args:
        taste: float64 (C, V), P(item | taste), each row sums to 1.
        partner: float64 (V, V), P(item | it goes with this one), each row sums to 1.
    """

    taste: Float64s
    partner: Float64s


@cache
def shop() -> Shop:
    """The shop: each taste prefers other items, and each item has a few that go with it."""
    random = np.random.Generator(np.random.PCG64(SEED))
    taste, partner = np.zeros((TASTES, ITEMS)), np.zeros((ITEMS, ITEMS))
    for row in taste:
        row[np.argsort(random.random(ITEMS), kind="stable")] = 1.0 / (np.arange(ITEMS) + 4)
    for item, row in enumerate(partner):
        others = np.argsort(random.random(ITEMS), kind="stable")
        row[others[others != item][:PARTNERS]] = 1.0 / (np.arange(PARTNERS) + 1)
    return Shop(taste / taste.sum(1, keepdims=True), partner / partner.sum(1, keepdims=True))


class _Step:
    """Sessions of equal age: what is known of each.

    Args:
        rows: their number.
    """

    def __init__(self, rows: int) -> None:
        self.shop, self.age = shop(), 0
        self.counts = np.zeros((rows, ITEMS))  # of the items so far
        self.last = np.zeros(rows, dtype=np.int64)

    def by_taste(self, active: Int64s) -> Float64s:
        """P(next item | the session so far, taste) of some sessions: (C, n, V)."""
        if not self.age:
            return np.repeat(self.shop.taste[:, None], len(active), 1)
        again = self.counts[active] / self.age  # (n, V)
        new = TOGETHER * self.shop.partner[self.last[active]] + (1 - TOGETHER) * self.shop.taste[:, None]
        return AGAIN * again + (1 - AGAIN) * new

    def add(self, active: Int64s, items: Int64s) -> None:
        """One more item in each of some sessions."""
        self.counts[active, items] += 1
        self.last[active] = items
        self.age += 1

    @property
    def stop(self) -> float:
        """P(the session ends here)."""
        return STOP if self.age >= LEAST else 0.0


@cache
def sample_split(split: str) -> tuple[Int32s, Int64s]:
    """The items of all rows of a split (N,), and where each row starts and ends (R + 1,)."""
    random, rows = np.random.Generator(np.random.PCG64([SEED, SPLITS.index(split)])), ROWS[split]
    tastes, active = np.floor(random.random(rows) * TASTES).astype(np.int64), np.arange(rows)
    step, parts = _Step(rows), list[tuple[Int64s, Int64s]]()
    while len(active):
        sums = np.cumsum(step.by_taste(active)[tastes[active], np.arange(len(active))], 1)  # (n, V)
        items = (sums <= random.random(len(active))[:, None] * sums[:, -1:]).sum(1).clip(max=ITEMS - 1)
        parts.append((active, items))
        step.add(active, items)
        active = active[random.random(len(active)) >= step.stop]
    row, item = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(row, kind="stable")  # by row, then by time
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int64)
    return item[order].astype(np.int32), offsets


@cache
def truth(split: str) -> dict[str, Any]:
    """``log_prob``, ``above`` and ``ties`` of each item and the end of each row: (N + R,) each."""
    items, offsets = sample_split(split)
    size = len(items) + len(offsets) - 1
    found: dict[str, Any] = {"log_prob": np.zeros(size), "above": np.zeros(size, dtype=np.int32)}
    found["ties"] = np.ones(size, dtype=np.int32)
    for first in range(0, len(offsets) - 1, CHUNK):
        begin, ends = offsets[:-1][first : first + CHUNK], offsets[1:][first : first + CHUNK]
        step, posterior = _Step(len(begin)), np.full((TASTES, len(begin)), 1 / TASTES)
        numbers = np.arange(first, first + len(begin))  # one end of row before each, so many places further
        active = np.arange(len(begin))
        while len(active):
            at = begin[active] + step.age
            right, by_taste = items[at].astype(np.int64), step.by_taste(active)  # (C, n, V)
            probabilities = np.einsum("cn,cnv->nv", posterior[:, active], by_taste)  # (n, V)
            each = np.arange(len(active))
            place = at + numbers[active]
            found["log_prob"][place] = np.log((1 - step.stop) * probabilities[each, right])
            found["above"][place], found["ties"][place] = rank(np.round(probabilities, DIGITS), right)
            posterior[:, active] *= by_taste[:, each, right]
            posterior /= posterior.sum(0)
            step.add(active, right)
            ended = begin[active] + step.age == ends[active]
            done = active[ended]
            found["log_prob"][ends[done] + numbers[done]] = np.log(step.stop or 1)
            active = active[~ended]
    return found


class Sessions(Source):
    """Sessions of a shop with 200 items: some are bought again, some go with the last, some follow a taste."""

    def splits(self) -> tuple[str, ...]:
        """All three splits."""
        return SPLITS

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, as one batch of ``tokens``."""
        import pyarrow as pa

        items, offsets = sample_split(split)
        names = pa.array([f"item{number:03d}" for number in range(ITEMS)])
        tokens = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), names.take(pa.array(items)))
        yield pa.RecordBatch.from_pydict({"tokens": tokens})

    def fingerprint(self) -> str:
        """A hash of the source code of the generator."""
        return sha256(Path(__file__).read_bytes()).hexdigest()

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The best possible predictions of the text and of the next items; see ``Source.oracle``."""
        if about == "text":
            return {"log_prob": truth(split)["log_prob"]}
        return dict(truth(split)) if about == "item" else None
