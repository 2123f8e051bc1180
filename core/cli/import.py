"""``import file=FILE task=... encoder=...``: a model from a file of other programs as a kept run."""

from __future__ import annotations

import sys
from pathlib import Path

from core.cli.common import take
from core.errors import ConfigError, DataError

OWN = ("file", "format")


def verb(words: list[str]) -> None:
    """Keep a model from elsewhere, with the words that it knows, and print its id.

    ``score``, ``evaluate``, ``generate`` and the others then take it by ``run=ID`` or by its ``name=``.
    """
    from core import config

    taken, rest = take(words, *OWN)
    if "file" not in taken:
        raise ConfigError("which file?", where="import", remedy="name it: file=FILE")
    if not Path(taken["file"]).is_file():
        raise DataError("there is no such file", where=f"file={taken['file']}", remedy="name the file of a model")
    cells = config.expand([*rest, f"data={taken['file']}"])
    if len(cells) != 1:
        raise ConfigError(f"these words make {len(cells)} runs", where="import", remedy="leave one value a key")
    from core.experiment.interchange import import_model

    result = import_model(cells[0], Path(taken["file"]), taken.get("format"))
    for note in result.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"kept as {result.folder}", file=sys.stderr)
    print(result.id)
