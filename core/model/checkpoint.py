"""Checkpoints as a model sees them: each part of a run that trains saves its state, and resumes from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from annotated_types import Gt

from core.signals import delayed

State = dict[str, Any]
"""Nested dictionaries, lists and tuples of numbers, strings, None, torch tensors and numpy arrays."""


class CheckpointOptions:
    """How often the state of a training is saved.

    Args:
        checkpoint_minutes: minutes between two checkpoints, from which the same command resumes if the process is
            killed; one is also saved at the end of an epoch if that takes less than 1 % of the time; none: never.
    """

    def __init__(self, *, checkpoint_minutes: Annotated[float, Gt(0)] | None = 5.0) -> None: ...


class Part:
    """One part of a run that trains, such as ``training``; this one saves nothing and has nothing to restore."""

    is_whole = True  # whether the last step is complete, so that its state may be saved

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step that a first Ctrl-C or signal waits for.

        A second one does not wait, and an error ends the step; what it leaves is never saved.
        """
        self.is_whole = False
        with delayed():
            yield
            self.is_whole = True

    def restore(self) -> State | None:
        """The state that an earlier process of this run saved; None: the part starts from the beginning."""
        return None

    def due(self, epoch_ended: bool = False) -> bool:
        """Whether it is time to save; ``epoch_ended``: an epoch has just ended."""
        return False

    def save(self, state: State, place: Mapping[str, int]) -> None:
        """Save a state between two steps; failing to do so is a note, not an error.

        Args:
            state: everything that the next step depends on.
            place: how far the part is, for people: ``epoch`` (from 1), ``epochs``, ``step``, ``steps``.
        """

    def finish(self) -> None:
        """Remove what is saved: the result of the part is stored elsewhere."""


class Checkpoints:
    """The checkpoints of a run; these save nothing."""

    def part(self, name: str) -> Part:
        """The checkpoints of one part, such as ``training`` or ``embedding.word2vec``."""
        return Part()
