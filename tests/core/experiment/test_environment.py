"""What a record says of versions, platform and code."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.experiment.environment import environment


def test_git_runs_once_per_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, run = [], subprocess.run

    def counted(command: list[str], **options: Any) -> Any:
        asked.extend([options["cwd"]] if command[0] == "git" else [])
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    monkeypatch.chdir(tmp_path)
    first, again = environment(), environment()
    assert first == again and asked == [str(tmp_path)]
    assert first["folder"] == str(tmp_path) and first["seqlab"].startswith("0.")
