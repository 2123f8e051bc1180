"""The processes that train one model together, as torchrun starts them: which this is, and what they exchange.

Without torchrun there is one, and nothing here imports torch.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError, UnexpectedError

if TYPE_CHECKING:
    from core.types import Array, Arrays

TORCHRUN = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")  # what it tells each process
STARTS = "TORCHELASTIC_RESTART_COUNT"  # how often torchrun has started all processes again
NUMBERS = ("RANK", "WORLD_SIZE", "MASTER_PORT")  # those of them that are numbers
TIMEOUT = timedelta(minutes=30)  # for an answer of the others while all of them train or predict
PATIENCE = timedelta(days=30)  # while process 0 works alone; if it ends, the others learn that at once
LOST = "processes.lost"  # the code of the error of a process whose others do not answer

_waiting: list[Any] = []  # the group of those that wait for process 0, once they have joined


def check() -> None:
    """Refuse variables of torchrun that cannot be its own.

    Raises:
        ConfigError: one of ``NUMBERS`` is not a number, or RANK is not below WORLD_SIZE.
    """
    if not all(name in os.environ for name in TORCHRUN):
        return
    values = {name: os.environ[name] for name in NUMBERS}
    if not all(map(str.isdecimal, values.values())) or int(values["RANK"]) >= int(values["WORLD_SIZE"]):
        what = " ".join(f"{name}={value}" for name, value in values.items())
        remedy = "start several processes with torchrun, or unset RANK and WORLD_SIZE"
        raise ConfigError(f"{what} are not of one group of processes", where="environment", remedy=remedy)


def size() -> int:
    """The number of processes; 1 without torchrun."""
    return _number("WORLD_SIZE", 1) if all(name in os.environ for name in TORCHRUN) else 1


def rank() -> int:
    """The number of this process, from 0; process 0 writes the files and prints."""
    return _number("RANK", 0) if size() > 1 else 0


def local_size() -> int:
    """The number of processes on this machine."""
    return _number("LOCAL_WORLD_SIZE", 1) if size() > 1 else 1


def local_rank() -> int:
    """The number of this process among those on this machine."""
    return _number("LOCAL_RANK", 0) if size() > 1 else 0


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else default


def join(device: str) -> None:
    """Connect to the other processes, once: by gloo, and GPUs by NCCL.

    Args:
        device: that of this process.

    Raises:
        UnexpectedError: they do not answer.
    """
    import torch
    from torch import distributed

    if distributed.is_initialized():
        return
    on_gpu = device.startswith("cuda")
    if on_gpu:
        torch.cuda.set_device(device)
    with answered():
        store, *_ = next(distributed.rendezvous("env://", timeout=TIMEOUT))  # type: ignore[attr-defined] # not listed
        # where torchrun starts all processes again, its store still has the addresses of the ended ones
        store = distributed.PrefixStore(f"start {os.environ.get(STARTS, 0)}", store)  # type: ignore[attr-defined] # torch does not list it
        backend = "cpu:gloo,cuda:nccl" if on_gpu else "gloo"
        distributed.init_process_group(backend, store=store, rank=rank(), world_size=size(), timeout=TIMEOUT)
        _waiting[:] = [distributed.new_group(backend="gloo", timeout=PATIENCE)]


def leave() -> None:
    """Disconnect, once all of the work is done."""
    if _waiting:
        from torch import distributed

        distributed.destroy_process_group()
        _waiting.clear()


@contextmanager
def answered() -> Iterator[None]:
    """Within this, which only exchanges, an error of torch means that another process does not answer."""
    try:
        yield
    except RuntimeError as error:
        what = f"process {rank()} of {size()}: another process has ended or does not answer"
        remedy = "see its error; if it was killed, the same command resumes from the last checkpoint"
        raise UnexpectedError(what, remedy=remedy, code=LOST) from error


@contextmanager
def first(several: bool = True) -> Iterator[None]:
    """Process 0 runs the block, then the others do, and find what it has put into a cache.

    Args:
        several: whether there are others.
    """
    if several and rank() > 0:
        wait()
    yield
    if several and rank() == 0:
        wait()


def wait() -> None:
    """Wait until every process has come here, for as long as one of them works alone."""
    from torch import distributed

    with answered():
        distributed.barrier(group=_waiting[0])


def gather(arrays: Mapping[str, Array]) -> list[Arrays]:
    """The arrays of every process, in the order of their numbers; names and shapes may differ."""
    import numpy as np
    import torch
    from torch import distributed

    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type] # numpy types its keywords as flags
    own = torch.frombuffer(file.getbuffer(), dtype=torch.uint8)
    with answered():
        sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(size())]
        distributed.all_gather(sizes, torch.tensor([len(own)]))
        most = max(map(int, sizes))
        parts = [torch.zeros(most, dtype=torch.uint8) for _ in sizes]
        distributed.all_gather(parts, torch.nn.functional.pad(own, (0, most - len(own))))
    return [
        dict(np.load(io.BytesIO(part[: int(length)].numpy().tobytes()), allow_pickle=False))
        for part, length in zip(parts, sizes, strict=True)
    ]


def broadcast(data: bytes) -> bytes:
    """The bytes that process 0 gives, which are not empty."""
    import torch
    from torch import distributed

    length = torch.tensor([len(data)])
    with answered():
        distributed.broadcast(length, 0)
        content = torch.empty(int(length), dtype=torch.uint8)
        if rank() == 0:
            content = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        distributed.broadcast(content, 0)
    return content.numpy().tobytes()


def from_first(value: Any) -> Any:
    """The JSON value that process 0 gives."""
    return json.loads(broadcast(json.dumps(value if rank() == 0 else None).encode()))
