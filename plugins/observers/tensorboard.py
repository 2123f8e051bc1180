"""Curves for TensorBoard."""

from __future__ import annotations

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
        self.writer = self.writer_class(str(folder / facts["id"]))
        config = "".join(f"    {key}: {value}\n" for key, value in facts["config"].items())
        self.writer.add_text("config", f"{facts['title']}\n\n{config}")

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
