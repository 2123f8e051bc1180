"""The command line within this process, and what every error must look like."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Done, ErrorOf, Seqlab, files, run_command

from core.registry import registry


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder and a registry for the test."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    registry.cache_clear()
    yield work
    registry.cache_clear()


@pytest.fixture
def seqlab(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    """One command, in the working folder."""

    def call(*words: str, text: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return run_command(capsys, *words)

    return call


@pytest.fixture
def error_of(seqlab: Seqlab, place: Path) -> ErrorOf:
    """The message of a command that fails: one sentence with a remedy, no traceback, no changed file."""

    def call(*words: str, text: str = "") -> str:
        before = files(place)
        done = seqlab(*words, text=text)
        assert done.code in (1, 2), done
        assert not done.out and done.err.startswith("error: ") and done.err.count("\n") == 1, done
        assert ";" in done.err and "internal error" not in done.err and "Traceback" not in done.err, done
        assert files(place) == before
        return done.err.strip()

    return call


@pytest.fixture
def put(place: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file in the working folder."""

    def write(name: str, content: str | bytes) -> Path:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
