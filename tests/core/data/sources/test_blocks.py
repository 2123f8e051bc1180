"""A file in blocks: no block size changes what is read."""

from __future__ import annotations

import lzma
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from source_samples import CONLLU, RATED, put, read, rows

from core.data.sources import blocks, open_source
from core.data.sources.blocks import Block, after_blank, read_blocks
from core.data.sources.delimited import CSV
from core.data.sources.files import Files
from core.data.sources.formats import Format
from core.errors import DataError


@pytest.mark.parametrize("size", [3, 7, 64, 1000])
@pytest.mark.parametrize("cut", [Format.cut, after_blank, CSV.cut])
def test_blocks_join_to_the_file_and_know_their_lines(tmp_path: Path, size: int, cut: object) -> None:
    path = put(tmp_path / "a", CONLLU)
    data = path.read_bytes()
    found = list(read_blocks(path, cut=cut, size=size))
    assert b"".join(block.data for block in found) == data
    at = 0
    for block in found:
        assert block.line == 1 + data.count(b"\n", 0, at)
        at += len(block.data)


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("conllu", CONLLU * 5),
        ("columns", "a X\nb Y\n\nc Z\r\n\r\n" * 9),
        ("tsv", "text\tlabel\n" + "a b\t1\n\n" * 9),
        ("csv", "text,label\n" + '"a\n""b",1\nc,2\n' * 9),
        ("text", "a é\n\nb\n" * 9),
    ],
)
@pytest.mark.parametrize("size", [3, 5, 50])
def test_rows_do_not_depend_on_the_block_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Any, content: str, size: int
) -> None:
    path = put(tmp_path / "a.gz", content)
    whole = rows(Files(path, format=format))
    monkeypatch.setattr(Files, "block_size", size)
    assert rows(Files(path, format=format)) == whole


def compressed(path: Path, content: bytes) -> Path:
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(content))
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as file:
            file.write(content)
    return path


@pytest.mark.parametrize("ending", ["xz", "zst"])
def test_packed_files_are_uncompressed(tmp_path: Path, ending: str) -> None:
    compressed(tmp_path / f"train.tsv.{ending}", b"text\tlabel\ngood\t1\n" + b"\t0\n")
    assert rows(open_source(tmp_path)) == RATED


@pytest.mark.parametrize("ending", ["xz", "zst"])
def test_a_compressed_file_that_is_cut_short_is_one_clear_error(tmp_path: Path, ending: str) -> None:
    path = compressed(tmp_path / f"a.txt.{ending}", bytes(range(97, 123)) * 1000)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=f"a.txt.{ending}: the {ending.replace('zst', 'zstd')} file is cut short"):
        rows(Files(path))


@pytest.mark.parametrize("step", [2, 3, 9])  # strings that fill much of the block, and little
def test_byte_ranges_are_strings_wherever_they_are(step: int) -> None:
    data = ("käse und brot " * 9).encode()
    block, starts = Block(Path("a"), 1, data), np.arange(0, len(data) - 1, step)
    starts = starts[[data[i] < 128 and data[i + 1] < 128 for i in starts]]
    ends = starts + (np.arange(len(starts)) % 3 > 0)  # every third one is empty
    expected = [data[a:b].decode() for a, b in zip(starts, ends, strict=True)]
    assert block.strings(starts, ends).to_pylist() == expected


def test_a_record_without_end_and_a_device_are_clear_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LONGEST", 1000)
    path = put(tmp_path / "a.txt.xz", "")
    path.write_bytes(lzma.compress(b"a b\n" + b"a" * 3000))
    with pytest.raises(DataError, match=r"a.txt.xz:2: a record of more than 0 MiB"):
        list(read_blocks(path, Format.cut, size=64))
    with pytest.raises(DataError, match="a NUL byte, which no text has"):
        list(read_blocks(Path("/dev/zero"), Format.cut, size=64))
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(DataError, match="it is a device or a pipe, and data is read more than once"):
            open_source(str(name))


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.conll"])
def test_lines_that_end_in_carriage_returns_alone_are_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="its lines end in carriage returns alone; convert it"):
        read(tmp_path, name, "text,label\rgood,pos\rbad,neg\r")
    assert read(tmp_path, "b.txt", "a\rb\nc\n") == [{"text": "a\rb"}, {"text": "c"}]
