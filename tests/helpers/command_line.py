"""The output and the files of one command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from core.__main__ import main


class Done(NamedTuple):
    """The exit status and the output of one command."""

    code: int
    out: str
    err: str


Seqlab = Callable[..., Done]
ErrorOf = Callable[..., str]


def run_command(capsys: pytest.CaptureFixture[str], *words: str) -> Done:
    """Run one command within this process."""
    with pytest.raises(SystemExit) as end:
        main(words)
    return Done(int(end.value.code or 0), *capsys.readouterr())


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder but what Python caches, with its content."""
    found = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def entries(folder: Path) -> list[str]:
    """The names in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
