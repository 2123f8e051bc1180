"""The words of an ARPA file: numbered, and looked up by their bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.data.vocab import END, SPECIALS, START, UNK
from core.types import Int32s, Int64s
from plugins.encoders.ngram.arpa import parse
from plugins.encoders.ngram.arpa.lines import Lines

UNKNOWN = (SPECIALS[UNK], "<UNK>")
NO_UNKNOWN = -100.0  # log10 of an unknown word where the file has none, as in KenLM
SPARE = 1.5  # slots of a hash table per entry


class Lexicon(NamedTuple):
    """The words of order 1, looked up by their bytes.

    Args:
        table: int32, word numbers by hash, -1 in free slots.
        text: uint8, all words, each followed by a newline.
        starts: int64 (n + 1,), where each begins.
        ids: int32 (n,), the id of each; -1 for ``<s>``.
    """

    table: Int32s
    text: npt.NDArray[np.uint8]
    starts: Int64s
    ids: Int32s


def read_lexicon(lines: Lines, text: npt.NDArray[np.uint8], first: int) -> tuple[list[str], Lexicon, list[str]]:
    """Number the words: ``</s>``, ``<unk>``, then all others except ``<s>`` in file order.

    Args:
        lines: the file, for errors.
        text: uint8, all words, each followed by a newline.
        first: the line of the first word.

    Returns:
        The word of each id, the lexicon, and notes for the user.

    Raises:
        DataError: a word is not UTF-8 or occurs twice, or a sentence mark is missing.
    """
    starts = np.concatenate([[0], np.flatnonzero(text == parse.NEWLINE) + 1])
    try:
        spellings = text.tobytes().decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        line = first + int(np.searchsorted(starts, error.start, side="right")) - 1
        lines.fail("is not UTF-8", "convert it, with iconv for instance", line)
    table = np.full(int(SPARE * len(spellings)) + 1, -1, dtype=np.int32)
    if (repeated := parse.number_words(table, text, starts)) >= 0:
        lines.fail(f"the word '{spellings[repeated]}' occurs twice", "keep one of the lines", first + repeated)
    places = {mark: spellings.index(mark) for mark in (START, SPECIALS[END], *UNKNOWN) if mark in spellings}
    for mark in (START, SPECIALS[END]):
        if mark not in places:
            lines.fail(f"there is no {mark} among the 1-grams", "estimate the model with sentence boundary marks")
    unknown = [places[mark] for mark in UNKNOWN if mark in places][:1]
    marks = [places[SPECIALS[END]], *unknown, places[START]]
    ordinary = np.ones(len(spellings), dtype=bool)
    ordinary[marks] = False
    ids = (np.cumsum(ordinary) + UNK).astype(np.int32)
    ids[marks] = [END, UNK, -1] if unknown else [END, -1]
    words = [*SPECIALS, *(spellings[i] for i in np.flatnonzero(ordinary).tolist())]
    notes = [] if unknown else [f"there is no {SPECIALS[UNK]}: its log10 probability is set to {NO_UNKNOWN:.0f}"]
    return words, Lexicon(table, text, starts, ids), notes
