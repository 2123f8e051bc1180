"""Writing ARPA files, the text format that every n-gram toolkit reads; compiled code formats the lines in bulk."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numba
import numpy as np
import numpy.typing as npt

from core.data.atomic import replace_file, temporary_folder
from core.data.vocab import END, START, UNK
from core.errors import ConfigError
from core.types import Float32s, Int32s, Int64s
from plugins.encoders.ngram.trie import Trie

LINES = 1 << 18  # grams formatted at a time
GZIP = 1  # zlib's level: 6 takes four times as long and saves a tenth
ZERO = -99.0  # the format's log10 of probability 0; also the value of <s>, which is never predicted
DIGITS = 10_000_000  # seven digits after the point: the resolution of float32 at -1
MINUS, POINT, NOUGHT, TAB, NEWLINE, BLANK = b"-.0\t\n "
LIMIT = 1e11  # larger magnitudes are clipped, so that the number in units of the last digit fits an int64
ABOVE = 100  # distance of a finite number from ZERO in units of 1 / DIGITS, so that float32 keeps them apart
NUMBER = 22  # bytes of the longest number and its separator


def write_arpa(trie: Trie, words: Sequence[str], path: Path) -> None:
    """Write a model in the ARPA format, log10 with seven digits; a path that ends in ``.gz`` is compressed.

    Args:
        trie: the model.
        words: the word of each id, ``</s>`` and ``<unk>`` first.
        path: the file; it is written to a temporary folder and renamed.

    Raises:
        ConfigError: the format cannot represent a word or the smoothing.
        OSError: the file cannot be written.
    """
    if trie.missing:
        what = "stupid back-off has a weight for unseen contexts, which the ARPA format cannot represent"
        raise ConfigError(what, where="format", remedy="train with another encoder.smoothing")
    _check_words(words)
    with temporary_folder(path.parent) as folder:
        new = folder / path.name
        with _opened(new) as file:
            sizes = [len(level) + (k == 1) for k, level in enumerate(trie.levels, 1)]
            counts = "".join(f"ngram {k}={size}\n" for k, size in enumerate(sizes, 1))
            file.write(f"\\data\\\n{counts}".encode())
            spellings = _spellings(words)
            for k in range(1, trie.order + 1):
                file.write(f"\n\\{k}-grams:\n".encode())
                for part in _unigrams(trie) if k == 1 else _grams(trie, k):
                    file.write(_lines(*part, *spellings))
            file.write(b"\n\\end\\\n")
        replace_file(new, path)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path, "wb", compresslevel=GZIP)
    return path.open("wb")


def _check_words(words: Sequence[str]) -> None:
    for word in words:
        if word.split() != [word] and (not word or any(mark in word for mark in " \t\r\n")):
            what = f"{word!r} cannot be written: in an ARPA file, white space separates words"
            raise ConfigError(what, where="format", remedy="train on text without such a word")
        if word == START:
            what = f"the text contains the word {START}, which marks the start of a sentence"
            raise ConfigError(what, where="format", remedy="rename it in the text and train again")


Part = tuple[Int32s, Float32s, Float32s]


def _unigrams(trie: Trie) -> Iterator[Part]:
    """Order 1 with ``<s>``, which gets the id V here: ids (V + 1, 1), log_probs, backoffs."""
    level, start = trie.levels[0], trie.vocab_size
    ids = np.concatenate([[UNK, start, END], np.arange(UNK + 1, start)]).astype(np.int32)
    log_probs = np.append(level.log_probs, np.float32(-np.inf))
    backoffs = level.backoffs
    if trie.order > 1:
        backoffs = np.append(backoffs, backoffs[END])
        backoffs[END] = 0.0
        backoffs = backoffs[ids]
    yield ids[:, None], log_probs[ids], backoffs


def _grams(trie: Trie, k: int) -> Iterator[Part]:
    """The grams of order ``k`` >= 2, ``LINES`` at a time."""
    level = trie.levels[k - 1]
    for first in range(0, len(level), LINES):
        places = np.arange(first, min(first + LINES, len(level)))
        ids = np.empty((len(places), k), dtype=np.int32)
        ids[:, k - 1] = level.words[places]
        for j in range(k - 2, -1, -1):
            below = trie.levels[j]
            start = int(np.searchsorted(below.children, places[0], side="right")) - 1
            places = parents(below.children, places, start)
            ids[:, j] = below.words[places]
        ids[ids[:, 0] == END, 0] = trie.vocab_size
        part = slice(first, first + LINES)
        yield ids, level.log_probs[part], level.backoffs[part]


def _spellings(words: Sequence[str]) -> tuple[npt.NDArray[np.uint8], Int64s]:
    """The bytes of all words, ``<s>`` last, and where each starts."""
    coded = [word.encode("utf-8", "surrogateescape") for word in (*words, START)]
    ends = np.cumsum([0, *map(len, coded)])
    return np.frombuffer(b"".join(coded), dtype=np.uint8), ends.astype(np.int64)


def _lines(ids: Int32s, log_probs: Float32s, backoffs: Float32s, text: Any, starts: Int64s) -> memoryview:
    """One line per gram."""
    size = int((starts[1:] - starts[:-1])[ids].sum()) + ids.shape[0] * (ids.shape[1] + 2 * NUMBER)
    out = np.empty(size, dtype=np.uint8)
    return memoryview(out)[: format_lines(ids, _log10(log_probs), _log10(backoffs), text, starts, out)]


def _log10(logs: Float32s) -> Int64s:
    """From natural logs to log10 in units of the last digit; only probability 0 becomes ``ZERO``."""
    found = np.rint(np.clip(logs.astype(np.float64) / np.log(10), -LIMIT, LIMIT) * DIGITS).astype(np.int64)
    zero = round(ZERO * DIGITS)
    found[np.abs(found - zero) < ABOVE] = zero + ABOVE
    found[np.isneginf(logs)] = zero
    return found


@numba.njit(cache=True)
def parents(children: Any, places: Any, start: Any) -> Any:
    """The index of the context of each gram.

    Args:
        children: int32 (H + 1,), of the order of the contexts.
        places: int64 (n,), ascending indices of grams.
        start: the context of the first gram.
    """
    found = np.empty(len(places), dtype=np.int64)
    at = start
    for i in range(len(places)):
        while children[at + 1] <= places[i]:
            at += 1
        found[i] = at
    return found


@numba.njit(cache=True)
def put_number(out: Any, at: Any, number: Any) -> Any:
    """Write a number given in units of ``1 / DIGITS``; return where it ends."""
    if number < 0:
        out[at] = MINUS
        at += 1
        number = -number
    whole, rest, unit = number // DIGITS, number % DIGITS, 1
    while unit <= whole // 10:
        unit *= 10
    while unit:
        out[at] = NOUGHT + whole // unit % 10
        at += 1
        unit //= 10
    if rest:
        out[at] = POINT
        at += 1
        unit = DIGITS // 10
        while rest:
            out[at] = NOUGHT + rest // unit
            at += 1
            rest %= unit
            unit //= 10
    return at


@numba.njit(cache=True)
def format_lines(ids: Any, log_probs: Any, backoffs: Any, text: Any, starts: Any, out: Any) -> Any:
    """Write ``log10<tab>words<tab>back-off`` lines; return the number of bytes.

    Args:
        ids: int32 (n, k).
        log_probs: int64 (n,), in units of ``1 / DIGITS``.
        backoffs: likewise, or of size 0 for no such column.
        text: uint8, the bytes of all words.
        starts: int64, where each word starts and the last one ends.
        out: uint8, output.
    """
    at = 0
    for i in range(ids.shape[0]):
        at = put_number(out, at, min(log_probs[i], 0))
        for j in range(ids.shape[1]):
            out[at] = BLANK if j else TAB
            at += 1
            for b in range(starts[ids[i, j]], starts[ids[i, j] + 1]):
                out[at] = text[b]
                at += 1
        if len(backoffs):
            out[at] = TAB
            at = put_number(out, at + 1, backoffs[i])
        out[at] = NEWLINE
        at += 1
    return at
