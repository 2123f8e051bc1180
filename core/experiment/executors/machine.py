"""What this machine has for several runs at a time: cores, memory, GPUs."""

from __future__ import annotations

import os
from collections.abc import Sequence

from core.config import RunConfig
from core.experiment.shared_run import runtime_of

WORKER_BYTES = 1_000_000_000  # memory of a worker with a small model


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def most_threads(configs: Sequence[RunConfig]) -> int:
    """The largest ``threads=`` that is given; ``auto`` counts as one."""
    return max((int(c.run["threads"]) for c in configs if c.run["threads"] != "auto"), default=1)


def own_gpus(configs: Sequence[RunConfig]) -> list[str]:
    """The GPUs of this machine, as CUDA_VISIBLE_DEVICES names them, where a run takes any one of them."""
    if not any(runtime_of(config).device == "cuda" for config in configs):
        return []
    import torch

    named = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    fixed = any(":" in config.run["device"] for config in configs)
    return [] if fixed else named or list(map(str, range(torch.cuda.device_count())))


def workers_in_memory() -> int:
    """How many workers with small models the memory has room for."""
    import psutil

    return max(1, int(psutil.virtual_memory().available // WORKER_BYTES))
