"""The file and the line of a row, for errors; found by reading the files again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.data.sources.blocks import ARRIVING, Block, read_blocks
from core.data.sources.formats import Format


def place_of_row(
    paths: Sequence[Path], reader_of: Callable[[Path], Format], encoding: str, row: int
) -> str | None:
    """``file:line`` of a row of some files, which follow one another; without lines ``file, row N``.

    Args:
        paths: the files.
        reader_of: a new reader of a file.
        encoding: of their text.
        row: its number in all files, from 0.

    Returns:
        None where the files have fewer rows.
    """
    for path in paths:
        rows, block = _block_of_row(path, reader_of(path), encoding, row)
        if rows is None:
            line = None if block is None else _line_of_row(path, reader_of(path), encoding, row, block)
            return line or f"{path}, row {row + 1}"
        row -= rows
    return None


def _block_of_row(path: Path, reader: Format, encoding: str, row: int) -> tuple[int | None, Block | None]:
    """None and the block that holds a row of a file, None if it has no lines; or the rows of a file with fewer."""
    rows, last = 0, list[Block]()

    def blocks() -> Iterator[Block]:
        for block in read_blocks(path, reader.cut, encoding, ARRIVING):
            last[:] = [block]
            yield block

    is_text = type(reader).read_file is Format.read_file
    for batch in reader.read(blocks()) if is_text else reader.read_file(path, encoding, ARRIVING):
        rows += batch.num_rows
        if rows > row:
            return None, last[0] if last else None
    return rows, None


def _line_of_row(path: Path, reader: Format, encoding: str, row: int, target: Block) -> str | None:
    """``file:line`` of a row in a block; None where the format does not read it record by record."""
    last = target

    def blocks() -> Iterator[Block]:
        nonlocal last
        for block in read_blocks(path, reader.cut, encoding, ARRIVING):
            records = _records(block, reader.cut) if block.line == target.line else (block,)
            for record in records:
                last = record
                yield record

    rows = 0
    for batch in reader.read(blocks()):
        if rows + batch.num_rows > row:
            return last.place(0) if batch.num_rows == 1 else None
        rows += batch.num_rows
    return None


def _records(block: Block, cut: Callable[[bytes], int]) -> Iterator[Block]:
    """The records of a block, each as a block."""
    start, line, data = 0, block.line, block.data
    end = data.find(b"\n") + 1
    while end > 0:
        if cut(data[start:end]) == end - start:
            yield Block(block.path, line, data[start:end])
            line += data.count(b"\n", start, end)
            start = end
        end = data.find(b"\n", end) + 1
    if start < len(data):
        yield Block(block.path, line, data[start:])
