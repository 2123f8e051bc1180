"""CoNLL-U, the format of Universal Dependencies (Nivre et al. 2020, https://universaldependencies.org/format.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.sources.blocks import Block, after_blank
from core.data.sources.cells import TAB, Cells, cut_cells, rows_of
from core.data.sources.formats import Format, Labels
from core.errors import ConfigError, DataError, nearest
from core.types import Int64s

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_COMMENT_WITHIN = re.compile(rb"^[^#\n].*\n#", re.MULTILINE)  # a comment below a token of its sentence


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
        """The sentences.

        Raises:
            ConfigError: CoNLL-U has no column of the name that was asked for.
            DataError: a line is not CoNLL-U, or one of the two columns is empty.
        """
        columns = {"tokens": column_number(self.text or "form", "text")}
        if self.labelled:
            columns["labels"] = column_number(self.label or "upos", "label")
        for block in blocks:
            cells = cut_cells(block, TAB)
            words = _words(cells)
            for column in columns.values():
                _check_full(cells, words, column)
            offsets = rows_of(words, cells.blank)
            lists = {
                name: pa.ListArray.from_arrays(offsets, cells.column(words, k)) for name, k in columns.items()
            }
            yield pa.RecordBatch.from_pydict(lists)

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
        if _COMMENT_WITHIN.search(data):
            data = b"\n\n".join(_comments_first(sentence) for sentence in data.split(b"\n\n"))
        return data + b"\n\n" if data else b""


def column_number(name: str, option: str) -> int:
    """The position of a column, from 0.

    Args:
        name: of the column.
        option: ``text`` or ``label``, which chooses it.

    Raises:
        ConfigError: CoNLL-U has no such column.
    """
    if name.lower() not in COLUMNS:
        what, remedy = f"CoNLL-U has no column '{name}'", nearest(name, COLUMNS)
        raise ConfigError(
            what, where=f"data.{option}", remedy=remedy, code="data.option", values={"option": option}
        )
    return COLUMNS.index(name.lower())


def _comments_first(sentence: bytes) -> bytes:
    lines: list[bytes] = sentence.split(b"\n")
    lines.sort(key=lambda line: not line.startswith(b"#"))
    return b"\n".join(lines)


def _words(cells: Cells) -> Int64s:
    """The lines that hold a word of a sentence."""
    comment = cells.block.codes[cells.lines] == ord("#")
    content = np.flatnonzero(~cells.blank & ~comment)
    wrong = content[cells.widths[content] != len(COLUMNS)]
    if len(wrong):
        line = int(wrong[0])
        raise DataError(
            f"{cells.widths[line]} columns where CoNLL-U has {len(COLUMNS)}",
            where=cells.place(line),
            remedy="put one tab between columns and _ where one is empty, or read it with data.format=columns",
            code="data.width",
        )
    ids = cells.column(content, 0)
    word = to_numpy(pc.match_substring_regex(ids, "^[0-9]+$"))
    known = to_numpy(pc.match_substring_regex(ids, "^[0-9]+([-.][0-9]+)?$"))
    if not known.all():
        at = int(np.flatnonzero(~known)[0])
        raise DataError(
            f"'{ids[at].as_py()}' is not a CoNLL-U id",
            where=cells.place(int(content[at])),
            remedy="an id is a number such as 8, a range 8-9 or an empty node 8.1",
        )
    _check_order(cells, content[word], ids.filter(to_arrow(word)))
    return np.asarray(content[word])


def _check_full(cells: Cells, words: Int64s, column: int) -> None:
    """Raise where a word has nothing in a column."""
    at = cells.first[words] + column
    empty = words[cells.starts[at] == cells.ends[at]]
    if len(empty):
        what, remedy = f"the column {COLUMNS[column]} is empty", "fill it in, or write _ where there is nothing"
        raise DataError(what, where=cells.place(int(empty[0])), remedy=remedy)


def _check_order(cells: Cells, words: Int64s, ids: pa.StringArray) -> None:
    """Raise unless the words of each sentence are numbered 1, 2, 3, ..."""
    begins = to_numpy(rows_of(words, cells.blank))
    wanted = to_arrow(1 + np.arange(len(words)) - np.repeat(begins[:-1], np.diff(begins))).cast(pa.string())
    wrong = np.flatnonzero(to_numpy(pc.not_equal(ids, wanted)))
    if len(wrong):
        at = int(wrong[0])
        raise DataError(
            f"id {ids[at].as_py()} where {wanted[at].as_py()} is next",
            where=cells.place(int(words[at])),
            remedy="number the words of a sentence 1, 2, 3, ..., and put a blank line between sentences",
        )
