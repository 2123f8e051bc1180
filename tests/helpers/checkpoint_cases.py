"""The checkpoints of a run that consists of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.runs.checkpoints import RunCheckpoints


class NoKeeper:
    """Keeps nothing."""

    def state(self) -> dict[str, Any]:
        return {}

    def resume(self, state: dict[str, Any]) -> None:
        pass


def ignore(event: str, **facts: Any) -> None:
    pass


@contextmanager
def opened(
    folder: Path,
    minutes: float | None = 5.0,
    notify: Callable[..., None] = ignore,
    needs: Mapping[str, Any] | None = None,
    fresh: bool = False,
) -> Iterator[RunCheckpoints]:
    """The checkpoints in a folder, as one process has them."""
    how = {"minutes": minutes, "fresh": fresh}
    checkpoints = RunCheckpoints(folder, {}, lambda: needs or {"threads": 1}, NoKeeper(), notify, **how)
    try:
        checkpoints.open()
        yield checkpoints
    finally:
        checkpoints.close()
