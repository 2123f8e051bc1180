"""The learning curve as a CSV file with one row per epoch."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Any

from core.experiment.observers import Observer


class LearningCurve(Observer):
    """Writes ``ID.csv`` for the run ID: one row per epoch with loss, seconds, tokens/s and the dev metrics.

    After each epoch the file is written to a temporary file and renamed, so it always holds complete rows,
    however the run ends. A run without epochs (counting encoders) has no file.

    Args:
        folder: where the files are written; none for ``curves`` in the folder of runs.
    """

    def __init__(self, *, folder: str | None = None) -> None:
        self.folder = folder
        self.rows: list[dict[str, Any]] = []

    def start(self, **facts: Any) -> None:
        """Start a new curve."""
        self.rows = []
        self.path = Path(self.folder or Path(facts["runs"]) / "curves").expanduser() / f"{facts['id']}.csv"

    def state(self) -> list[dict[str, Any]]:
        """The rows so far."""
        return self.rows

    def resume(self, state: list[dict[str, Any]]) -> None:
        """Go on after these rows; the next epoch writes the file again, so none is there twice."""
        self.rows = list(state)

    def epoch(self, **facts: Any) -> None:
        """Add a row."""
        self.rows.append(facts)
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(prefix=f".{self.path.stem}-", suffix=".csv", dir=self.path.parent)
        try:
            with open(number, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(self.rows)
            os.chmod(temporary, 0o644)  # mkstemp lets nobody else read
            os.replace(temporary, self.path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
