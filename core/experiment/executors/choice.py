"""Which executor ``engine=`` and ``jobs=`` mean for a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core import processes
from core.config import RunConfig
from core.errors import ConfigError
from core.experiment.executors.base import Executor
from core.experiment.executors.local import LocalExecutor
from core.experiment.executors.machine import cores, most_threads, own_gpus, workers_in_memory

Engine = Literal["local", "ray"]


def choose_executor(
    configs: Sequence[RunConfig], engine: Engine, address: str | None, jobs: int | Literal["auto"] | None
) -> Executor | None:
    """The executor of a grid; None: this process runs it.

    Args:
        configs: the grid.
        engine: where it runs.
        address: of a Ray cluster.
        jobs: how many runs at a time; None: one on this machine, as many as a cluster has room for.

    Raises:
        ConfigError: torchrun has started several processes, or an address without a cluster.
    """
    if address is not None and engine != "ray":
        remedy = "add engine=ray, or leave it out"
        raise ConfigError("only a cluster has an address", where="engine.address", remedy=remedy)
    if processes.size() > 1 and (engine == "ray" or jobs not in (None, 1)):
        what = f"torchrun has started {processes.size()} processes, which train one model at a time together"
        raise ConfigError(what, where="jobs", remedy="start the command without torchrun, or leave jobs= out")
    if engine == "ray":
        from core.experiment.executors.ray_cluster import RayExecutor

        return RayExecutor(configs, address, None if jobs == "auto" else jobs)
    if jobs in (None, 1):
        return None
    gpus, most = own_gpus(configs), None
    if jobs == "auto":
        jobs, most = (len(gpus) if gpus else max(1, cores() // most_threads(configs))), workers_in_memory()
        if jobs == 1:
            return None
    assert isinstance(jobs, int)
    return LocalExecutor(jobs, gpus if len(gpus) > 1 else [], most)
