"""What is known of files is computed again once they change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core import unchanged
from core.unchanged import FileCache

LATER = 3600.0


class Reader:
    """Reads a file through a cache, and counts how often."""

    def __init__(self, path: Path, size: int = 8) -> None:
        self.path, self.count, self.cache = path, 0, FileCache[str](size)

    def __call__(self, key: str = "key") -> str:
        return self.cache.get(key, self.read)

    def read(self) -> tuple[str, list[Path]]:
        self.count += 1
        return self.path.read_text(), [self.path]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour later, when no file is recent."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + LATER)


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path, later: None) -> None:
    read = Reader(tmp_path / "a")
    read.path.write_text("one")
    assert (read(), read(), read.count) == ("one", "one", 1)
    read.path.write_text("two, longer")
    assert (read(), read(), read.count) == ("two, longer", "two, longer", 2)


def test_another_content_of_the_same_size_and_time_is_seen(tmp_path: Path, later: None) -> None:
    read = Reader(tmp_path / "a")
    read.path.write_text("one")
    assert read() == "one"
    before, wait = read.path.stat(), time.monotonic() + 1
    while (after := read.path.stat()).st_ctime_ns == before.st_ctime_ns and time.monotonic() < wait:
        read.path.write_text("two")
    os.utime(read.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = read.path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert read() == "two"


def test_a_replaced_and_a_removed_file_are_seen(tmp_path: Path, later: None) -> None:
    read = Reader(tmp_path / "a")
    read.path.write_text("one")
    assert read() == "one"
    (tmp_path / "b").write_text("two")
    os.replace(tmp_path / "b", read.path)
    assert read() == "two"
    read.path.unlink()
    with pytest.raises(FileNotFoundError):
        read()


def test_a_file_that_has_just_changed_is_read_every_time(tmp_path: Path) -> None:
    read = Reader(tmp_path / "a")
    read.path.write_text("one")
    assert (read(), read(), read.count) == ("one", "one", 2)
    os.utime(read.path, (1, 1))  # its old time stamp says nothing: somebody has just set it
    assert (read(), read.count) == ("one", 3)


def test_the_oldest_values_are_dropped(tmp_path: Path, later: None) -> None:
    read = Reader(tmp_path / "a", size=2)
    read.path.write_text("one")
    for key in ("1", "2", "3"):
        read(key)
    assert list(read.cache.known) == ["2", "3"] and read.count == 3
    assert read("2") == "one" and read.count == 3


def test_what_is_not_there_and_what_is_no_file_has_no_state(tmp_path: Path) -> None:
    assert unchanged.state(tmp_path / "none") is None and unchanged.state(tmp_path) is not None
    assert unchanged.state(Path(os.devnull)) is None
