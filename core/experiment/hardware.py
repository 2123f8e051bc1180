"""The time and memory of a run."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core import processes
from core.data.memory import release
from core.types import Scores


class ResourceMonitor:
    """The wall and CPU seconds of each phase of a run, and its peak memory.

    Args:
        device: that of the run.

    Attributes:
        seconds: phase -> wall seconds.
        cpu_seconds: phase -> CPU seconds of this process, all threads (see also ``add_processes``).
        peak_bytes: peak resident memory at the end of the last phase: on Linux since the monitor was created,
            elsewhere since the process started.
        gpu_peak_bytes: the most memory of tensors on the GPU since the monitor was created, without torch's cache
            of free blocks and CUDA itself; None if the run has no GPU.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.seconds: Scores = {}
        self.cpu_seconds: Scores = {}
        self.peak_bytes = 0
        self.started: dict[str, tuple[float, float]] = {}  # running phase -> wall and CPU time of its start
        self.before: dict[str, Scores] = {"seconds": {}, "cpu_seconds": {}}  # of earlier processes
        self.peak_before = 0
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
        self.started[phase] = time.perf_counter(), time.process_time()
        yield
        if self.gpu is not None:
            import torch

            torch.cuda.synchronize(self.gpu)  # work that is queued belongs to this phase
            self.gpu_peak_bytes = torch.cuda.max_memory_allocated(self.gpu)
        self.seconds[phase], self.cpu_seconds[phase] = self.spent(phase)
        del self.started[phase]
        self.peak_bytes = max(self.peak_before, peak_bytes())

    def state(self) -> dict[str, Any]:
        """What has been measured so far, phases that still run included."""
        running = {phase: self.spent(phase) for phase in self.started}
        return {
            "seconds": self.seconds | {phase: spent[0] for phase, spent in running.items()},
            "cpu_seconds": self.cpu_seconds | {phase: spent[1] for phase, spent in running.items()},
            "peak_bytes": max(self.peak_before, peak_bytes()),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Add what an earlier process of the same run has measured."""
        self.before = {name: state[name] for name in self.before}
        self.peak_before = state["peak_bytes"]
        for name, finished in (("seconds", self.seconds), ("cpu_seconds", self.cpu_seconds)):
            finished |= {phase: spent + self.before[name].get(phase, 0.0) for phase, spent in finished.items()}

    def spent(self, phase: str) -> tuple[float, float]:
        """The wall and CPU seconds of a phase that runs, those of earlier processes included."""
        start, cpu_start = self.started[phase]
        wall, cpu = (self.before[name].get(phase, 0.0) for name in ("seconds", "cpu_seconds"))
        return wall + time.perf_counter() - start, cpu + time.process_time() - cpu_start

    def add_processes(self) -> None:
        """Add the CPU seconds and the memory of the other processes; of their GPUs the fullest one counts."""
        cpu_seconds, gpu_bytes = list(self.cpu_seconds.values()), self.gpu_peak_bytes or 0
        parts = processes.gather({"cpu": np.array(cpu_seconds), "bytes": np.array([self.peak_bytes, gpu_bytes])})
        totals = np.sum([part["cpu"] for part in parts], axis=0).tolist()
        self.cpu_seconds = dict(zip(self.cpu_seconds, totals, strict=True))
        self.peak_bytes = sum(int(part["bytes"][0]) for part in parts)
        if self.gpu is not None:
            self.gpu_peak_bytes = max(int(part["bytes"][1]) for part in parts)


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
