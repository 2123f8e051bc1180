"""The lines of a text file: bounded, also in a small compressed file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from core.data import lines as module
from core.data.lines import lines
from core.errors import DataError


def test_lines_of_plain_and_compressed_files(tmp_path: Path) -> None:
    for name, pack in (("a.txt", bytes), ("a.txt.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack("\ufeffone\r\ntwo\x85x\n\nlast".encode()))
        assert list(lines(str(tmp_path / name))) == ["one", "two\x85x", "", "last"]


def test_a_line_without_end_and_a_damaged_file_are_clear_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 1000)
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(b"short\n" + b"a" * 999 + b"\n" + b"a" * 1001))
    read = lines(str(path))
    assert [len(next(read)) for _ in range(2)] == [5, 999]
    with pytest.raises(DataError, match="a line of more than 1,000 characters"):
        next(read)
    path.write_bytes(path.read_bytes()[:20] + b"\xff\xff\xff" + path.read_bytes()[23:])
    with pytest.raises(DataError, match="cannot be read"):
        list(lines(str(path)))
