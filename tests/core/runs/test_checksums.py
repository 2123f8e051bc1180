"""Checksums of a saved model: which changes they detect, and that large files are not read for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StoreError
from core.runs import checksums


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One small file and one that counts as large."""
    monkeypatch.setattr(checksums, "LARGE", 10_000)
    monkeypatch.setattr(checksums, "PIECE", 16)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "small.npy").write_bytes(bytes(range(200)))
    (tmp_path / "model" / "large.npy").write_bytes(bytes(i % 251 for i in range(50_000)))
    checksums.write(tmp_path)
    return tmp_path


def test_unchanged_files_pass(folder: Path) -> None:
    checksums.check(folder)


@pytest.mark.parametrize("name", ["small.npy", "large.npy"])
@pytest.mark.parametrize("how", ["cut", "longer", "first byte", "last byte", "zeros", "gone"])
def test_a_truncated_replaced_or_overwritten_file_is_an_error(folder: Path, name: str, how: str) -> None:
    path = folder / "model" / name
    data = bytearray(path.read_bytes())
    if how == "cut":
        del data[-1]
    elif how == "longer":
        data.append(0)
    elif how == "zeros":
        data[2 * len(data) // 5 : 3 * len(data) // 5] = bytes(3 * len(data) // 5 - 2 * len(data) // 5)
    else:
        data[0 if how == "first byte" else -1] ^= 1
    path.write_bytes(data)
    if how == "gone":
        path.unlink()
    with pytest.raises(StoreError, match=name):
        checksums.check(folder)


def test_any_byte_of_a_small_file_counts(folder: Path) -> None:
    path = folder / "model" / "small.npy"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"small\.npy"):
        checksums.check(folder)


def test_only_pieces_of_a_large_file_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checksum = checksums._checksum

    def of_pieces(path: Path, sampled: bool) -> str:
        assert sampled or "large" not in path.name
        return checksum(path, sampled)

    monkeypatch.setattr(checksums, "_checksum", of_pieces)
    checksums.check(folder)


def test_checksums_of_whole_large_files_are_accepted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "LARGE", 1 << 30)
    (folder / checksums.FILE).unlink()
    checksums.write(folder)
    monkeypatch.setattr(checksums, "LARGE", 10_000)
    checksums.check(folder)
