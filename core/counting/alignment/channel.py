"""From rows that translate each other to the channel: both alignments, then the phrases that agree with them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.grams import Grams
from core.counting.alignment.ibm1 import train_model1
from core.counting.alignment.ibm2 import best_links, train_model2, uniform
from core.counting.alignment.lexicon import Lexicon, cooccurring
from core.counting.alignment.phrase_table import PhraseTable, build_table
from core.counting.alignment.phrases import LONGEST
from core.counting.checks import check_floats, check_integers
from core.types import Arrays, Int32s


class Settings(NamedTuple):
    """How a channel is learned; see the head of the kind ``transduce``."""

    model1: int
    model2: int
    smoothing: float
    longest_row: int
    phrase: int
    prior: float
    entries: int


def learn_channel(bitext: Bitext, settings: Settings) -> PhraseTable:
    """The channel P(produced | given) of phrases.

    Args:
        bitext: rows with at least one word on both sides.
        settings: iterations, limits, smoothing.
    """
    lexicon, links = align(bitext, settings)
    both = links, align(bitext.reverse, settings)[1]
    return build_table(bitext, both, lexicon, settings.phrase, settings.prior, settings.entries)


def align(bitext: Bitext, settings: Settings) -> tuple[Lexicon, Int32s]:
    """The lexicon of IBM model 2 after model 1, and the most probable given word of each produced one."""
    lexicon = train_model1(bitext, cooccurring(bitext), settings.model1, settings.smoothing)
    lexicon, positions = train_model2(bitext, lexicon, uniform(bitext), settings.model2, settings.smoothing)
    return lexicon, best_links(bitext, lexicon, positions)


def table_of(arrays: Arrays, size: int) -> PhraseTable:
    """The inverse of ``PhraseTable.arrays``; a table without phrases of no arrays.

    Args:
        arrays: by name.
        size: the number of produced words.
    """
    if not arrays:
        zeros, none = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
        arrays = {"keys": zeros[:0], "bounds": np.zeros(2, dtype=np.int64), "starts": zeros, "phrases": none}
        arrays |= {"log_probs": np.zeros(0, np.float32), "links": zeros[:0], "words": none, "offsets": zeros}
    return PhraseTable.of(Grams(size, arrays["keys"], arrays["bounds"]), arrays)


def check_table(table: PhraseTable, targets: int) -> None:
    """Refuse a damaged table, as compiled code reads where it points.

    Args:
        table: as it was read.
        targets: the number of given words.

    Raises:
        ValueError: it is damaged.
    """
    grams, entries, phrases = len(table.grams.keys), len(table.phrases), len(table.offsets) - 1
    check_integers("bounds", table.grams.bounds, (None,), 0, grams + 1, rising=True)
    check_integers("keys", table.grams.keys, (None,), 0, 1 << 62)
    check_integers("starts", table.starts, (grams + 1,), 0, entries + 1, rising=True)
    check_integers("phrases", table.phrases, (None,), 0, max(1, phrases))
    check_floats("log_probs", table.log_probs, (entries,), most=1e-5)
    check_integers("links", table.links, (entries,), 0, 1 << (LONGEST * LONGEST))
    check_integers("offsets", table.offsets, (None,), 0, len(table.words) + 1, rising=True)
    check_integers("words", table.words, (None,), 0, targets)
    if len(table.grams.bounds) not in range(2, LONGEST + 2) or table.grams.bounds[-1] != grams:
        raise ValueError(f"bounds end at {table.grams.bounds[-1:]}, where there are {grams} phrases")
