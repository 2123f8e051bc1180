"""The labels of a batch of rows: one per token or per row, a number, a set of labels or a text per row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.interning import Interner, split_rows
from core.data.sources.base import SPANS
from core.data.spec import TokenSpec
from core.data.token_checks import shown
from core.errors import DataError
from core.types import Float64s, Int32s, Int64s

if TYPE_CHECKING:
    import pyarrow as pa

Coded = tuple[Int32s, Int64s]  # the codes of all rows (N,), how many each row has (R,)
Place = Callable[[int], str]  # a row of the batch, from 0 -> where it stands, for errors

COLUMNS = {  # what has a label -> the columns that may hold the labels, the first that is there
    "token": ("labels",),
    "row": ("label",),
    "number": ("label",),
    "set": ("labels", "label"),
    "text": ("label",),
}
LARGEST = 1e50  # of a number, in size: products of four are still finite, as correlations need them
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


def read_labels(
    batch: pa.RecordBatch, spec: TokenSpec, names: Interner, place: Place, lower: bool = False
) -> Coded:
    """The labels of some rows as codes.

    Args:
        batch: the rows, with one of the columns of ``COLUMNS``.
        spec: what has a label.
        names: numbers the labels.
        place: where a row stands.
        lower: whether second texts are lower-cased.

    Raises:
        DataError: a label is missing or is not what the task needs.
    """
    column = batch.column(label_column(set(batch.schema.names), spec))
    if spec.labels == "token":
        return split_rows(column, "space", names)
    if spec.labels == "text":
        return split_rows(column, spec.tokens, names, lower)
    if spec.labels == "set":
        return _sets(column, spec.separator, names)
    known = len(names.codes)
    codes = names.add(column)
    _check_filled(codes, names, place)
    if spec.labels == "number":
        _check_numbers(codes, names, known, place)
    return codes, np.ones(len(codes), dtype=np.int64)


def label_column(have: set[str], spec: TokenSpec) -> str | None:
    """The column that holds the labels of a batch with these columns; None where there is none."""
    columns = ((SPANS,) if spec.scheme else ()) + COLUMNS[spec.labels or ""]
    return next((name for name in columns if name in have), None)


def to_number(text: str) -> float:
    """The number that a label says, such as ``-1.5`` or ``2e-3``; NaN where it is none, or above ``LARGEST``."""
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    return value if abs(value) <= LARGEST else math.nan


def to_numbers(names: Sequence[str]) -> Float64s:
    """The number of each label, NaN where it is none: float64 (n,)."""
    return np.fromiter(map(to_number, names), dtype=np.float64, count=len(names))


def _sets(column: pa.Array, separator: str, names: Interner) -> Coded:
    """Each row's distinct labels, in the order of their codes; a row may have none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_list = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
    lists = column if is_list else pc.split_pattern(pc.fill_null(column, ""), separator)
    labels = pc.utf8_trim_whitespace(pc.fill_null(lists.flatten(), ""))
    rows = np.repeat(np.arange(len(lists)), to_numpy(pc.fill_null(pc.list_value_length(lists), 0)))  # (N,)
    filled = to_numpy(pc.binary_length(labels)) > 0
    codes = names.add(labels.filter(to_arrow(filled))).astype(np.int64)
    size = max(1, len(names.codes))
    pairs = np.unique(rows[filled] * size + codes)  # of a row and a label, each once
    return (pairs % size).astype(np.int32), np.bincount(pairs // size, minlength=len(lists)).astype(np.int64)


def _check_filled(codes: Int32s, names: Interner, place: Place) -> None:
    """Refuse a row without a label."""
    empty = np.flatnonzero(codes == names.codes.get("", -1))
    if len(empty):
        remedy = "fill it in, or remove the row; data.label= names another column"
        what = f"the label is empty, as in {len(empty):,} rows"
        raise DataError(what, where=place(int(empty[0])), remedy=remedy, code="data.token")


def _check_numbers(codes: Int32s, names: Interner, known: int, place: Place) -> None:
    """Refuse labels that are not finite numbers; those below ``known`` were checked before."""
    wrong = {code: text for text, code in islice(names.codes.items(), known, None) if math.isnan(to_number(text))}
    if not wrong:
        return
    row = int(np.flatnonzero(np.isin(codes, list(wrong)))[0])
    text = wrong[int(codes[row])]
    what = f"the label {shown(text)} is not a finite number, which this task needs"
    remedy = "name the column of the numbers with data.label=, or correct the row"
    if COMMA.fullmatch(text):
        remedy = f"write it with a point, as in {text.replace(',', '.')}"
    if NUMBER.fullmatch(text) and math.isfinite(float(text)):
        what = f"the label {shown(text)} is larger in size than {LARGEST:g}"
        remedy = "correct the row, or write all numbers in a larger unit"
    raise DataError(what, where=place(row), remedy=remedy, code="data.number")
