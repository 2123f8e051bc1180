"""A run in several processes: who takes part in it, and what all of them must agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core import processes
from core.config import RunConfig
from core.errors import DataError
from core.model.runtime import Runtime, resolve_runtime
from core.runs.result import Result
from core.types import Note


def is_shared(config: RunConfig) -> bool:
    """Whether the processes that torchrun has started train this model together; else process 0 trains it."""
    return processes.size() > 1 and config.traits.shared and config.kind.reads_rows


def takes_part(config: RunConfig) -> bool:
    """Whether this process has something to do in a run."""
    return processes.rank() == 0 or is_shared(config)


def runtime_of(config: RunConfig) -> Runtime:
    """How a run is executed on this machine."""
    runtime = resolve_runtime(config.run, config.family, config.kind)
    return replace(runtime, processes=processes.size()) if is_shared(config) else runtime


def left_alone(config: RunConfig) -> list[Note]:
    """A note where only one of several processes works."""
    if processes.size() == 1 or is_shared(config):
        return []
    what = config.traits.noun if config.kind.reads_rows else "model of word vectors"
    text = f"{config.encoder.name} is a {what}: one of the {processes.size()} processes does all of the work"
    return [Note("processes.one", text)]


def join(configs: Sequence[RunConfig]) -> None:
    """Connect the processes, before one of them works alone on a run that the others leave out."""
    devices = [runtime_of(config).device for config in configs if is_shared(config)]
    if devices:
        processes.join(max(devices))  # a GPU, if one is used


def in_all_processes(runtime: Runtime, found: tuple[str, Result | None]) -> tuple[str, Result | None]:
    """The id of the run and its saved record, which process 0 has looked up, in every process.

    Raises:
        DataError: a process has other data, or other plugins.
    """
    if runtime.processes == 1:
        return found
    processes.join(runtime.device)
    processes.wait()
    run_id, saved = found
    record = None if saved is None else {"record": saved.to_json(), "folder": saved.folder}
    first, known = processes.from_first([run_id, record])
    if first != run_id:
        what = f"process {processes.rank()} has other data or other plugins than process 0"
        raise DataError(what, where="data", remedy="give all machines the same files")
    if known is not None and saved is None:
        saved = Result.from_json(known["record"], known["folder"])
    return run_id, saved
