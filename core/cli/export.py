"""``export run=ID out=FILE``: a saved run in the format of another program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.cli.shared_keys import ModelCommand
from core.printable import counted, echo


class Export(ModelCommand):
    """Write a saved run in one of the formats of its encoder or embedding.

    Args:
        out: the file to write.
        format: the format; none is the first one that the encoder or embedding has.
    """

    def __init__(self, *, out: str, format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.path, self.format = Path(out), format

    def execute(self) -> None:
        """Write the file."""
        from core.evaluation.word_vectors import vectors_of
        from core.experiment.interchange import export

        model = self.model
        export(model, self.path, self.format)
        has_vectors = "embedding" in model.config.traits.sections
        words = len(vectors_of(model.model)[0]) if has_vectors else model.vocab.size
        echo(f"wrote {self.path} ({counted(words, 'word')}, {self.path.stat().st_size:,} bytes)", error=True)
