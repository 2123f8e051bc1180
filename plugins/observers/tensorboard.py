"""Curves for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.experiment.observers import Observer


class TensorBoard(Observer):
    """Writes the loss of training, and each epoch's figures, for ``tensorboard --logdir runs/tensorboard``.

    Args:
        folder: where the runs' folders are put; none for ``tensorboard`` in the folder of runs.
    """

    def __init__(self, *, folder: str | None = None) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            what = f"TensorBoard is not installed ({error})"
            raise ConfigError(what, where="observer=tensorboard", remedy="run: pip install tensorboard") from error
        self.folder, self.make, self.writer = folder, SummaryWriter, None

    def start(self, **facts: Any) -> None:
        """Open the run's folder and write its config as text."""
        folder = Path(self.folder or Path(facts["runs"]) / "tensorboard").expanduser()
        self.writer = self.make(str(folder / facts["id"]))
        config = "".join(f"    {key}: {value}\n" for key, value in facts["config"].items())
        self.writer.add_text("config", f"{facts['title']}\n\n{config}")

    def progress(self, **facts: Any) -> None:
        """Loss and speed, at the step."""
        for name in ("loss", "tokens_per_second"):
            if name in facts:
                self.writer.add_scalar(f"train/{name}", facts[name], facts["step"])

    def epoch(self, **facts: Any) -> None:
        """Every number of the row, at the epoch."""
        for name, value in facts.items():
            if name != "epoch" and isinstance(value, (int, float)) and value == value:
                self.writer.add_scalar(f"epoch/{name}", value, facts["epoch"])
        self.writer.flush()

    def note(self, **facts: Any) -> None:
        """Notes, as text."""
        self.writer.add_text("note", facts["text"])

    def end(self, **facts: Any) -> None:
        """The figures on test, and the end of the file."""
        if result := facts.get("result"):
            for name, value in result.metrics["test"].items():
                self.writer.add_scalar(f"test/{name}", value, 0)
        self.writer.close()
