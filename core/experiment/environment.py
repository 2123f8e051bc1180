"""What a run depends on besides its config: versions, processor, source code."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

LIBRARIES = ("torch", "numpy", "pyarrow", "numba")


def environment() -> dict[str, Any]:
    """Versions, platform and the working directory with its git revision, for the record of a run."""
    return {**_platform(), "folder": os.getcwd(), "git": _git_revision(os.getcwd())}


@cache
def code_version() -> str:
    """The version and a hash of core's source: a saved run of other code is never reused."""
    digest = hashlib.blake2b(digest_size=4)
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{_version('seqlab')}+{digest.hexdigest()}"


@cache
def _platform() -> dict[str, Any]:
    """What does not change within a process."""
    return {
        "seqlab": code_version(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor() or platform.processor(),
        "cores": os.cpu_count(),
        **{library: _version(library) for library in LIBRARIES},
    }


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    return "".join(re.findall(r"model name\s*:\s*(.+)", path.read_text())[:1]) if path.exists() else ""


@cache
def _git_revision(folder: str) -> str | None:
    """The revision that a folder has at the first call; None outside a repository."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=5, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
