"""Curves for TensorBoard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.experiment.observers import Observer


class TensorBoard(Observer):
    """Writes the training loss and the scores of each epoch for ``tensorboard --logdir runs/tensorboard``.

    Args:
        folder: where the folders of the runs are written; none for ``tensorboard`` in the folder of runs.
    """

    def __init__(self, *, folder: str | None = None) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            what = f"TensorBoard is not installed ({error})"
            raise ConfigError(what, where="observer=tensorboard", remedy="run: pip install tensorboard") from error
        self.folder, self.writer_class, self.writer = folder, SummaryWriter, None

    def start(self, **facts: Any) -> None:
        """Open the folder of the run and write its config as text."""
        folder = Path(self.folder or Path(facts["runs"]) / "tensorboard").expanduser()
        self.place = folder / facts["id"]
        before = self._sizes()
        self.writer = self.writer_class(str(self.place))
        self.own = self._sizes().keys() - before.keys()
        config = "".join(f"    {key}: {value}\n" for key, value in facts["config"].items())
        self.writer.add_text("config", f"{facts['title']}\n\n{config}")

    def state(self) -> dict[str, int]:
        """The size of each file of events."""
        self.writer.flush()
        return self._sizes()

    def resume(self, state: dict[str, int]) -> None:
        """Cut off what killed processes wrote after the checkpoint, since it is written again."""
        for name, size in self._sizes().items():
            if name in state and size > state[name]:
                os.truncate(self.place / name, state[name])
            elif name not in state and name not in self.own:
                (self.place / name).unlink()

    def _sizes(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in self.place.glob("events.out.tfevents.*")}

    def progress(self, **facts: Any) -> None:
        """Write loss and speed at a step."""
        for name in ("loss", "tokens_per_second"):
            if name in facts:
                self.writer.add_scalar(f"train/{name}", facts[name], facts["step"])

    def epoch(self, **facts: Any) -> None:
        """Write every number of the row at its epoch."""
        for name, value in facts.items():
            if name != "epoch" and isinstance(value, (int, float)) and value == value:
                self.writer.add_scalar(f"epoch/{name}", value, facts["epoch"])
        self.writer.flush()

    def note(self, **facts: Any) -> None:
        """Write a note as text."""
        self.writer.add_text("note", facts["text"])

    def end(self, **facts: Any) -> None:
        """Write the scores on test and close the file."""
        if result := facts.get("result"):
            for name, value in result.metrics["test"].items():
                self.writer.add_scalar(f"test/{name}", value, 0)
        self.writer.close()
