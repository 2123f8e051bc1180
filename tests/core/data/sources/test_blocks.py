"""A file in blocks: no block size changes what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from source_samples import CONLLU, put, rows

from core.data.sources.blocks import after_blank, after_line, read_blocks
from core.data.sources.files import Files
from core.data.sources.quotes import after_record


@pytest.mark.parametrize("size", [3, 7, 64, 1000])
@pytest.mark.parametrize("cut", [after_line, after_blank, after_record])
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
