"""CoNLL-U, the format of Universal Dependencies (Nivre et al. 2020, https://universaldependencies.org/format.html).

In CoNLL-U Plus (https://universaldependencies.org/ext-format.html) the first line names the columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.sources.blocks import Block, after_blank
from core.data.sources.cells import TAB, Cells, cut_cells
from core.data.sources.formats import DOCUMENT, MARKS, Format, Labels
from core.errors import ConfigError, DataError, nearest
from core.types import Int64s

PLUS = re.compile(rb"#\s*global\.columns\s*=([^\r\n]*)")
LATE_COMMENT = re.compile(rb"^[^#\n][^\n]*\n#", re.MULTILINE)  # after a token of its sentence
COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")


class Conllu(Format):
    """Sentences as ``tokens`` (form) and ``labels`` (upos); ranges (8-9) and empty nodes (8.1) are left out.

    So are document marks: sentences whose only word is ``-DOCSTART-``.
    """

    output_ending = ".conllu"
    cut = staticmethod(after_blank)
    columns: tuple[str, ...] = COLUMNS  # of the file; the first line of CoNLL-U Plus names others

    @staticmethod
    def sniff(lines: list[str]) -> float:
        """Whether all lines are CoNLL-U, or the first one names the columns of CoNLL-U Plus."""
        if lines and PLUS.match(lines[0].encode("utf-8")):
            return 1.0
        rows = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
        return float(bool(rows) and all(len(row) == len(COLUMNS) and row[0][:1].isdigit() for row in rows))

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The sentences; every line is checked to be CoNLL-U, and neither of the two columns may be empty."""
        for block in blocks:
            self._read_header(block)
            columns = {"tokens": column_number(self.text or "form", "text", self.columns)}
            if self.labelled:
                columns["labels"] = column_number(self.label or "upos", "label", self.columns)
            cells, words, marks = self._words(block)
            self.skipped[MARKS] += marks
            for column in columns.values():
                self._check_full(cells, words, column)
            yield cells.sentences(words, columns)

    def relabel(self, block: Block, labels: Labels) -> bytes:
        """The block with predicted labels in the label column; every other byte stays."""
        self._read_header(block)
        cells, words, _ = self._words(block)
        at = cells.first[words] + column_number(self.label or "upos", "label", self.columns)
        starts, ends = [0, *cells.ends[at].tolist()], [*cells.starts[at].tolist(), len(block.data)]
        names = labels.take(len(at))
        encoded = {name: name.encode("utf-8") for name in set(names)}
        parts = [b""] * (2 * len(at) + 1)  # what is unchanged, a label, what is unchanged, ...
        parts[::2] = [block.data[start:end] for start, end in zip(starts, ends, strict=True)]
        parts[1::2] = [encoded[name] for name in names]
        return b"".join(parts)

    def _read_header(self, block: Block) -> None:
        """The columns that the first line of CoNLL-U Plus names."""
        if block.line == 1 and (header := PLUS.match(block.data)):
            self.columns = tuple(header.group(1).decode("utf-8").lower().split())

    def _words(self, block: Block) -> tuple[Cells, Int64s, int]:
        """A block cut into cells, its lines that hold a word of a sentence, and the number of document marks."""
        cells = cut_cells(block, TAB)
        comment = block.codes[cells.lines] == ord("#")
        content = np.flatnonzero(~cells.blank & ~comment)
        wrong = content[cells.widths[content] != len(self.columns)]
        if len(wrong):
            content, cells = np.setdiff1d(content, wrong), self._without_blank(cells, wrong)
        words = _numbered(cells, content, self.columns.index("id")) if "id" in self.columns else content
        if DOCUMENT.encode() not in block.data or "form" not in self.columns:
            return cells, words, 0
        begins = cells.rows(words)
        alone = words[begins[:-1][np.diff(begins) == 1]]
        marks = alone[cells.is_cell(alone, self.columns.index("form"), DOCUMENT.encode())]
        return cells, np.setdiff1d(words, marks), len(marks)

    def _without_blank(self, cells: Cells, wrong: Int64s) -> Cells:
        """The cells, where lines of white space alone are blank; raises for other lines of a wrong width."""
        for line in wrong:
            at = int(cells.lines[line])
            if cells.block.data[at : cells.block.data.index(b"\n", at)].strip():
                what = f"{cells.widths[line]} columns where CoNLL-U has {len(self.columns)}"
                remedy = (
                    "put one tab between columns and _ where one is empty, or read it with data.format=columns"
                )
                raise DataError(what, where=cells.place(line), remedy=remedy, code="data.width")
        return cells.without(wrong)

    def _check_full(self, cells: Cells, words: Int64s, column: int) -> None:
        """Raise where a word has nothing in a column."""
        at = cells.first[words] + column
        for line in words[cells.starts[at] == cells.ends[at]]:
            remedy = "fill it in, or write _ where there is nothing"
            raise DataError(f"the column {self.columns[column]} is empty", where=cells.place(line), remedy=remedy)

    @staticmethod
    def normalize(data: bytes) -> bytes:
        """LF ends each line, one blank line each sentence, and comments precede tokens."""
        data = data.replace(b"\r\n", b"\n").strip(b"\n")
        data = re.sub(rb"\n{3,}", b"\n\n", data) if b"\n\n\n" in data else data  # a search takes much longer
        if data and not LATE_COMMENT.search(data):
            return data + b"\n\n"
        sentences = [
            sorted(sentence.split(b"\n"), key=lambda line: not line.startswith(b"#"))
            for sentence in data.split(b"\n\n")
        ]
        return b"\n\n".join(map(b"\n".join, sentences)) + b"\n\n" if data else b""


def column_number(name: str, option: str, columns: Sequence[str] = COLUMNS) -> int:
    """The position, from 0, of the column that ``data.<option>=<name>`` chooses.

    Raises:
        ConfigError: CoNLL-U, or this file of CoNLL-U Plus, has no such column.
    """
    if name.lower() not in columns:
        what, where, values = f"CoNLL-U has no column '{name}'", f"data.{option}", {"option": option}
        if tuple(columns) != COLUMNS:
            what = f"the columns of this file are {', '.join(columns)}, not '{name}'"
        raise ConfigError(what, where=where, remedy=nearest(name, columns), code="data.option", values=values)
    return columns.index(name.lower())


def _numbered(cells: Cells, content: Int64s, column: int) -> Int64s:
    """The lines of words among lines of tokens: those whose id is a number, not a range or an empty node."""
    ids = cells.column(content, column)
    word = pc.match_substring_regex(ids, "^[0-9]+$")
    others = np.flatnonzero(~to_numpy(word))
    for at in others[~to_numpy(pc.match_substring_regex(ids.take(to_arrow(others)), "^[0-9]+[-.][0-9]+$"))]:
        remedy = "an id is a number such as 8, a range 8-9 or an empty node 8.1"
        raise DataError(f"'{ids[at]}' is not a CoNLL-U id", where=cells.place(content[at]), remedy=remedy)
    words: Int64s = content[to_numpy(word)]
    _check_order(cells, words, ids.filter(word))
    return words


def _check_order(cells: Cells, words: Int64s, ids: pa.StringArray) -> None:
    """Raise unless the words of each sentence are numbered 1, 2, 3, ..."""
    begins = cells.rows(words)
    wanted = to_arrow(1 + np.arange(len(words)) - np.repeat(begins[:-1], np.diff(begins))).cast(pa.string())
    for at in np.flatnonzero(to_numpy(pc.not_equal(ids, wanted))):
        what = f"id {ids[at]} where {wanted[at]} is next"
        remedy = "number the words of a sentence 1, 2, 3, ..., and put a blank line between sentences"
        raise DataError(what, where=cells.place(words[at]), remedy=remedy)
