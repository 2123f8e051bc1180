"""Columns between spaces, one token per line, a blank line between sentences (CoNLL-2000 and similar)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block, after_blank
from core.data.sources.cells import Cells, cut_cells, cut_words
from core.data.sources.formats import Format, Labels
from core.errors import ConfigError, DataError
from core.types import Int64s


class Columns(Format):
    """Sentences as ``tokens`` and ``labels``; ``text`` and ``label`` are numbers of columns, from 1 (1 and 2)."""

    ending_decides = False
    output_ending = ".txt"
    cut = staticmethod(after_blank)

    @staticmethod
    def sniff(lines: list[str]) -> float:
        """Whether all lines have equally many columns, at least two, in groups between blank lines."""
        rows = [[word for word in line.replace("\t", " ").split(" ") if word] for line in lines]
        groups = [list(group) for full, group in groupby(rows, bool) if full]
        widths = {len(words) for group in groups for words in group}
        fits = not all(rows) and len(widths) == 1 and min(widths) > 1 and sum(map(len, groups)) > len(groups)
        return 0.5 * fits  # CoNLL-U has such columns too

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The sentences."""
        columns = {"tokens": _number(self.text, "text", 1) - 1}
        if self.labelled:
            columns["labels"] = _number(self.label, "label", 2) - 1
        width = 0
        for block in blocks:
            cells = cut_words(block)
            words = np.flatnonzero(~cells.blank)
            if len(words):
                width = width or int(cells.widths[words[0]])
                _check(cells, words, width, columns)
            yield cells.sentences(words, columns)

    def relabel(self, block: Block, labels: Labels) -> bytes:
        """The block with one more column: the predicted labels."""
        cells = cut_words(block)
        words = pa.array(~cells.blank)
        lines = cut_cells(block).column(np.arange(len(cells.lines)), 0)
        separator = pc.if_else(pc.match_substring(lines, "\t"), "\t", " ")
        names = pa.array(labels.take(words.true_count), pa.string())
        column = pc.replace_with_mask(pa.nulls(len(lines), pa.string()), words, names)
        suffix = pc.fill_null(pc.binary_join_element_wise(separator, column, ""), "")
        wider = pc.binary_join_element_wise(pc.utf8_rtrim(lines, " \t"), suffix, "\n", "")
        return "".join(wider.to_pylist()).encode("utf-8")


def _number(value: str | None, option: str, default: int) -> int:
    """A column's number."""
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 4 and int(value)):
        what, remedy = f"'{value}' is not a column number", "columns have no names here: write 1 for the first"
        where, values = f"data.{option}", {"option": option}
        raise ConfigError(what, where=where, remedy=remedy, code="data.option", values=values)
    return int(value)


def _check(cells: Cells, words: Int64s, width: int, columns: dict[str, int]) -> None:
    """Raise unless all lines have the same number of columns, and those that are asked for."""
    for line in words[cells.widths[words] != width]:
        what = f"columns: {cells.widths[line]} where the lines before have {width}"
        remedy = "fix the line, or read plain text with data.format=text"
        raise DataError(what, where=cells.place(line), remedy=remedy, code="data.width")
    for option, k in zip(("text", "label"), columns.values(), strict=False):
        if k >= width:
            what = f"columns: {width} where data.{option}={k + 1} asks for more"
            where, remedy = cells.place(words[0]), f"choose one of 1 to {width}"
            values = {"option": option, "names": tuple(map(str, range(1, width + 1)))}
            raise DataError(what, where=where, remedy=remedy, code="data.column", values=values)
