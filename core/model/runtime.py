"""How a model runs on this machine: device, precision and threads, every ``auto`` resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import ConfigError
from core.kinds.base import Kind


@dataclass(frozen=True)
class Runtime:
    """How a model runs.

    Args:
        seed: seeds every random draw of the run.
        device: ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
        precision: ``fp32`` or ``bf16``, of training; prediction is in fp32.
        threads: CPU threads.
    """

    seed: int = 0
    device: str = "cpu"
    precision: str = "fp32"
    threads: int = 1

    def to_json(self) -> dict[str, Any]:
        """The runtime as the record holds it."""
        return asdict(self)


def resolve_runtime(options: Mapping[str, Any], family: str, kind: Kind) -> Runtime:
    """The runtime that a user's options mean on this machine.

    Args:
        options: ``seed``, ``device``, ``precision`` and ``threads``, some ``auto``.
        family: of the encoder; the counting family runs on the CPU.
        kind: what the task predicts, for the default of ``threads``.

    Raises:
        ConfigError: a device that does not exist, or that this machine lacks.
    """
    check_device(options["device"])
    device = "cpu" if family == "counting" else resolve_device(options["device"])
    threads = kind.default_threads() if options["threads"] == "auto" else int(options["threads"])
    return Runtime(options["seed"], device, resolve_precision(options["precision"], device), threads)


def check_device(name: str) -> None:
    """Refuse what is not the name of a device, on this machine or another.

    Raises:
        ConfigError: it is not.
    """
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]+)?", name):
        remedy = "choose from: auto, cpu, cuda, cuda:N, mps"
        raise ConfigError(f"'{name}' is not a device", where="device", remedy=remedy)


def resolve_device(name: str) -> str:
    """``auto`` and device names -> the device to use.

    Raises:
        ConfigError: a name that is not a device, or a device that this machine lacks.
    """
    check_device(name)
    if name == "cpu":
        return name
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next((device for device, there in present.items() if there), "cpu")
    device, _, number = name.partition(":")
    if not present[device] or (number and int(number) >= torch.cuda.device_count()):
        raise ConfigError(f"this machine has no {name}", where="device", remedy="use device=cpu or device=auto")
    return name


def resolve_precision(name: str, device: str) -> str:
    """``auto`` -> ``bf16`` on a GPU that has it, else ``fp32``."""
    if name != "auto":
        return name
    if device.startswith("cuda"):
        import torch

        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "fp32"
