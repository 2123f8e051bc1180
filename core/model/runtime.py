"""How a model runs on this machine: device, precision and threads, with every ``auto`` resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core import processes
from core.errors import ConfigError
from core.families import FAMILIES
from core.kinds.base import Kind


@dataclass(frozen=True)
class Runtime:
    """How a model runs."""

    seed: int = 0  # seeds every random draw of the run
    device: str = "cpu"  # ``cpu``, ``cuda``, ``cuda:1`` or ``mps``
    precision: str = "fp32"  # or ``bf16``, for training; prediction is in fp32
    threads: int = 1  # CPU threads of each process
    processes: int = 1  # that train one model together; see ``core.processes``

    def to_json(self) -> dict[str, Any]:
        """The runtime as JSON data."""
        return asdict(self)


def resolve_runtime(options: Mapping[str, Any], family: str, kind: Kind) -> Runtime:
    """Resolve a user's options on this machine, for a model of one process.

    Started by torchrun, each process takes a GPU of its own, and ``threads=auto`` divides the threads among the
    processes of this machine.

    Args:
        options: ``seed``, ``device``, ``precision`` and ``threads``, some of them ``auto``.
        family: the encoder's family; only the neural family runs on a GPU.
        kind: the kind of the task, for the default of ``threads``.

    Raises:
        ConfigError: the device does not exist, or this machine does not have it.
    """
    name = options["device"]
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", name):
        remedy = "choose from: auto, cpu, cuda, cuda:N, mps"
        raise ConfigError(f"'{name}' is not a device", where="device", remedy=remedy)
    device = resolve_device(name) if FAMILIES[family].on_devices else "cpu"
    most = max(1, kind.default_threads() // processes.local_size())
    threads = most if options["threads"] == "auto" else int(options["threads"])
    return Runtime(options["seed"], device, resolve_precision(options["precision"], device), threads)


def resolve_device(name: str) -> str:
    """The device to use for ``auto`` or the name of a device.

    Raises:
        ConfigError: this machine does not have the device, or not one for each process.
    """
    if name == "cpu":
        return name
    if processes.size() > 1:
        return _own_device(name)
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next((device for device, present in available.items() if present), "cpu")
    device, _, number = name.partition(":")
    if not available[device] or (number and int(number[:9]) >= torch.cuda.device_count()):
        raise ConfigError(f"this machine has no {name}", where="device", remedy="use device=cpu or device=auto")
    return name


def _own_device(name: str) -> str:
    """The GPU of this process, one of several on this machine; for ``auto`` the CPU where there is no GPU."""
    import torch

    if name == "mps" or ":" in name:
        what = f"{processes.size()} processes cannot share {name}"
        raise ConfigError(what, where="device", remedy="use device=cuda, one GPU per process, or device=cpu")
    if name == "auto" and not torch.cuda.is_available():
        return "cpu"
    if processes.local_rank() >= (found := torch.cuda.device_count()):
        what = f"{processes.local_size()} processes need a GPU each, and this machine has {found}"
        raise ConfigError(what, where="device", remedy="set --nproc-per-node to their number, or use device=cpu")
    return f"cuda:{processes.local_rank()}"


def resolve_precision(name: str, device: str) -> str:
    """The precision to use; ``auto`` is ``bf16`` on a GPU that computes in it, else ``fp32``.

    Older GPUs only emulate bf16, which is slower than fp32.
    """
    if name != "auto":
        return name
    if device.startswith("cuda"):
        import torch

        with torch.cuda.device(device):  # the question is about the current device
            return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "fp32"
