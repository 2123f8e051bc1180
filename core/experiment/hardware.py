"""The time and memory of a run."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.data.memory import release


class ResourceMonitor:
    """The wall and CPU seconds of each phase of a run, and its peak memory.

    Args:
        device: that of the run.

    Attributes:
        seconds: phase -> wall seconds.
        cpu_seconds: phase -> CPU seconds of this process, all threads.
        peak_bytes: peak resident memory at the end of the last phase: on Linux since the monitor was created,
            elsewhere since the process started.
        gpu_peak_bytes: the most memory of tensors on the GPU since the monitor was created, without torch's cache
            of free blocks and CUDA itself; None if the run has no GPU.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        self.peak_bytes = 0
        self.gpu_peak_bytes: int | None = None
        self.gpu = device if device.startswith("cuda") else None
        release()
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:  # another system
            pass
        if self.gpu is not None:
            import torch

            torch.cuda.reset_peak_memory_stats(self.gpu)

    @contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        """Measure the time of a ``with`` block."""
        start, cpu_start = time.perf_counter(), time.process_time()
        yield
        if self.gpu is not None:
            import torch

            torch.cuda.synchronize(self.gpu)  # work that is queued belongs to this phase
            self.gpu_peak_bytes = torch.cuda.max_memory_allocated(self.gpu)
        self.seconds[phase] = time.perf_counter() - start
        self.cpu_seconds[phase] = time.process_time() - cpu_start
        self.peak_bytes = peak_bytes()


def peak_bytes() -> int:
    """Peak resident memory of this process in bytes."""
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
