"""``export run=ID out=FILE``: a saved run in the format of another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.shared_keys import ModelCommand

if TYPE_CHECKING:
    from core.runs.trained_model import TrainedModel


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
        from core.experiment.interchange import export

        model = self.load_model()
        export(model, self.path, self.format)
        size = self.path.stat().st_size
        print(f"wrote {self.path} ({_words(model):,} words, {size:,} bytes)", file=sys.stderr)


def _words(model: TrainedModel) -> int:
    """How many words the file has: those with a vector, or all that are counted."""
    if model.config.family == "counting":
        return model.vocab.size
    from core.evaluation.word_vectors import vectors_of

    return len(vectors_of(model.model)[0])
