"""``export run=ID out=FILE``: a kept run as a file of other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.common import KEPT, kept_run, refuse, take
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.runs.trained_model import TrainedModel

OWN = ("out", "format")


def verb(words: list[str]) -> None:
    """Write a kept run in one of the formats of its encoder or embedding (``format=``; by default the first)."""
    taken, rest = take(words, *KEPT, *OWN)
    refuse(rest, "export", (*KEPT, *OWN))
    if "out" not in taken:
        raise ConfigError("where to?", where="export", remedy="name the file: out=FILE")
    from core.experiment.interchange import export

    path, model = Path(taken["out"]), kept_run(taken, "export")
    export(model, path, taken.get("format"))
    print(f"wrote {path} ({_words(model):,} words, {path.stat().st_size:,} bytes)", file=sys.stderr)


def _words(model: TrainedModel) -> int:
    """How many words a file of the run has: those with a vector, or all that are counted."""
    if model.config.family == "counting":
        return model.vocab.size
    from core.evaluation.word_vectors import vectors_of

    return len(vectors_of(model.model)[0])
