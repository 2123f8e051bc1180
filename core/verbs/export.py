"""``export run=ID out=FILE``: a kept run as a file of other programs."""

from __future__ import annotations

import sys
from pathlib import Path

from core.errors import ConfigError
from core.verbs.common import KEPT, kept_run, refuse, take

OWN = ("out", "format")


def verb(words: list[str]) -> None:
    """Write a kept run in one of the formats of its encoder or embedding (``format=``; by default the first)."""
    taken, rest = take(words, *KEPT, *OWN)
    refuse(rest, "export", (*KEPT, *OWN))
    if "out" not in taken:
        raise ConfigError("where to?", where="export", remedy="name the file: out=FILE")
    from core.exchange import export

    path = Path(taken["out"])
    export(kept_run(taken, "export"), path, taken.get("format"))
    print(f"wrote {path} ({path.stat().st_size:,} bytes)", file=sys.stderr)
