"""``data=toy-relations``: sentences with two marked nouns, whose relation is drawn from a known distribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from plugins.datasets.synthetic.base import Batches, Synthetic

OTHER = "Other"
ACROSS = 0.25  # how often the marked nouns are in two clauses, and have no relation
NOUNS = (
    "engine wheel storm flood fire smoke virus fever cell wall book page author poem baker bread potter vase team "
    "player army soldier tree branch lamp bulb drought famine quake crack firm phone writer song house roof"
).split()
ADJECTIVES = "old new large small famous local broken quiet red heavy".split()
LINKS = ("while", "and", "because", ", but")
CAUSE, PART, MAKER = "Cause-Effect", "Part-Whole", "Maker-Product"
# what stands between the nouns -> the relation of the first to the second, and how probable it is; else Other
PATTERNS: dict[str, tuple[str, float]] = {
    "causes": (f"{CAUSE}(e1,e2)", 0.95),
    "leads to": (f"{CAUSE}(e1,e2)", 0.8),
    "is caused by": (f"{CAUSE}(e2,e1)", 0.95),
    "results from": (f"{CAUSE}(e2,e1)", 0.9),
    "is part of": (f"{PART}(e1,e2)", 0.95),
    "belongs to": (f"{PART}(e1,e2)", 0.7),
    "contains": (f"{PART}(e2,e1)", 0.9),
    "comes with": (f"{PART}(e2,e1)", 0.7),
    "makes": (f"{MAKER}(e1,e2)", 0.95),
    "is famous for": (f"{MAKER}(e1,e2)", 0.65),
    "is made by": (f"{MAKER}(e2,e1)", 0.95),
    "is the work of": (f"{MAKER}(e2,e1)", 0.85),
    "is near": (OTHER, 1.0),
    "stands behind": (OTHER, 1.0),
}


class Row(NamedTuple):
    """A sentence, the label that was drawn for it, and the most probable one."""

    text: str
    label: str
    best: str


class ToyRelations(Synthetic):
    """Two clauses of two nouns each, of which two nouns are marked.

    The words between two nouns of one clause make a relation probable, in one direction; nouns of different
    clauses have none. So the words alone do not tell the label: where the marks are does.

    Args:
        rows: the number of training rows; dev has a fifth of it and test two fifths.
    """

    salt = 2010

    def batches(self, split: str) -> Batches:
        """The rows of one split, as one batch of ``text`` and ``label``."""
        import pyarrow as pa

        rows = self.draw(split)
        columns = {"text": [row.text for row in rows], "label": [row.label for row in rows]}
        yield pa.RecordBatch.from_pydict(columns)

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The most probable label of each row; see ``Source.oracle``."""
        return {"label": [row.best for row in self.draw(split)]} if about == "row" else None

    def draw(self, split: str) -> list[Row]:
        """The rows of a split."""
        random = self.random(split)
        return [_sample(random) for _ in range(self.count(split))]


def _sample(random: np.random.Generator) -> Row:
    """One row."""
    patterns = [list(PATTERNS)[i] for i in random.integers(len(PATTERNS), size=2)]
    nouns = [NOUNS[i] for i in random.choice(len(NOUNS), 4, replace=False)]
    if random.random() < ACROSS:
        first, second, best, probability = int(random.integers(2)), 2 + int(random.integers(2)), OTHER, 1.0
    else:
        first = 2 * int(random.integers(2))
        second, (best, probability) = first + 1, PATTERNS[patterns[first // 2]]
    nouns[first], nouns[second] = f"<e1>{nouns[first]}</e1>", f"<e2>{nouns[second]}</e2>"
    phrases = [_phrase(noun, random) for noun in nouns]
    link = LINKS[random.integers(len(LINKS))]
    text = f"{phrases[0]} {patterns[0]} {phrases[1]} {link} {phrases[2]} {patterns[1]} {phrases[3]} ."
    return Row(text, best if random.random() < probability else OTHER, best)


def _phrase(noun: str, random: np.random.Generator) -> str:
    """A noun with up to two adjectives."""
    chosen: Sequence[str] = [ADJECTIVES[i] for i in random.integers(len(ADJECTIVES), size=random.integers(3))]
    return " ".join(["the", *chosen, noun])
