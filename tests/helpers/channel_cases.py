"""Small pairs of texts for alignment and translation."""

from __future__ import annotations

import numpy as np

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.channel import Settings, learn_channel
from core.counting.alignment.phrase_table import PhraseTable
from core.data.corpus import Ragged
from core.data.vocab import END


def ragged(rows: list[list[int]]) -> Ragged:
    """Rows of ids, each closed by END."""
    values = np.array([i for row in rows for i in (*row, END)], dtype=np.int32)
    return Ragged(values, np.cumsum([0, *(len(row) + 1 for row in rows)]).astype(np.int64))


def words_of(rows: list[str]) -> tuple[Ragged, dict[str, int]]:
    """Rows of words, numbered from 2 by first occurrence, and the number of each word."""
    ids = {word: i for i, word in enumerate(dict.fromkeys(" ".join(rows).split()), 2)}
    return ragged([[ids[word] for word in row.split()] for row in rows]), ids


def random_bitext(
    seed: int, rows: int, sizes: tuple[int, int] = (6, 7), longest: int = 4, least: int = 1
) -> Bitext:
    """Random rows; words may be repeated."""
    draw = np.random.default_rng(seed)
    sides = [
        ragged([draw.integers(2, size, draw.integers(least, longest + 1)).tolist() for _ in range(rows)])
        for size in sizes
    ]
    return Bitext(sides[0], sides[1], sizes)


def inner(rows: Ragged, row: int) -> list[int]:
    """The words of a row."""
    return rows[row][:-1].tolist()


def random_table(seed: int, rows: int = 25, sizes: tuple[int, int] = (7, 8), phrase: int = 3) -> PhraseTable:
    """The channel of random rows, from target (given) to source (produced)."""
    bitext = random_bitext(seed, rows, sizes, 5)
    return learn_channel(bitext, Settings(3, 2, 0.0, 100, phrase, 1.0, 4))
