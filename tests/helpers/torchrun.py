"""Runs in several processes: as torchrun starts them, or pretended.

As a program it runs each of the configs (JSON, one dictionary per run) of its argument; torchrun starts it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def pretend(monkeypatch: pytest.MonkeyPatch, rank: int, size: int, local: int = 2) -> None:
    """Make this process look as if torchrun had started it."""
    given = {"RANK": rank, "WORLD_SIZE": size, "LOCAL_RANK": rank % local, "LOCAL_WORLD_SIZE": local}
    for name, value in {**given, "MASTER_ADDR": "localhost", "MASTER_PORT": 1}.items():
        monkeypatch.setenv(name, str(value))


def start(folder: Path, *what: str) -> subprocess.Popen[str]:
    """Start ``torchrun what...`` with two processes in a folder, with the output of all in one pipe."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    environment = {**os.environ, "PYTHONPATH": paths}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen([*launcher, *what], cwd=folder, env=environment, **pipes)


if __name__ == "__main__":
    import core

    for overrides in json.loads(sys.argv[1]):
        core.run(**overrides)
