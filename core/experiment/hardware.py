"""The machine: device, precision and threads resolved, memory and time measured, versions named."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
import platform
import re
import resource
import subprocess
import sys
import time
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from core.errors import ConfigError


def check_device(name: str) -> None:
    """Refuse a name that is no device, on this machine or another.

    Raises:
        ConfigError: it is none.
    """
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", name):
        raise ConfigError(
            f"'{name}' is no device", where="device", remedy="choose from: auto, cpu, cuda, cuda:N, mps"
        )


def resolve_device(name: str) -> str:
    """``auto`` and device names -> the device to use.

    Raises:
        ConfigError: a name that is no device, or a device that this machine lacks.
    """
    check_device(name)
    if name == "cpu":
        return name
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next((device for device, there in present.items() if there), "cpu")
    kind, _, number = name.partition(":")
    if not present[kind] or (number and int(number) >= torch.cuda.device_count()):
        raise ConfigError(f"this machine has no {name}", where="device", remedy="take device=cpu or device=auto")
    return name


def resolve_precision(name: str, device: str) -> str:
    """``auto`` -> ``bf16`` on a GPU that has it, else ``fp32``."""
    if name != "auto":
        return name
    if device.startswith("cuda"):
        import torch

        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "fp32"


def resolve_threads(threads: int | str, kind: str) -> int:
    """``auto`` -> every core for ``next``, whose matrices are large; one else, where more threads only wait."""
    if threads != "auto":
        return int(threads)
    return (os.cpu_count() or 1) if kind == "next" else 1


@cache
def code_version() -> str:
    """The version, and a hash of core's own source: results of other code are never taken for this one's."""
    state = hashlib.blake2b(digest_size=4)
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        state.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{_version('seqlab')}+{state.hexdigest()}"


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"


def environment() -> dict[str, Any]:
    """Versions, platform, and the folder the user stands in with its git revision, for the record."""
    versions = {name: _version(name) for name in ("torch", "numpy", "pyarrow", "numba")}
    return {
        "seqlab": code_version(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "folder": os.getcwd(),
        **versions,
        "git": _git_revision(),
    }


def _processor() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1) if found else platform.processor()


def _git_revision() -> str | None:
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def release() -> None:
    """Give what was freed back to the system, where Arrow or the C library (glibc) would keep it."""
    gc.collect()
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # another C library, another system
        pass


class Watch:
    """Wall and CPU seconds and the peak of memory since it was made.

    Args:
        memory: start the peak of memory anew (Linux), for the whole process, without what was freed before.
    """

    def __init__(self, memory: bool = False) -> None:
        if memory:
            release()
            try:
                Path("/proc/self/clear_refs").write_text("5")
            except OSError:
                pass
        self.start, self.cpu_start = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        """Wall seconds."""
        return time.perf_counter() - self.start

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of this process, all threads together."""
        return time.process_time() - self.cpu_start

    @property
    def peak_bytes(self) -> int:
        """Peak resident memory of the process in bytes (where the peak cannot be reset: since its start)."""
        try:
            found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
            if found:
                return int(found.group(1)) * 1024
        except OSError:
            pass
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
