"""Columns between spaces, a token a line, a blank line between sentences (CoNLL-2000 and its kin)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block
from core.data.sources.cells import Cells, cut_cells, cut_words, rows_of
from core.errors import ConfigError, DataError
from core.types import Int64s


def read(blocks: Iterator[Block], *, text: str | None, label: str | None) -> Iterator[pa.RecordBatch]:
    """The sentences.

    Args:
        blocks: whole sentences.
        text: the number of the tokens' column, from 1; None: 1.
        label: the number of the labels' column, from 1; None: 2.

    Returns:
        Batches with ``tokens`` and ``labels``.
    """
    numbers = {"data.text": _number(text, "data.text", 1), "data.label": _number(label, "data.label", 2)}
    width = 0
    for block in blocks:
        cells = cut_words(block)
        words = np.flatnonzero(~cells.blank)
        if len(words):
            width = width or int(cells.widths[words[0]])
            _check(cells, width, numbers)
        offsets = rows_of(words, cells.blank)
        tokens, labels = (
            pa.ListArray.from_arrays(offsets, cells.column(words, number - 1)) for number in numbers.values()
        )
        yield pa.RecordBatch.from_pydict({"tokens": tokens, "labels": labels})


def looks_like(lines: list[str]) -> bool:
    """Whether the first lines of a file are columns: equally many, at least two, in groups between blank lines."""
    cut = [[word for word in line.replace("\t", " ").split(" ") if word] for line in lines]
    groups = [list(group) for full, group in groupby(cut, bool) if full]
    widths = {len(words) for group in groups for words in group}
    return not all(cut) and len(widths) == 1 and min(widths) > 1 and sum(map(len, groups)) > len(groups)


def write(blocks: Iterator[Block], labels: list[str], path: Path) -> None:
    """Write the columns with one more: the predicted labels.

    Args:
        blocks: whole sentences of the source.
        labels: one a token.
        path: the file to write.

    Raises:
        DataError: there are more or fewer labels than tokens.
    """
    done = 0
    with open(path, "wb") as file:
        for block in blocks:
            count = len(_words(block))
            check_count(done + count, len(labels), str(block.path), over=True)
            file.write(widened(block, labels[done : done + count]))
            done += count
    check_count(done, len(labels), str(path))


def widened(block: Block, labels: list[str]) -> bytes:
    """The block with one more column.

    Args:
        block: whole sentences.
        labels: one a token.
    """
    cells = cut_words(block)
    words = pa.array(~cells.blank)
    lines = cut_cells(block, None).column(np.arange(len(cells.lines)), 0)
    between = pc.if_else(pc.match_substring(lines, "\t"), "\t", " ")
    column = pc.replace_with_mask(pa.nulls(len(lines), pa.string()), words, pa.array(labels, pa.string()))
    suffix = pc.fill_null(pc.binary_join_element_wise(between, column, ""), "")
    whole = pc.binary_join_element_wise(pc.utf8_rtrim(lines, " \t"), suffix, "\n", "")
    return "".join(whole.to_pylist()).encode("utf-8")


def sentences(block: Block, text: str | None) -> pa.ListArray:
    """The tokens of each sentence; no other column has to be there.

    Args:
        block: whole sentences.
        text: the number of the tokens' column, from 1; None: 1.
    """
    column, cells = _number(text, "text", 1), cut_words(block)
    words = np.flatnonzero(~cells.blank)
    if len(words):
        _check(cells, int(cells.widths[words[0]]), {"text": column})
    return pa.ListArray.from_arrays(rows_of(words, cells.blank), cells.column(words, column - 1))


def _words(block: Block) -> Int64s:
    """The lines that hold a token."""
    return np.flatnonzero(~cut_words(block).blank)


def check_count(tokens: int, labels: int, where: str, over: bool = False) -> None:
    """Raise unless there is a label for each token (``over``: unless there are enough so far)."""
    if tokens > labels or (not over and tokens < labels):
        remedy = "predict the split as it stands in the file"
        raise DataError(f"{labels} labels are not one for each token", where=where, remedy=remedy)


def _number(value: str | None, key: str, default: int) -> int:
    """A column's number."""
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 1000):
        remedy = "here columns have no names: say 1 for the first"
        raise ConfigError(f"'{value}' is no column number", where=key, remedy=remedy)
    return int(value)


def _check(cells: Cells, width: int, numbers: dict[str, int]) -> None:
    """Raise unless all lines have the same columns, and those that are asked for."""
    wrong = np.flatnonzero((cells.widths != width) & ~cells.blank)
    if len(wrong):
        line = int(wrong[0])
        raise DataError(
            f"columns: {cells.widths[line]} where the lines before have {width}",
            where=cells.place(line),
            remedy="mend the line, or read plain text with data.format=text",
        )
    for key, number in numbers.items():
        if number > width:
            line = int(np.flatnonzero(~cells.blank)[0])
            remedy = f"choose one of 1 to {width}"
            raise DataError(
                f"columns: {width} where {key}={number} asks for more", where=cells.place(line), remedy=remedy
            )
