"""What is known of a batch before it reaches the device: which words are distinct, which events are scored.

On a GPU such questions would make the host wait for the answer. So they are answered with NumPy, from the arrays
of the batch, and the answers go to the device with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.types import Array, Int64s


def distinct(ids: Int64s) -> tuple[Int64s, Int64s]:
    """The distinct ids (U,), ascending, and the number of each id among them, shaped as ``ids``."""
    types, places = np.unique(ids.ravel(), return_inverse=True)
    return types, places.reshape(ids.shape)


def scored_events(targets: Int64s) -> tuple[Int64s | None, Int64s]:
    """The places of the scored events in the flat targets (N,), None where all are scored; their answers (N,)."""
    flat = targets.ravel()
    places = np.flatnonzero(flat >= 0)
    return (None, flat) if len(places) == len(flat) else (places, flat[places])


def take_events(states: Tensor, places: Tensor | None) -> Tensor:
    """The states of events (..., H) at the places that ``scored_events`` returned -> (N, H)."""
    flat = states.flatten(0, -2)
    return flat if places is None else nn.functional.embedding(places, flat)  # (N, H)


def to_device(values: Any, device: torch.device) -> Any:
    """Nested tuples with their arrays as tensors on a device; other values stay as they are.

    For a GPU all arrays of one type travel together from pinned memory, and the host does not wait.
    """
    arrays = list(_arrays(values))
    tensors = [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]
    if device.type != "cpu":
        tensors = _copied(tensors, device)
    return _replaced(values, iter(tensors))


def collate_tensors(collate: Callable[..., Any], *tensors: Tensor) -> Any:
    """What ``collate`` finds in tensors, on their device; on a GPU the host waits for it."""
    return to_device(collate(*(tensor.cpu().numpy() for tensor in tensors)), tensors[0].device)


def _copied(tensors: list[Tensor], device: torch.device) -> list[Tensor]:
    copies: dict[int, Tensor] = {}
    for dtype in {tensor.dtype for tensor in tensors}:
        own = [number for number, tensor in enumerate(tensors) if tensor.dtype == dtype]
        block = torch.cat([tensors[number].flatten() for number in own])
        if device.type == "cuda":
            block = block.pin_memory()
        parts = torch.split(block.to(device, non_blocking=True), [tensors[number].numel() for number in own])
        copies |= {number: part.view(tensors[number].shape) for number, part in zip(own, parts, strict=True)}
    return [copies[number] for number in range(len(tensors))]


def _arrays(values: Any) -> Iterator[Array]:
    if isinstance(values, np.ndarray):
        yield values
    elif isinstance(values, tuple):
        for value in values:
            yield from _arrays(value)


def _replaced(values: Any, tensors: Iterator[Tensor]) -> Any:
    if isinstance(values, np.ndarray):
        return next(tensors)
    return tuple(_replaced(value, tensors) for value in values) if isinstance(values, tuple) else values
