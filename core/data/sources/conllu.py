"""CoNLL-U, the format of Universal Dependencies (Nivre et al. 2020, https://universaldependencies.org/format.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.sources.blocks import Block, after_blank
from core.data.sources.cells import TAB, Cells, cut_cells
from core.data.sources.formats import Format, Labels
from core.errors import ConfigError, DataError, nearest
from core.types import Int64s

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")


class Conllu(Format):
    """Sentences as ``tokens`` (form) and ``labels`` (upos); ranges (8-9) and empty nodes (8.1) are left out."""

    output_ending = ".conllu"
    cut = staticmethod(after_blank)

    @staticmethod
    def sniff(lines: list[str]) -> float:
        """Whether all lines are CoNLL-U."""
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        return float(bool(rows) and all(len(row) == len(COLUMNS) and row[0][:1].isdigit() for row in rows))

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The sentences; every line is checked to be CoNLL-U, and neither of the two columns may be empty."""
        columns = {"tokens": column_number(self.text or "form", "text")}
        if self.labelled:
            columns["labels"] = column_number(self.label or "upos", "label")
        for block in blocks:
            cells = cut_cells(block, TAB)
            words = _words(cells)
            for column in columns.values():
                _check_full(cells, words, column)
            yield cells.sentences(words, columns)

    def relabel(self, block: Block, labels: Labels) -> bytes:
        """The block with predicted labels in the label column; every other byte stays."""
        cells = cut_cells(block, TAB)
        at = cells.first[_words(cells)] + column_number(self.label or "upos", "label")
        starts, ends = [0, *cells.ends[at].tolist()], [*cells.starts[at].tolist(), len(block.data)]
        unchanged = (block.data[start:end] for start, end in zip(starts, ends, strict=True))
        names = (*(name.encode("utf-8") for name in labels.take(len(at))), b"")
        return b"".join(part for pair in zip(unchanged, names, strict=True) for part in pair)

    @staticmethod
    def normalize(data: bytes) -> bytes:
        """LF ends each line, one blank line each sentence, and comments precede tokens."""
        data = re.sub(rb"\n{3,}", b"\n\n", data.replace(b"\r\n", b"\n").strip(b"\n"))
        sentences = [
            sorted(sentence.split(b"\n"), key=lambda line: not line.startswith(b"#"))
            for sentence in data.split(b"\n\n")
        ]
        return b"\n\n".join(map(b"\n".join, sentences)) + b"\n\n" if data else b""


def column_number(name: str, option: str) -> int:
    """The position, from 0, of the column that ``data.<option>=<name>`` chooses.

    Raises:
        ConfigError: CoNLL-U has no such column.
    """
    if name.lower() not in COLUMNS:
        what, where, values = f"CoNLL-U has no column '{name}'", f"data.{option}", {"option": option}
        raise ConfigError(what, where=where, remedy=nearest(name, COLUMNS), code="data.option", values=values)
    return COLUMNS.index(name.lower())


def _words(cells: Cells) -> Int64s:
    """The lines that hold a word of a sentence."""
    comment = cells.block.codes[cells.lines] == ord("#")
    content = np.flatnonzero(~cells.blank & ~comment)
    for line in content[cells.widths[content] != len(COLUMNS)]:
        what = f"{cells.widths[line]} columns where CoNLL-U has {len(COLUMNS)}"
        remedy = "put one tab between columns and _ where one is empty, or read it with data.format=columns"
        raise DataError(what, where=cells.place(line), remedy=remedy, code="data.width")
    ids = cells.column(content, 0)
    word = pc.match_substring_regex(ids, "^[0-9]+$")
    others = np.flatnonzero(~to_numpy(word))
    for at in others[~to_numpy(pc.match_substring_regex(ids.take(to_arrow(others)), "^[0-9]+[-.][0-9]+$"))]:
        remedy = "an id is a number such as 8, a range 8-9 or an empty node 8.1"
        raise DataError(f"'{ids[at]}' is not a CoNLL-U id", where=cells.place(content[at]), remedy=remedy)
    words: Int64s = content[to_numpy(word)]
    _check_order(cells, words, ids.filter(word))
    return words


def _check_full(cells: Cells, words: Int64s, column: int) -> None:
    """Raise where a word has nothing in a column."""
    at = cells.first[words] + column
    for line in words[cells.starts[at] == cells.ends[at]]:
        remedy = "fill it in, or write _ where there is nothing"
        raise DataError(f"the column {COLUMNS[column]} is empty", where=cells.place(line), remedy=remedy)


def _check_order(cells: Cells, words: Int64s, ids: pa.StringArray) -> None:
    """Raise unless the words of each sentence are numbered 1, 2, 3, ..."""
    begins = cells.rows(words)
    wanted = to_arrow(1 + np.arange(len(words)) - np.repeat(begins[:-1], np.diff(begins))).cast(pa.string())
    for at in np.flatnonzero(to_numpy(pc.not_equal(ids, wanted))):
        what = f"id {ids[at]} where {wanted[at]} is next"
        remedy = "number the words of a sentence 1, 2, 3, ..., and put a blank line between sentences"
        raise DataError(what, where=cells.place(words[at]), remedy=remedy)
