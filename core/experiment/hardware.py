"""The device, precision and threads of a run, and the time and memory that it takes."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.data.memory import release
from core.errors import ConfigError


def check_device(name: str) -> None:
    """Refuse a name that is not a device on any computer.

    Raises:
        ConfigError: the name is not a device.
    """
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", name):
        remedy = "choose from: auto, cpu, cuda, cuda:N, mps"
        raise ConfigError(f"'{name}' is not a device", where="device", remedy=remedy)


def resolve_device(name: str) -> str:
    """``auto`` and device names -> the device to use.

    Raises:
        ConfigError: the name is not a device, or this computer does not have it.
    """
    check_device(name)
    if name == "cpu":
        return name
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next((device for device, available in present.items() if available), "cpu")
    kind, _, number = name.partition(":")
    if not present[kind] or (number and int(number) >= torch.cuda.device_count()):
        raise ConfigError(f"this computer has no {name}", where="device", remedy="use device=cpu or device=auto")
    return name


def resolve_precision(name: str, device: str) -> str:
    """``auto`` -> ``bf16`` on a GPU that supports it, else ``fp32``."""
    if name == "auto" and device.startswith("cuda"):
        import torch

        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "fp32" if name == "auto" else name


def resolve_threads(threads: int | str, kind: str) -> int:
    """``auto`` -> all cores for ``next``, whose matrices are large; one for other kinds, which gain nothing."""
    if threads != "auto":
        return int(threads)
    return (os.cpu_count() or 1) if kind == "next" else 1


class ResourceMonitor:
    """The wall and CPU seconds of each phase of a run, and its peak memory.

    Attributes:
        seconds: phase -> wall seconds.
        cpu_seconds: phase -> CPU seconds of this process, all threads.
        peak_bytes: peak resident memory at the end of the last phase, on Linux without what was freed before
            the monitor was made, elsewhere since the process started.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        self.peak_bytes = 0
        release()
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:  # another system
            pass

    @contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        """Measure the time of a ``with`` block."""
        start, cpu_start = time.perf_counter(), time.process_time()
        yield
        self.seconds[phase] = time.perf_counter() - start
        self.cpu_seconds[phase] = time.process_time() - cpu_start
        self.peak_bytes = peak_bytes()


def peak_bytes() -> int:
    """Peak resident memory of this process in bytes, since it started or the last ``ResourceMonitor`` was made."""
    try:
        if match := re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text()):
            return int(match.group(1)) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
