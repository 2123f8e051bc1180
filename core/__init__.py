"""seqlab compares sequence encoders on tasks: how good, at what cost, and is the difference real."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from core.hooks import hookimpl

if TYPE_CHECKING:
    from core.loaded import load
    from core.result import Result

# OpenMP threads that spin while they wait slow a two-thread run many times over beside other work; threads that
# sleep at once halve its speed on a quiet machine. A short spin costs little in both cases.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__all__ = ["hookimpl", "load", "run"]


def run(**words: Any) -> Result:
    """Train and score one pair, as ``seqlab run`` does.

    Args:
        words: what the command line takes; a dotted key through a dictionary: ``**{"encoder.hidden_size": 200}``.
            ``data`` may also be a ``datasets.DatasetDict``.

    Returns:
        The record; ``core.load(result.folder)`` is the trained model.

    Raises:
        core.errors.SeqlabError: what the command line would print.
    """
    from core.config import expand
    from core.errors import ConfigError
    from core.runner import run_one

    cells = expand(words)
    if len(cells) != 1:
        raise ConfigError(f"these words make {len(cells)} runs", remedy="call run once for each")
    return run_one(cells[0])


def __getattr__(name: str) -> Any:
    if name == "load":  # imports numpy, which listing does not need
        from core.loaded import load

        return load
    raise AttributeError(f"module 'core' has no attribute '{name}'")
