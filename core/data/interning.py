"""Text to numbers in bulk: Arrow batches of rows -> int32 codes, by order of first occurrence."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.corpus import Ragged
from core.data.vocab import END, SPECIALS, START
from core.errors import DataError
from core.types import Int32s, Int64s

if TYPE_CHECKING:
    import pyarrow as pa

CODEPOINTS = 0x110000
ROWS = 20_000  # rows cut into words at a time
LARGE = 1 << 21  # bytes of text from which compiled code saves more time than its loading takes


@dataclass
class Interner:
    """Numbers distinct strings in the order in which they first occur.

    Args:
        codes: the number of each string.
        threads: the number of threads on which compiled code cuts a large text; 0: Arrow cuts it.
    """

    codes: dict[str, int] = field(default_factory=dict)
    threads: int = 0

    @property
    def types(self) -> list[str]:
        """The distinct strings; code ``i`` is ``types[i]``."""
        return list(self.codes)

    def _table(self, types: Iterable[str]) -> Int32s:
        codes = self.codes
        return np.asarray([codes.setdefault(t, len(codes)) for t in types], dtype=np.int32)

    def add(self, strings: pa.Array) -> Int32s:
        """The code of each string of an Arrow array: (n,) -> int32 (n,); a null is an empty string."""
        if strings.null_count:
            import pyarrow.compute as pc

            strings = pc.fill_null(strings.cast("string"), "")
        encoded = strings.dictionary_encode()
        table = self._table(encoded.dictionary.to_pylist())
        codes: Int32s = table[to_numpy(encoded.indices)]
        return codes

    def add_text(self, column: pa.StringArray) -> tuple[Int32s, Int64s]:
        """The codes of the words of rows of text, int32 (N,), and the number of words per row, int64 (R,)."""
        from core.data.whitespace_tokenizer import cut

        parts = cut(column, self.threads)
        codes = [self._table(part.types)[part.codes] for part in parts]
        return np.concatenate(codes), np.concatenate([part.lengths for part in parts])

    def add_characters(self, text: str) -> Int32s:
        """The code of each character of a text: int32 (len(text),)."""
        points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        first = np.full(CODEPOINTS, -1, dtype=np.int64)
        first[points[::-1]] = np.arange(len(points))[::-1]
        seen = np.flatnonzero(first >= 0)
        seen = seen[np.argsort(first[seen], kind="stable")]
        table = np.zeros(CODEPOINTS, dtype=np.int32)
        table[seen] = self._table(chr(point) for point in seen.tolist())
        return table[points]


class LabelInterner(Interner):
    """Numbers labels: white space around them does not count."""

    def _table(self, types: Iterable[str]) -> Int32s:
        return super()._table(label.strip() for label in types)


def close(codes: Int32s | None, lengths: Int64s) -> Ragged:
    """Rows of ids with END appended to each.

    Args:
        codes: int32 (N,), the ids of all rows without END; None: all are END, to be overwritten.
        lengths: int64 (R,), ids per row.
    """
    offsets: Int64s = np.concatenate([[0], np.cumsum(lengths + 1)]).astype(np.int64)
    values = np.full(offsets[-1], END, dtype=np.int32)
    rows = Ragged(values, offsets)
    if codes is not None:
        values[rows.inner] = codes
    return rows


def split_rows(column: pa.Array, tokens: str, interner: Interner, lower: bool = False) -> tuple[Int32s, Int64s]:
    """Cut a column of text, or of token lists, into coded tokens.

    Args:
        column: ``string`` (raw text) or ``list<string>`` (tokens).
        tokens: how raw text is cut: ``space``, ``words`` or ``char``; with ``char`` token lists are joined by
            spaces and cut too.
        interner: numbers the words.
        lower: whether the text is lower-cased first.

    Returns:
        Codes int32 (N,) and the number of tokens per row, int64 (R,).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
    if tokens == "char":
        text = pc.binary_join(column, " ") if listed else column
        text = pc.utf8_lower(text) if lower else text
        lengths = to_numpy(pc.utf8_length(text)).astype(np.int64)
        return interner.add_characters("".join(text.to_pylist())), lengths
    if tokens == "words" and not listed:
        return _split_words(column, interner, lower)
    if interner.threads and _plain(column):
        return interner.add_text(pc.utf8_lower(column) if lower else column)
    lists = column if listed else pc.ascii_split_whitespace(column)
    words = lists.flatten()
    lengths = to_numpy(pc.list_value_length(lists)).astype(np.int64)
    if not listed:  # white space at the ends of a row leaves empty strings, which are not tokens
        filled = to_numpy(pc.binary_length(words)) > 0
        ends = np.concatenate([[0], np.cumsum(lengths)])
        lengths = np.diff(np.concatenate([[0], np.cumsum(filled)])[ends])
        words = words.filter(to_arrow(filled))
    return interner.add(pc.utf8_lower(words) if lower else words), lengths


def _plain(column: pa.Array) -> bool:
    """Whether a column is text that compiled code can cut, and large enough for that."""
    import pyarrow as pa

    loaded = "core.data.whitespace_tokenizer" in sys.modules
    large = pa.types.is_string(column.type) and (loaded or column.nbytes > LARGE)
    return large and not column.null_count and sys.byteorder == "little"


def _split_words(column: pa.Array, interner: Interner, lower: bool) -> tuple[Int32s, Int64s]:
    """Cut rows into words by rules, some rows at a time, since the positions of words take much memory."""
    import pyarrow.compute as pc

    from core.data.tokenizer import cut

    parts = [cut(column.slice(at, ROWS), "words") for at in range(0, max(1, len(column)), ROWS)]
    codes = [interner.add(pc.utf8_lower(part.tokens) if lower else part.tokens) for part in parts]
    return np.concatenate(codes), np.concatenate([part.lengths for part in parts])


def check_words(interner: Interner, splits: Mapping[str, Ragged], running_text: bool) -> None:
    """Refuse words that cannot be tokens: ``</s>``, and in running text ``<s>``.

    Args:
        interner: the words.
        splits: split -> its tokens in the interner's codes.
        running_text: whether ``<s>`` is the start of a row.

    Raises:
        DataError: the text contains one of them.
    """
    marks = {SPECIALS[END]: "the end"} | ({START: "the start"} if running_text else {})
    for word, what in marks.items():
        for split, rows in splits.items() if word in interner.codes else ():
            positions = np.flatnonzero((rows.values == interner.codes[word]) & rows.inner)
            if len(positions):
                row = int(np.searchsorted(rows.offsets, positions[0], side="right"))
                message = f"the text contains the token {word}, which marks {what} of a row"
                remedy = "remove it (a row is a line of text), or rename it"
                raise DataError(message, where=f"data: {split} row {row}", remedy=remedy)
