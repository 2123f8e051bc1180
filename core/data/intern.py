"""Text to numbers in bulk: Arrow batches of rows -> int32 codes, by order of first occurrence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.data.corpus import Ints, Offsets, Ragged
from core.data.vocab import END, SPECIALS
from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

CODEPOINTS = 0x110000
ROWS = 20_000  # rows that are cut into words at a time


@dataclass
class Interner:
    """Numbers distinct strings in the order in which they first occur."""

    codes: dict[str, int] = field(default_factory=dict)

    @property
    def types(self) -> list[str]:
        """The distinct strings; code ``i`` is ``types[i]``."""
        return list(self.codes)

    def _table(self, types: Iterable[str]) -> Ints:
        codes = self.codes
        return np.asarray([codes.setdefault(t, len(codes)) for t in types], dtype=np.int32)

    def add(self, strings: pa.Array) -> Ints:
        """Codes of an Arrow array of strings: (n,) -> int32 (n,)."""
        encoded = strings.dictionary_encode()
        table = self._table(encoded.dictionary.to_pylist())
        codes: Ints = table[encoded.indices.to_numpy(zero_copy_only=False)]
        return codes

    def add_characters(self, text: str) -> Ints:
        """Codes of the characters of a text, each a token: int32 (len(text),)."""
        points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        first = np.full(CODEPOINTS, -1, dtype=np.int64)
        first[points[::-1]] = np.arange(len(points))[::-1]
        seen = np.flatnonzero(first >= 0)
        seen = seen[np.argsort(first[seen], kind="stable")]
        table = np.zeros(CODEPOINTS, dtype=np.int32)
        table[seen] = self._table(chr(point) for point in seen.tolist())
        return table[points]


def close(codes: Ints, lengths: npt.NDArray[np.int64]) -> Ragged:
    """Rows end to end with END put behind each.

    Args:
        codes: int32 (N,), ids without END.
        lengths: int64 (R,), ids a row.
    """
    offsets: Offsets = np.concatenate([[0], np.cumsum(lengths + 1)]).astype(np.int64)
    values = np.full(offsets[-1], END, dtype=np.int32)
    rows = Ragged(values, offsets)
    values[rows.inner] = codes
    return rows


def split_rows(
    column: pa.Array, tokens: str, interner: Interner, lower: bool = False
) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Cut a column of text, or of token lists, into coded tokens.

    Args:
        column: ``string`` (raw text) or ``list<string>`` (tokens).
        tokens: how raw text is cut: ``space``, ``words`` or ``char``; with ``char`` token lists are joined by a
            space, else they are taken as they are.
        interner: numbers the words.
        lower: whether they are put in lower case before.

    Returns:
        Codes int32 (N,) and the number of tokens a row, int64 (R,).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
    if tokens == "char":
        text = pc.binary_join(column, " ") if listed else column
        text = pc.utf8_lower(text) if lower else text
        lengths = pc.utf8_length(text).to_numpy(zero_copy_only=False).astype(np.int64)
        return interner.add_characters("".join(text.to_pylist())), lengths
    if tokens == "words" and not listed:
        return _split_words(column, interner, lower)
    lists = column if listed else pc.ascii_split_whitespace(column)
    words = lists.flatten()
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    if not listed:  # white space at the edges leaves empty strings, which are no tokens
        kept = pc.not_equal(words, "").to_numpy(zero_copy_only=False)
        ends = np.cumsum(lengths)
        lengths = np.diff(np.concatenate([[0], np.cumsum(kept)])[np.concatenate([[0], ends])])
        words = words.filter(pa.array(kept))
    return interner.add(pc.utf8_lower(words) if lower else words), lengths


def _split_words(column: pa.Array, interner: Interner, lower: bool) -> tuple[Ints, npt.NDArray[np.int64]]:
    """Cut rows into words by rules, some rows at a time: their places take much memory."""
    import pyarrow.compute as pc

    from core.data.tokens import cut

    parts = [cut(column.slice(at, ROWS), "words") for at in range(0, max(1, len(column)), ROWS)]
    codes = [interner.add(pc.utf8_lower(part.tokens) if lower else part.tokens) for part in parts]
    return np.concatenate(codes), np.concatenate([part.lengths for part in parts])


def check_words(interner: Interner, where: str) -> None:
    """Refuse the one word that cannot be a token.

    Raises:
        DataError: the text contains ``</s>``.
    """
    if SPECIALS[END] in interner.codes:
        raise DataError(
            f"the text contains the token {SPECIALS[END]}, which is the mark for the end of a row",
            where=where,
            remedy="remove it (a row ends where its line ends), or rename it",
        )
