"""Reading ARPA files, as lmplz, SRILM and this project write them, into a trie; errors name the line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from core.data.vocab import END, SPECIALS, START
from core.types import Float32s, Int32s, UInt64s
from plugins.encoders.ngram.arpa import parse
from plugins.encoders.ngram.arpa.counting_sort import stable_order
from plugins.encoders.ngram.arpa.lexicon import NO_UNKNOWN, SPARE, read_lexicon
from plugins.encoders.ngram.arpa.lines import Lines
from plugins.encoders.ngram.level import Level
from plugins.encoders.ngram.trie import Trie

LIMIT = np.iinfo(np.int32).max
DIGITS = 18  # of a count: more is beyond 64 bits
ZERO = -99.0  # the format's log10 of probability 0
SHORT = 60  # characters of a line that an error shows
FAULTS = {
    parse.NOT_A_NUMBER: "the line does not start with a log-probability",
    parse.TOO_FEW: "there are fewer words than {k}",
    parse.TOO_MANY: "more than a back-off follows {k} words: a word with a space, or a gram of another order",
    parse.POSITIVE: "the log-probability is above 0",
    parse.NOT_FINITE: "the log-probability or back-off weight is not finite as a 32-bit number",
    parse.WEIGHTED: "a gram of the highest order has a back-off weight",
}


@dataclass
class Arpa:
    """The content of an ARPA file.

    Args:
        words: the word of each id, ``</s>`` and ``<unk>`` first.
        trie: the model, without counts.
        notes: which values were filled in and which grams were left out.
    """

    words: list[str]
    trie: Trie
    notes: list[str] = field(default_factory=list)


def read_arpa(path: Path) -> Arpa:
    """Read an ARPA file, plain or compressed.

    Args:
        path: the file.

    Returns:
        The words, the model and notes for the user.

    Raises:
        DataError: the file is not a valid ARPA file; with file and line.
    """
    with Lines(path) as lines:
        reader = _Reader(lines, _sizes(lines))
        try:
            levels = reader.levels()
        except MemoryError:
            lines.fail("the number of grams in the header does not fit into memory", "check the counts")
        if (line := lines.section("\\end\\")) != "\\end\\":
            reader.wrong_count(len(levels), line)
    if lines.crlf:
        reader.notes.append("the lines end in CRLF")
    if reader.lost:
        marks = f"{START} or {SPECIALS[END]}"
        reader.notes.append(f"{reader.lost:,} grams with {marks} inside, which no sentence contains, are left out")
    return Arpa(reader.words, Trie(levels), [f"{path}: {note}" for note in reader.notes])


def _sizes(lines: Lines) -> list[int]:
    """The number of grams of each order, from the header."""
    while (line := lines.next("\\data\\")) != "\\data\\":
        if line.startswith("mmap lm http"):
            lines.fail("this is KenLM's binary format", "give the ARPA file that it was built from")
        if line.startswith("\\"):
            lines.fail(f"'{line[:SHORT]}' comes before \\data\\", "give an ARPA file")
    sizes: list[int] = []
    while line := lines.next("an empty line"):
        found = re.fullmatch(r"ngram\s+(\d{1,9})\s*=\s*(\d+)", line)
        if not found or int(found[1]) != len(sizes) + 1:
            lines.fail(f"'{line[:SHORT]}' is not the count of order {len(sizes) + 1}", "write ngram ORDER=COUNT")
        if len(found[2]) > DIGITS or int(found[2]) > LIMIT:
            is_short = len(found[2]) <= DIGITS
            what = (
                f"{int(found[2]):,} grams are too many"
                if is_short
                else f"a count of {len(found[2]):,} digits is too large"
            )
            lines.fail(what, f"prune the model to at most {LIMIT:,} per order")
        sizes.append(int(found[2]))
    if not sizes or not sizes[0]:
        lines.fail("the header counts no 1-grams", "write ngram 1=COUNT below \\data\\")
    return sizes


class _Reader:
    """Reads the sections, order 1 first.

    Args:
        lines: the file, after its header.
        sizes: the number of grams of each order.
    """

    def __init__(self, lines: Lines, sizes: list[int]) -> None:
        self.lines, self.sizes, self.top = lines, sizes, len(sizes)
        self.words: list[str] = []
        self.notes: list[str] = []
        self.lost = 0
        self.hashes: UInt64s = np.zeros(0, dtype=np.uint64)  # of the grams of the order below, by index

    def levels(self) -> list[Level]:
        """All orders."""
        levels = [self.unigrams()]
        for k in range(2, self.top + 1):
            children, level = self.grams(k, len(levels[-1]))
            levels = [*levels[:-1], replace(levels[-1], children=children), level]
        return levels

    def unigrams(self) -> Level:
        """Order 1 and the words."""
        self._title(1)
        n = self.sizes[0]
        log_probs, backoffs = np.empty(n, np.float32), np.empty(n, np.float32)
        texts, row, weighted, first = [np.zeros(0, dtype=np.uint8)], 0, 0, self.lines.number + 1
        while row < n:
            data, at, stop = self._block(1, row)
            text = np.empty(stop - at + 1, dtype=np.uint8)
            status, at, rows, size, more = parse.read_words(
                data, at, stop, self.top == 1, log_probs[row:], backoffs[row:], text
            )
            row, weighted = row + rows, weighted + more
            texts.append(text[:size])
            self._advance(1, row, status, at, rows)
        self._note_weights(1, weighted)
        self.words, self.lexicon, notes = read_lexicon(self.lines, np.concatenate(texts), first)
        self.notes += notes
        return self._first(log_probs, backoffs)

    def _first(self, log_probs: Float32s, backoffs: Float32s) -> Level:
        """Order 1 by id; ``</s>`` as a context stands for ``<s>``."""
        size, ids = len(self.words), self.lexicon.ids
        probs, weights = np.full(size, NO_UNKNOWN * np.log(10), np.float32), np.zeros(size, np.float32)
        own = ids >= 0
        probs[ids[own]], weights[ids[own]] = _natural(log_probs[own]), _natural(backoffs[own])
        weights[END] = _natural(backoffs[~own])[0]
        self.hashes = parse.hash_each(np.r_[-1, 1:size])
        return Level(np.arange(size, dtype=np.int32), log_probs=probs, backoffs=weights[: size * (self.top > 1)])

    def grams(self, k: int, below: int) -> tuple[Int32s, Level]:
        """Order ``k`` >= 2.

        Args:
            k: the order.
            below: the number of grams of the order below.

        Returns:
            The children of the order below, and the level itself.
        """
        self._title(k)
        n, first = self.sizes[k - 1], self.lines.number + 1
        log_probs, backoffs = np.empty(n, np.float32), np.empty(n * (k < self.top), np.float32)
        grams = np.empty(n, np.int32), np.empty(n, np.uint64), np.empty(n, np.uint64)
        row = weighted = 0
        lexicon = tuple(self.lexicon)
        while row < n:
            output = log_probs[row:], backoffs[row:], tuple(array[row:] for array in grams)
            status, at, rows, more = parse.read_grams(*self._block(k, row), k == self.top, k, lexicon, *output)
            row, weighted = row + rows, weighted + more
            self._advance(k, row, status, at, rows)
        self._note_weights(k, weighted)
        words, contexts, wholes = grams
        places = self._contexts(k, words, contexts, first)
        order = self._order(words, places, below, first)
        self.hashes = wholes[order] if k < self.top else self.hashes[:0]
        sizes = np.bincount(places[order], minlength=below)
        children = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        probs, weights = (_natural(a[order]) if len(a) else a for a in (log_probs, backoffs))
        return children, Level(words[order], log_probs=probs, backoffs=weights)

    def _contexts(self, k: int, words: Int32s, contexts: UInt64s, first: int) -> Int32s:
        """The index of the context of each gram."""
        slots = int(SPARE * len(self.hashes)) + 1
        keys, table = np.empty(slots, np.uint64), np.full(slots, -1, np.int32)
        parse.index(self.hashes, keys, table)
        places: Int32s = parse.look_up(contexts, words, keys, table)
        for row in np.flatnonzero((places < 0) & (words >= 0))[:1].tolist():
            what = f"the first {k - 1} words of this gram are not among the {k - 1}-grams"
            self.lines.fail(what, "add the gram of its context", first + row)
        return places

    def _order(self, words: Int32s, places: Int32s, below: int, first: int) -> Int32s:
        """The lines in the order of their grams, without grams that no sentence contains."""
        rows = np.flatnonzero(words >= 0).astype(np.int32)
        self.lost += len(words) - len(rows)
        for keys, size in ((words, len(self.words)), (places, below)):
            counts = np.bincount(keys[rows], minlength=size)
            rows = stable_order(rows, keys, np.cumsum(counts) - counts)
        same = (np.diff(places[rows]) == 0) & (np.diff(words[rows]) == 0)
        for i in np.flatnonzero(same)[:1].tolist():
            self.lines.fail("this gram occurs twice", "keep one of the lines", first + int(rows[i + 1]))
        return rows

    def _title(self, k: int) -> None:
        """Read the title line of a section."""
        title = f"\\{k}-grams:"
        if (line := self.lines.section(title)) != title:
            self.wrong_count(k - 1, line)

    def wrong_count(self, k: int, line: str) -> NoReturn:
        """Raise the error for a line after the last gram of order ``k`` that is not the next title."""
        what = f"'{line[:SHORT]}' follows the {self.sizes[k - 1] if k else 0:,} {k}-grams that the header counts"
        title = "\\end\\" if k == self.top else f"\\{k + 1}-grams:"
        remedy = f"expected {title}; check the counts in the header"
        self.lines.fail(what if k else f"'{line[:SHORT]}' is not the title of a section", remedy)

    def _block(self, k: int, row: int) -> tuple[npt.NDArray[np.uint8], int, int]:
        data, at, stop = self.lines.block()
        if at == stop:
            what = f"the file ends after {row:,} of {self.sizes[k - 1]:,} {k}-grams"
            self.lines.fail(what, "it is truncated: write or copy it again")
        return data, at, stop

    def _advance(self, k: int, row: int, status: int, at: int, rows: int) -> None:
        """Move past the parsed lines, or raise the error of the line after them."""
        self.lines.advance(at, rows)
        if status == parse.OK:
            return
        if status == parse.ENDED:
            what = f"there are {row:,} {k}-grams and the header counts {self.sizes[k - 1]:,}"
            self.lines.fail(what, "fix the count, or write the file again", 0)
        rest = bytes(self.lines.data[at : at + 1000]).partition(b"\n")[0].decode("utf-8", "replace")
        if status == parse.UNKNOWN:
            word = (rest.split() or [""])[0][:SHORT]
            what = f"'{word}' is not among the 1-grams, or this gram does not have {k} words"
            self.lines.fail(what, "list every word among the 1-grams, and use no word with a space", 0)
        self.lines.fail(f"'{rest[:SHORT]}': {FAULTS[status].format(k=k)}", "fix the line", 0)

    def _note_weights(self, k: int, weighted: int) -> None:
        if not weighted and k < self.top and self.sizes[k - 1]:
            self.notes.append(f"the {k}-grams have no back-off weights: their log10 is set to 0")


def _natural(logs: Float32s) -> Float32s:
    """From log10 to natural logs."""
    return np.where(logs == ZERO, -np.inf, logs * np.log(10)).astype(np.float32)
