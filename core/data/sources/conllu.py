"""CoNLL-U, the format of Universal Dependencies (Nivre et al. 2020, https://universaldependencies.org/format.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_arrow, to_numpy
from core.data.sources.blocks import Block
from core.data.sources.cells import TAB, Cells, cut_cells, rows_of
from core.data.sources.columns import check_count
from core.errors import ConfigError, DataError, nearest
from core.types import Int64s

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")


def read(blocks: Iterator[Block], *, text: str | None, label: str | None) -> Iterator[pa.RecordBatch]:
    """The sentences; multiword ranges (``8-9``) and empty nodes (``8.1``) are not tokens.

    Args:
        blocks: whole sentences.
        text: the column of the tokens; None: ``form``.
        label: the column of the labels; None: ``upos``.

    Returns:
        Batches with ``tokens`` and ``labels``.

    Raises:
        DataError: a line is no CoNLL-U, or one of the two columns is empty.
    """
    token_column, label_column = number(text or "form", "data.text"), number(label or "upos", "data.label")
    for block in blocks:
        cells = cut_cells(block, TAB)
        words = _words(cells)
        for column in (token_column, label_column):
            _check_full(cells, words, column)
        offsets = rows_of(words, cells.blank)
        tokens, labels = (
            pa.ListArray.from_arrays(offsets, cells.column(words, k)) for k in (token_column, label_column)
        )
        yield pa.RecordBatch.from_pydict({"tokens": tokens, "labels": labels})


def number(name: str, key: str) -> int:
    """Which column has a name, from 0.

    Raises:
        ConfigError: CoNLL-U has no such column.
    """
    if name.lower() not in COLUMNS:
        raise ConfigError(f"CoNLL-U has no column '{name}'", where=key, remedy=nearest(name, COLUMNS))
    return COLUMNS.index(name.lower())


def looks_like(lines: list[str]) -> bool:
    """Whether the first lines of a file are CoNLL-U."""
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return bool(rows) and all(len(row) == len(COLUMNS) and row[0][:1].isdigit() for row in rows)


def write(blocks: Iterator[Block], label: str | None, labels: list[str], path: Path) -> None:
    """Write the sentences with predicted labels; comments, ranges, empty nodes and all other columns stay.

    Args:
        blocks: whole sentences of the source.
        label: the column to replace; None: ``upos``.
        labels: one a token.
        path: the file to write.

    Raises:
        DataError: there are more or fewer labels than tokens.
    """
    column = COLUMNS[number(label or "upos", "data.label")]
    done = 0
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for block in blocks:
            _words(cut_cells(block, TAB))  # raises where a line is no CoNLL-U
            text = block.data.decode("utf-8").replace("\r\n", "\n").strip("\n")
            for sentence in re.split(r"\n{2,}", text) if text else []:
                whole, done = _answered(sentence.split("\n"), column, labels, done, str(block.path))
                file.write(whole)
    check_count(done, len(labels), str(path))


def replaced(block: Block, label: str | None, labels: list[str]) -> bytes:
    """The block with other labels; every other byte stays.

    Args:
        block: whole sentences.
        label: the column to replace; None: ``upos``.
        labels: one a token.
    """
    cells = cut_cells(block, TAB)
    at = cells.first[_words(cells)] + number(label or "upos", "label")
    check_count(len(at), len(labels), str(block.path))
    starts, ends = [0, *cells.ends[at].tolist()], [*cells.starts[at].tolist(), len(block.data)]
    kept = (block.data[start:end] for start, end in zip(starts, ends, strict=True))
    new = (*(name.encode("utf-8") for name in labels), b"")
    return b"".join(part for pair in zip(kept, new, strict=True) for part in pair)


def _answered(lines: list[str], column: str, labels: list[str], done: int, where: str) -> tuple[str, int]:
    """A sentence with the labels from ``done`` on, and how many labels are done after it."""
    from conllu.models import Token, TokenList

    comments = [line + "\n" for line in lines if line.startswith("#")]
    # Fields stay strings: the package's own parsers would rewrite features, comments and doubled spaces.
    tokens = [Token(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines if line and line[0] != "#"]
    words = [token for token in tokens if token["id"].isdigit()]
    check_count(done + len(words), len(labels), where, over=True)
    for token, answer in zip(words, labels[done : done + len(words)], strict=True):
        token[column] = answer
    return "".join(comments) + (TokenList(tokens).serialize() if tokens else "\n"), done + len(words)


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
            remedy="put one tab between columns and _ where one is empty, or say data.format=columns",
        )
    ids = cells.column(content, 0)
    word = to_numpy(pc.match_substring_regex(ids, "^[0-9]+$"))
    known = to_numpy(pc.match_substring_regex(ids, "^[0-9]+([-.][0-9]+)?$"))
    if not known.all():
        at = int(np.flatnonzero(~known)[0])
        raise DataError(
            f"'{ids[at].as_py()}' is no CoNLL-U id",
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
