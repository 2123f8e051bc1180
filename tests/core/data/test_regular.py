"""Files are opened only if they are plain files of a bounded size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.data.regular import NotRegular, check_tree, open_regular, read_text


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text ü", "utf-8")
    assert read_text(tmp_path / "a", 100) == "text ü"
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "b")


def test_links_pipes_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "broken").symlink_to(tmp_path / "nothing")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "broken", "zeros", "pipe"):
        with pytest.raises(NotRegular, match="link" if name != "pipe" else "plain file"):
            open_regular(tmp_path / name)
    for path in (tmp_path / "folder", Path("/dev/zero")):
        with pytest.raises(OSError, match=r"plain file|directory"):
            open_regular(path)


def test_a_file_above_its_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(NotRegular, match="its 1,099,511,627,776 bytes are more than the 100"):
        read_text(tmp_path / "sparse", 100)


def test_the_files_of_a_folder_are_listed_or_the_one_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    for name in ("b", "model/a"):
        (tmp_path / name).write_text("x")
    assert [path.as_posix() for path in check_tree(tmp_path)] == ["b", "model/a"]
    (tmp_path / "model" / "out").symlink_to("/")
    with pytest.raises(NotRegular, match="it is a link") as error:
        check_tree(tmp_path)
    assert error.value.filename == str(tmp_path / "model" / "out")
