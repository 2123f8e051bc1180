"""How a model runs on this machine: device, precision and threads, with every ``auto`` resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import ConfigError
from core.families import FAMILIES
from core.kinds.base import Kind


@dataclass(frozen=True)
class Runtime:
    """How a model runs."""

    seed: int = 0  # seeds every random draw of the run
    device: str = "cpu"  # ``cpu``, ``cuda``, ``cuda:1`` or ``mps``
    precision: str = "fp32"  # or ``bf16``, for training; prediction is in fp32
    threads: int = 1  # CPU threads

    def to_json(self) -> dict[str, Any]:
        """The runtime as JSON data."""
        return asdict(self)


def resolve_runtime(options: Mapping[str, Any], family: str, kind: Kind) -> Runtime:
    """Resolve a user's options on this machine.

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
    threads = kind.default_threads() if options["threads"] == "auto" else int(options["threads"])
    return Runtime(options["seed"], device, resolve_precision(options["precision"], device), threads)


def resolve_device(name: str) -> str:
    """The device to use for ``auto`` or the name of a device.

    Raises:
        ConfigError: this machine does not have the device.
    """
    if name == "cpu":
        return name
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next((device for device, present in available.items() if present), "cpu")
    device, _, number = name.partition(":")
    if not available[device] or (number and int(number[:9]) >= torch.cuda.device_count()):
        raise ConfigError(f"this machine has no {name}", where="device", remedy="use device=cpu or device=auto")
    return name


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
