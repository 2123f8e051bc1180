"""The checkpoints of a training in several processes: process 0 keeps them, and they hold the state of all."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from core import processes
from core.model.checkpoint import Part, State

OWN = ("random", "carry")  # what differs between the processes: their random numbers, the states of their streams


class SharedPart(Part):
    """The checkpoints of one training; each method is called in all processes at the same time.

    Args:
        own: those of this process; only process 0 writes any.
    """

    def __init__(self, own: Part) -> None:
        self.own = own
        self.is_due = torch.zeros(())  # whether it is time to save, as process 0 has said at the last step

    @contextmanager
    def step(self) -> Iterator[None]:
        """See ``Part.step``."""
        with self.own.step():
            yield

    def restore(self) -> State | None:
        """The state that process 0 has read, with the parts of it that are this process's own."""
        state = _unpacked(processes.broadcast(_packed(self.own.restore())))
        if state is None:
            return None
        return {**state, **state["processes"][processes.rank()]}

    def due(self, epoch_ended: bool = False) -> bool:
        """See ``Part.due``."""
        if epoch_ended:
            return bool(processes.from_first(self.own.due(epoch_ended)))
        return bool(self.is_due)

    def save(self, state: State, place: Mapping[str, int]) -> None:
        """See ``Part.save``."""
        own = np.frombuffer(_packed({name: state[name] for name in OWN}), dtype=np.uint8)
        states = [_unpacked(part["state"].tobytes()) for part in processes.gather({"state": own})]
        self.own.save({**state, "processes": states}, place)

    def finish(self) -> None:
        """See ``Part.finish``."""
        self.own.finish()


def _packed(state: State | None) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def _unpacked(data: bytes) -> Any:
    """The state, with its tensors on the CPU; only plain containers, numbers, strings and tensors are read."""
    return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
