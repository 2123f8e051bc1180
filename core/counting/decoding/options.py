"""The phrases by which parts of a row may be translated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from core.counting.alignment.bitext import read_only
from core.counting.alignment.grams import longer
from core.counting.alignment.phrase_table import PhraseTable
from core.counting.base import CountModel
from core.counting.decoding.continuations import score_continuations
from core.data.corpus import Ragged
from core.data.vocab import UNK
from core.types import Float64s, Int32s, Int64s

COPY = -1  # the entry of a word that is copied


@dataclass(frozen=True, eq=False)
class Options:
    """The translation options of some rows, those of a row in the order of their starts.

    Args:
        rows: int64 (R + 1,), where the options of each row begin.
        starts: int32 (O,), the first source word of each, counted in its row.
        lengths: int32 (O,), source words.
        entries: int64 (O,), of the phrase table; ``COPY`` where a word that it lacks is copied.
        phrases: int64 (O,), the target phrase; the number of phrases of the table stands for a copied word.
        channel: float64 (O,), log P(source phrase | target phrase).
    """

    rows: Int64s
    starts: Int32s
    lengths: Int32s
    entries: Int64s
    phrases: Int64s
    channel: Float64s


def find_options(rows: Ragged, table: PhraseTable) -> Options:
    """Look up all phrases of some rows; a word without an entry of its own is copied.

    Args:
        rows: closed ids of the source language, each row ending in END.
        table: from target to source phrases.
    """
    source = read_only(rows.values), read_only(rows.offsets)
    parts = (*source, table.grams.size, table.grams.keys, table.grams.bounds, table.starts)
    empty = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64)
    bounds = _look_up(*parts, *empty)
    starts, lengths = np.empty(bounds[-1], np.int32), np.empty(bounds[-1], np.int32)
    entries = np.empty(bounds[-1], np.int64)
    _look_up(*parts, starts, lengths, entries)
    if not len(table):
        phrases, channel = np.zeros(len(entries), np.int64), np.zeros(len(entries))
    else:
        phrases = np.where(entries == COPY, len(table.offsets) - 1, table.phrases[entries])
        channel = np.where(entries == COPY, 0.0, table.log_probs[entries])
    return Options(bounds, starts, lengths, entries, phrases.astype(np.int64), channel.astype(np.float64))


@numba.njit(cache=True)
def _look_up(
    values: Any, offsets: Any, size: Any, keys: Any, bounds: Any, at: Any, starts: Any, lengths: Any, entries: Any
) -> Any:
    """Where the options of each row begin; they are written if there is room for them."""
    found, count = np.zeros(len(offsets), dtype=np.int64), 0
    for row in range(len(offsets) - 1):
        for start in range(offsets[row], offsets[row + 1] - 1):
            phrase = np.int64(0)
            for length in range(1, min(len(bounds) - 1, offsets[row + 1] - 1 - start) + 1):
                if phrase >= 0:
                    phrase = longer(phrase, values[start + length - 1], length, size, keys, bounds)
                first, last = (at[phrase], at[phrase + 1]) if phrase >= 0 else (np.int64(0), np.int64(0))
                copied = length == 1 and first == last
                if copied:
                    first, last = np.int64(-1), np.int64(0)
                for entry in range(first, last):
                    if len(starts):
                        starts[count], lengths[count] = start - offsets[row], length
                        entries[count] = entry
                    count += 1
                if phrase < 0:
                    break
        found[row + 1] = count
    return found


def target_words(table: PhraseTable) -> tuple[Int32s, Int64s]:
    """The words of all target phrases, and where each begins and ends, (P + 1, 2); a copied word is unknown."""
    ends = np.append(table.offsets[1:], table.offsets[-1] + 1)
    return np.append(table.words, np.int32(UNK)), np.stack([table.offsets, ends], axis=1)


def expected_scores(model: CountModel, words: Int32s, bounds: Int64s, phrases: Int64s) -> Float64s:
    """What the language model is likely to give to phrases, before their history is known: float64 (N,).

    They are scored after unknown words, so that a model that backs off uses what it knows of the phrase alone.
    """
    width = 1 if model.context_size is None else max(1, model.context_size)
    distinct, index = np.unique(phrases, return_inverse=True)
    states = np.zeros(len(distinct), dtype=np.int64)
    histories = np.full((1, width), UNK, dtype=np.int32)
    return score_continuations(model, histories, states, words, bounds[distinct], states > 0)[index]
