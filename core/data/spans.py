"""Two marked spans per row: ``The <e1>audits</e1> were about <e2>waste</e2> .``, or offsets in columns.

The marks become tokens of their own before text is cut, whatever the rules of cutting. Once a split is read, they
are found again by their codes, checked, and taken out: what is left is the row, and where its spans are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.corpus import SPANS, Ragged
from core.data.interning import Interner
from core.data.sources.column_guessing import SPAN
from core.data.splitting import InternedSplit
from core.errors import DataError
from core.types import Bools, Int32s, Int64s

if TYPE_CHECKING:
    import pyarrow as pa

MARKS = ("<e1>", "</e1>", "<e2>", "</e2>")
NAMES = ("e1", "e2")
# What stands for a mark while text is cut: characters that Unicode reserves for use within a program.
CODES = ("\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3")
REMEDY = (
    "mark both spans once, as in 'the <e1>dog</e1> of the <e2>man</e2>', or give offsets as e1_start, e1_end, ..."
)

Place = Callable[[int], str]  # the number of a row, from 0 -> where it is, for errors


def word_interner(marks: str | None, threads: int = 0) -> Interner:
    """What numbers the words of a task, whose rows may have ``marks`` (see ``TokenSpec``)."""
    return MarkInterner(threads=threads) if marks else Interner(threads=threads)


class MarkInterner(Interner):
    """Numbers words; the characters that stand for marks are numbered as the marks."""

    def _table(self, types: Iterable[str]) -> Int32s:
        names = dict(zip(CODES, MARKS, strict=True))
        return super()._table(names.get(word, word) for word in types)


def marked_column(batch: pa.RecordBatch, place: Place) -> pa.Array:
    """The text or the tokens of some rows, with the marks that their columns of offsets stand for.

    Args:
        batch: rows with ``text`` or ``tokens``, and perhaps the columns ``SPAN``: offsets in characters of a
            text, in tokens of a list, from 0; a span ends before its end.
        place: where a row of these is.

    Raises:
        DataError: an offset is not a number, or lies outside its row.
    """
    import pyarrow as pa

    column = batch.column("tokens" if "tokens" in batch.schema.names else "text")
    if not set(SPAN) <= set(batch.schema.names):
        return column
    offsets = zip(*(batch.column(name).to_pylist() for name in SPAN), strict=True)
    rows = enumerate(zip(column.to_pylist(), offsets, strict=True))
    return pa.array([_inserted(row or [], texts, number, place) for number, (row, texts) in rows], column.type)


def _inserted(row: Any, texts: Sequence[str], number: int, place: Place) -> Any:
    """A text or a list of tokens with marks at offsets."""
    places = _offsets(texts, len(row), "characters" if isinstance(row, str) else "tokens", partial(place, number))
    widths = [places[1] - places[0]] * 2 + [places[3] - places[2]] * 2

    def order(i: int) -> tuple[int, ...]:
        """At one place ends come before starts; the span within another ends first and starts last."""
        return (places[i], 0, widths[i], -i) if i % 2 else (places[i], 1, -widths[i], i)

    parts, at = [], 0
    for i in sorted(range(4), key=order):
        parts += [row[at : places[i]], MARKS[i] if isinstance(row, str) else [MARKS[i]]]
        at = places[i]
    parts.append(row[at:])
    return "".join(parts) if isinstance(row, str) else [token for part in parts for token in part]


def _offsets(texts: Sequence[str], length: int, unit: str, where: Callable[[], str]) -> list[int]:
    """The offsets of a row as numbers; DataError where they are none, outside the row, or a span is empty."""
    remedy = "count from 0; a span ends before its end"
    try:
        places = [int(text) for text in texts]
    except ValueError:
        what, remedy = (
            f"the offsets {', '.join(map(repr, texts))} are not whole numbers",
            f"fill in {', '.join(SPAN)}",
        )
        raise DataError(what, where=where(), remedy=remedy) from None
    if min(places) < 0 or max(places) > length:
        what = f"the offsets {', '.join(map(str, places))} lie outside the {length} {unit} of the row"
        raise DataError(what, where=where(), remedy=remedy)
    for name, start, end in zip(NAMES, places[::2], places[1::2], strict=True):
        if end <= start:
            what = f"{name} is empty: it starts at {start} and ends before {end}"
            raise DataError(what, where=where(), remedy=remedy)
    return places


def marked(batch: pa.RecordBatch, char: bool, place: Place) -> pa.Array:
    """What ``separate_marks`` makes of ``marked_column``."""
    return separate_marks(marked_column(batch, place), char, place)


def separate_marks(column: pa.Array, char: bool, place: Place) -> pa.Array:
    """Text whose marks are one character each, between spaces unless text is cut into characters.

    Args:
        column: the text of rows, or their tokens, in which marks are tokens of their own.
        char: whether text is cut into characters.
        place: where a row of these is.

    Raises:
        DataError: the text holds a character that stands for a mark.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if not is_text and not char:
        return column
    column = column if is_text else pc.binary_join(column, " ")
    odd = pc.match_substring_regex(column, f"[{CODES[0]}-{CODES[-1]}]")
    if pc.any(odd).as_py():
        what, row = "the text holds a character that is reserved (U+FDD0 to U+FDD3)", pc.index(odd, True).as_py()
        raise DataError(what, where=place(row), remedy="remove it")
    for mark, code in zip(MARKS, CODES, strict=True):
        column = pc.replace_substring(column, mark, code if char else f" {code} ")
    return column


def take_spans(
    split: InternedSplit, interner: Interner, keep: bool, limit: int | None, place: Place
) -> InternedSplit:
    """The rows with the column ``SPANS``.

    Args:
        split: rows in which each mark is a token.
        interner: has numbered the words.
        keep: whether the marks stay tokens of the row.
        limit: the number of tokens to which rows will be shortened; None: they are not.
        place: where a row is.

    Raises:
        DataError: in a row a mark is missing or there twice, its spans cross, are empty or end before they start,
            or shortening cuts one off.
    """
    rows = split.columns["tokens"]
    codes = [interner.codes.get(mark, -1) for mark in MARKS]
    row = np.repeat(np.arange(len(rows)), rows.lengths)  # (N,)
    found = [np.flatnonzero((rows.values == code) & rows.inner) for code in codes]
    counts = np.stack([np.bincount(row[at], minlength=len(rows)) for at in found])  # (4, R)
    _check_counts(counts, place)
    marks = np.zeros(len(rows.values), dtype=bool)
    marks[np.concatenate(found)] = True
    before = np.cumsum(marks, dtype=np.int64) - marks  # (N,), marks before each token
    at = np.stack(found) - rows.offsets[:-1]  # (4, R), the place of each mark in its row
    bare = at - (np.stack([before[places] for places in found]) - 4 * np.arange(len(rows)))  # without marks
    _check_order(at, bare, place)
    spans = at + np.array([[1], [0], [1], [0]]) if keep else bare
    if limit is not None:
        _check_limit(spans, limit, place)
    columns = {**split.columns, SPANS: Ragged(spans.T.ravel().astype(np.int32), np.arange(len(rows) + 1) * 4)}
    return InternedSplit(columns if keep else {**columns, "tokens": _without(rows, marks)})


def _without(rows: Ragged, left_out: Bools) -> Ragged:
    """The rows without some of their tokens."""
    counts = np.concatenate([[0], np.cumsum(~left_out)])
    return Ragged(rows.values[~left_out], counts[rows.offsets].astype(np.int64))


def _check_counts(counts: Int64s, place: Place) -> None:
    """Refuse the first row where a mark is not there once."""
    wrong = np.flatnonzero((counts != 1).any(0))
    if len(wrong):
        number = int(wrong[0])
        missing = [mark for mark, count in zip(MARKS, counts[:, number], strict=True) if count == 0]
        doubled = [mark for mark, count in zip(MARKS, counts[:, number], strict=True) if count > 1]
        what = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(doubled)} more than once"
        raise _error(f"the row {what}", number, place)


def _check_order(at: Int64s, bare: Int64s, place: Place) -> None:
    """Refuse the first row whose spans are reversed, empty or crossed."""
    reversed_, empty = at[1::2] < at[::2], bare[1::2] <= bare[::2]  # (2, R)
    first, last = np.minimum(at[0], at[2]), np.maximum(at[0], at[2])
    ends = (
        np.where(at[0] < at[2], at[1], at[3]),
        np.where(at[0] < at[2], at[3], at[1]),
    )  # of the first, of the last
    crossed = (first < last) & (last < ends[0]) & (ends[0] < ends[1])
    wrong = np.flatnonzero(reversed_.any(0) | empty.any(0) | crossed)
    if not len(wrong):
        return
    number = int(wrong[0])
    for name, back, none in zip(NAMES, reversed_[:, number], empty[:, number], strict=True):
        if back or none:
            what = f"</{name}> comes before <{name}>" if back else f"no word is between <{name}> and </{name}>"
            raise _error(what, number, place)
    raise _error("the spans of e1 and e2 cross", number, place)


def _error(what: str, number: int, place: Place) -> DataError:
    return DataError(what, where=place(number), remedy=REMEDY, code="data.spans", values={"row": number})


def _check_limit(spans: Int64s, limit: int, place: Place) -> None:
    """Refuse the first row of which a span (4, R) would be cut off."""
    wrong = np.flatnonzero(spans.max(0) > limit)
    if len(wrong):
        number = int(wrong[0])
        what = f"a span ends after {spans[:, number].max()} tokens, and data.max_length={limit} cuts it off"
        raise DataError(what, where=place(number), remedy="choose a larger data.max_length, or leave it out")
