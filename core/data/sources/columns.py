"""Columns, one token per line, a blank line between sentences (CoNLL-2000, CoNLL-2003 and similar).

Columns are cut at tabs alone where every line has one, so that ``New York`` may be a token; else at spaces too.
Left out are document marks (``-DOCSTART-``), which end a sentence as a blank line does, and comments: lines that
begin with ``#`` and have another number of columns, or are ``# name = value`` between spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.sources.blocks import Block, after_blank
from core.data.sources.cells import Cells, cut_cells, cut_words
from core.data.sources.formats import COMMENTS, DOCUMENT, MARKS, Format, Labels
from core.data.token_checks import shown
from core.errors import ConfigError, DataError
from core.types import Int64s

ASSIGNMENT = re.compile(rb"#\s*[\w.:]+\s*=")


class Columns(Format):
    """Sentences as ``tokens`` and ``labels``; ``text`` and ``label`` are numbers of columns, from 1 (1 and 2)."""

    ending_decides = False
    output_ending = ".txt"
    cut = staticmethod(after_blank)
    tabs: bool | None = None  # whether tabs alone separate columns; the first block decides
    without_tab = ""  # the place of the first line that has no tab, where others have one
    width = 0  # columns of the file, 0 before the first token

    @staticmethod
    def sniff(lines: list[str]) -> float:
        """Whether all lines have equally many columns, at least two, in groups between blank lines.

        Between spaces, one of them must look like tags, since short sentences may have equally many words too.
        """
        lines = [line.strip(" \t\r") for line in lines if not line.startswith(("#", DOCUMENT))]
        tabs = all("\t" in line for line in lines if line)
        if tabs and 2 * sum(" " in line for line in lines) > len(lines):
            return 0.0  # sentences between tabs
        rows = [re.split(r"\s*\t\s*" if tabs else r"[ \t]+", line) if line else [] for line in lines]
        groups = [list(group) for full, group in groupby(rows, bool) if full]
        widths = {len(words) for group in groups for words in group}
        fits = not all(rows) and len(widths) == 1 and min(widths) > 1 and sum(map(len, groups)) > len(groups)
        fits = fits and (tabs or any(map(_are_tags, list(zip(*filter(None, rows), strict=True))[1:])))
        return 0.5 * fits  # CoNLL-U has such columns too

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The sentences."""
        columns = self._columns()
        for block in blocks:
            cells, words, comments = self._cells(block)
            self.skipped[COMMENTS] += len(comments)
            self._check(cells, words, columns)
            yield cells.sentences(words, columns)

    def relabel(self, block: Block, labels: Labels) -> bytes:
        """The block with one more column: the predicted labels."""
        cells, tokens, _ = self._cells(block)
        if not self.tabs:
            _check_spaces(labels)
        is_word = np.zeros(len(cells.lines), dtype=bool)
        is_word[tokens] = True
        words = pa.array(is_word)
        lines = cut_cells(block).column(np.arange(len(cells.lines)), 0)
        separator = pc.if_else(pc.match_substring(lines, "\t"), "\t", " ")
        names = pa.array(labels.take(len(tokens)), pa.string())
        column = pc.replace_with_mask(pa.nulls(len(lines), pa.string()), words, names)
        suffix = pc.fill_null(pc.binary_join_element_wise(separator, column, ""), "")
        kept = pc.if_else(words, pc.utf8_rtrim(lines, " \t"), lines)
        wider = pc.binary_join_element_wise(kept, suffix, "\n", "")
        return "".join(wider.to_pylist()).encode("utf-8")

    def _columns(self) -> dict[str, int]:
        """The columns that are read, from 0."""
        columns = {"tokens": _number(self.text, "text", 1) - 1}
        if self.labelled:
            columns["labels"] = _number(self.label, "label", 2) - 1
        return columns

    def _cells(self, block: Block) -> tuple[Cells, Int64s, Int64s]:
        """A block cut into cells, where document marks count as blank; its lines of tokens, and its comments."""
        words = cut_words(block)
        cells = words.joined() if self.tabs is not False and b"\t" in block.data else words
        marks = self._marks(words, cells)
        words, cells = words.without(marks), cells.without(marks)
        content = np.flatnonzero(~cells.blank)
        starts_hash = block.codes[cells.lines[content]] == ord("#")
        tokens = content[~starts_hash]
        if not len(tokens) and b"\t" in block.data and (cells.widths[content] > 1).all():
            tokens = content  # a sentence of "#" alone
        self._decide(cells, tokens)
        cells = cells if self.tabs else words
        if not self.width and len(tokens):
            self.width = int(cells.widths[tokens[0]])
        comment = starts_hash & (cells.widths[content] != self.width)
        for i in np.flatnonzero(starts_hash & ~comment) if not self.tabs else ():
            comment[i] = ASSIGNMENT.match(block.data, int(cells.lines[content[i]])) is not None
        return cells, content[~comment], content[comment]

    def _marks(self, words: Cells, cells: Cells) -> Int64s:
        """The lines that are document marks: whose first column or token is one."""
        if DOCUMENT.encode() not in words.block.data:
            return np.zeros(0, dtype=np.int64)
        full = np.flatnonzero(~words.blank)
        has_tab = cells.widths[full] > 1
        columns = {0, self._columns()["tokens"]}
        marks = [part.is_cell(full, k, DOCUMENT.encode()) for k in columns for part in (words, cells)]
        found = full[np.where(has_tab, np.any(marks[1::2], axis=0), np.any(marks[::2], axis=0))]
        self.skipped[MARKS] += len(found)
        return found

    def _decide(self, cells: Cells, tokens: Int64s) -> None:
        """Decide by the first lines of tokens whether tabs alone separate the columns, as in ``cells``."""
        if self.tabs is None and len(tokens):
            single = tokens[cells.widths[tokens] < 2] if b"\t" in cells.block.data else tokens
            self.tabs = not len(single)
            self.without_tab = cells.place(single[0]) if 0 < len(single) < len(tokens) else ""

    def _check(self, cells: Cells, words: Int64s, columns: dict[str, int]) -> None:
        """Raise unless all lines have the same number of columns, and those that are asked for."""
        for line in words[cells.widths[words] != self.width]:
            what = f"columns: {cells.widths[line]} where the lines before have {self.width}"
            if self.tabs or self.without_tab:
                why = "at tabs alone" if self.tabs else f"at spaces too, as {self.without_tab} has no tab"
                what += f" (they are cut {why})"
            remedy = "fix the line, or read plain text with data.format=text"
            raise DataError(what, where=cells.place(line), remedy=remedy, code="data.width")
        for option, k in zip(("text", "label"), columns.values(), strict=False):
            if len(words) and k >= self.width:
                what = f"columns: {self.width} where data.{option}={k + 1} asks for more"
                where, remedy = cells.place(words[0]), f"choose one of 1 to {self.width}"
                values = {"option": option, "names": tuple(map(str, range(1, self.width + 1)))}
                raise DataError(what, where=where, remedy=remedy, code="data.column", values=values)


def _are_tags(column: Sequence[str]) -> bool:
    """Whether no value of a column begins with a small letter, and one with a capital letter."""
    return not any(value[0].islower() for value in column) and any(value[0].isupper() for value in column)


def _number(value: str | None, option: str, default: int) -> int:
    """A column's number."""
    if value is None:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 4 and int(value)):
        what, remedy = f"'{value}' is not a column number", "columns have no names here: write 1 for the first"
        where, values = f"data.{option}", {"option": option}
        raise ConfigError(what, where=where, remedy=remedy, code="data.option", values=values)
    return int(value)


def _check_spaces(labels: Labels) -> None:
    """Raise where a predicted label has spaces, in a file whose columns are cut at them."""
    for name in set(labels.names):
        if " " in name:
            what = f"the label {shown(name)} has a space, and the columns of this file are cut at spaces"
            raise DataError(what, where=labels.where, remedy="write another format", code="data.token")
