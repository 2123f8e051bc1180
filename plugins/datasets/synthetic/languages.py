"""``data=toy-languages``: texts in eight made-up languages, some of them close relatives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from core.types import Array, Float64s
from plugins.datasets.synthetic.base import Batches, Synthetic

# name -> letters, and the language that it is close to, if any
LANGUAGES: dict[str, tuple[str, str]] = {
    "aldan": ("abdefghiklmnoprstuv", ""),
    "aldur": ("abdefghiklmnoprstuv", "aldan"),
    "ersic": ("aäbdeéghiklmnoöprstuü", ""),
    "erzin": ("aäbdeéghiklmnoöprstuü", "ersic"),
    "kovra": ("абвгдежзиклмнопрсту", ""),
    "kovik": ("абвгдежзиклмнопрсту", "kovra"),
    "thelo": ("αβγδεζηθικλμνοπρστ", ""),
    "minwa": ("一人大天山川日月木水火田目白石竹", ""),
}
SHORTEST, LONGEST = 8, 40  # characters per text
SPACE = 0.18  # the probability of a space after a letter
CLOSE = 0.35  # how much of a relative's letter pairs is its own
FLAT = 0.25  # concentration of the probabilities of letters after a letter; smaller is more regular


class Chain(NamedTuple):
    """The letter pairs of a language, the space being the last letter.

    Args:
        letters: the A letters.
        start: float64 (A,).
        move: float64 (A, A), P(next letter | letter).
    """

    letters: str
    start: Float64s
    move: Float64s


class ToyLanguages(Synthetic):
    """Texts of 8 to 40 characters: each letter depends on the one before it.

    Three pairs of languages share their letters and most of their letter pairs, so that some short texts cannot be
    told apart; the ceiling is exact.
    """

    salt = 61

    def batches(self, split: str) -> Batches:
        """The rows of one split, as one batch of ``text`` and ``label``."""
        import pyarrow as pa

        texts, labels = draw(self.count(split), split, self)
        yield pa.RecordBatch.from_pydict({"text": pa.array(texts), "label": pa.array(labels)})

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The language under which a text is most probable; see ``Source.oracle``."""
        if about != "row":
            return None
        texts, _ = draw(self.count(split), split, self)
        scores = np.array([[log_prob(text, chain) for chain in chains().values()] for text in texts])
        names = list(LANGUAGES)
        return {"label": [names[i] for i in scores.argmax(axis=1)]}


def draw(rows: int, split: str, source: Synthetic) -> tuple[list[str], list[str]]:
    """The texts of a split, and their languages."""
    random, names = source.random(split), list(LANGUAGES)
    labels = [names[i] for i in random.integers(0, len(names), rows)]
    lengths = random.integers(SHORTEST, LONGEST + 1, rows)
    return [_text(chains()[name], random.random(n)) for name, n in zip(labels, lengths, strict=True)], labels


def _text(chain: Chain, drawn: Float64s) -> str:
    """A text of as many letters as there are random numbers."""
    state = int(np.searchsorted(np.cumsum(chain.start), drawn[0]))
    edges, states = np.cumsum(chain.move, axis=1), [min(state, len(chain.letters) - 1)]
    for number in drawn[1:]:
        states.append(min(int(np.searchsorted(edges[states[-1]], number)), len(chain.letters) - 1))
    return "".join(chain.letters[i] for i in states)


def log_prob(text: str, chain: Chain) -> float:
    """The log-probability of a text of this length."""
    states = [chain.letters.find(letter) for letter in text]
    if min(states) < 0:
        return -np.inf
    steps: Sequence[float] = [
        chain.start[states[0]],
        *(chain.move[a, b] for a, b in zip(states, states[1:], strict=False)),
    ]
    with np.errstate(divide="ignore"):
        return float(np.log(steps).sum())


@cache
def chains() -> dict[str, Chain]:
    """Each language."""
    found: dict[str, Chain] = {}
    for number, (name, (letters, relative)) in enumerate(LANGUAGES.items()):
        random = np.random.default_rng([62, number])
        move = _pairs(random, len(letters))
        if relative:
            move = CLOSE * move + (1 - CLOSE) * found[relative].move
        start = np.append(np.full(len(letters), 1 / len(letters)), 0.0)
        found[name] = Chain(f"{letters} ", start, move)
    return found


def _pairs(random: np.random.Generator, size: int) -> Array:
    """P(next letter | letter) of a language with a space, which never follows a space: float64 (A, A)."""
    move = np.zeros((size + 1, size + 1))
    move[:, :size] = random.dirichlet(np.full(size, FLAT), size + 1)
    move[:size, :size] *= 1 - SPACE
    move[:size, size] = SPACE
    return move
