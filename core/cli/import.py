"""``import file=FILE task=... encoder=...``: a model of another program as a saved run."""

from __future__ import annotations

from pathlib import Path

from core import config
from core.cli.shared_keys import ConfigCommand
from core.errors import ConfigError, DataError
from core.printable import echo


class Import(ConfigCommand):
    """Save a model of another program, with its vocabulary, as a run, and print the run's ID.

    `score`, `evaluate`, `generate` and the others then take it by run=ID, or by its name.

    Args:
        overrides: task=..., encoder=... and the other keys of the run.
        file: the file of the model.
        format: its format; none is the first one that the encoder or embedding has.
    """

    def __init__(self, *overrides: str, file: str, format: str | None = None) -> None:
        self.given, self.file, self.format = overrides, file, format
        if not Path(file).is_file():
            raise DataError("there is no such file", where=f"file={file}", remedy="name the file of a model")

    def execute(self) -> None:
        """Save the model as a run."""
        grid = config.expand([*self.given, f"data={self.file}"])
        if len(grid) != 1:
            what, remedy = f"the overrides make {len(grid)} runs", "give one value per key"
            raise ConfigError(what, where="import", remedy=remedy)
        from core.experiment.interchange import import_model

        result = import_model(grid[0], Path(self.file), self.format)
        for note in result.notes:
            echo(f"note: {note}", error=True)
        echo(f"saved as {result.folder}", error=True)
        echo(result.id)
