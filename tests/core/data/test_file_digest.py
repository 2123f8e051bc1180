"""The hash of a file is computed once while the file stays as it is, and again once it is written."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from core.data import file_digest as module
from core.data.file_digest import file_digest


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    read = module._read

    def counted(path: str, algorithm: str) -> bytes:
        found.append(path)
        return read(path, algorithm)

    monkeypatch.setattr(module, "_read", counted)
    return found


def put(path: Path, text: str, ago: float) -> bytes:
    path.write_text(text)
    os.utime(path, (time.time() - ago,) * 2)
    return hashlib.blake2b(text.encode()).digest()


def test_a_file_that_stays_is_read_once(tmp_path: Path, reads: list[str]) -> None:
    expected = put(tmp_path / "a", "one", 100)
    assert [file_digest(tmp_path / "a") for _ in range(3)] == [expected] * 3 and len(reads) == 1
    assert file_digest(tmp_path / "a", "sha256") == hashlib.sha256(b"one").digest() and len(reads) == 2


@pytest.mark.parametrize("ago", [50, 0])
def test_a_file_of_the_same_size_that_is_written_again_is_read_again(
    ago: float, tmp_path: Path, reads: list[str]
) -> None:
    for text, age in (("one", 100.0), ("two", ago + 1), ("six", ago)):
        expected = put(tmp_path / "a", text, age)
        assert file_digest(tmp_path / "a") == expected
    assert len(reads) == 3


def test_a_file_that_has_just_been_written_is_not_remembered(tmp_path: Path, reads: list[str]) -> None:
    now = time.time()
    for text in ("one", "two"):  # the same time, as two writes within one tick of the clock have
        (tmp_path / "a").write_text(text)
        os.utime(tmp_path / "a", (now, now))
        assert file_digest(tmp_path / "a") == hashlib.blake2b(text.encode()).digest()
    assert len(reads) == 2


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_digest(tmp_path / "none")
