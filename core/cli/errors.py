"""``errors runs=A,B``: where two kept runs disagree, side by side with the truth, hardest first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.common import console, named_runs, refuse, take
from core.config.options import Option
from core.errors import ConfigError

if TYPE_CHECKING:
    pass

KEYS = ("runs", "split", "limit", "folder", "plugin")


def verb(words: list[str]) -> None:
    """Print the events on which two runs differ (``limit=20`` of ``split=test``), and how they compare overall."""
    from core.runs.predictions import read_pair
    from core.view.plain_table import as_rich

    taken, rest = take(words, *KEYS)
    refuse(rest, "errors", KEYS)
    names = named_runs(taken)
    if len(names) != 2:
        remedy = "name them: runs=A,B (see `seqlab runs`; folder= says where they are)"
        raise ConfigError(f"it takes two runs, not {len(names)}", where="errors", remedy=remedy)
    split = _checked("split", Literal["test", "dev"], taken.get("split", "test"))
    limit = _checked("limit", Annotated[int, Ge(1)], taken.get("limit", "20"))
    plugins = [name for name in taken.get("plugin", "").split(",") if name]
    pair = read_pair(Path(taken.get("folder", "runs")), names, split, plugins)
    for table in (pair.disagreements(limit), pair.summary()):
        console().print(as_rich(table))


def _checked(name: str, annotation: Any, text: str) -> Any:
    return Option(name, annotation, None, "", "errors").check(text, f"errors.{name}")
