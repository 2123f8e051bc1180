"""Which split of other data is used where the user does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.types import Note

if TYPE_CHECKING:
    from core.data.sources.base import Source


def choose_split(
    source: Source, asked: str | None, own: bool = False, resplit: bool = False
) -> tuple[str, list[Note]]:
    """The split to use: the one asked for, else test, else the only one, with a note.

    Args:
        source: the data.
        asked: the split that the user names.
        own: whether the model was trained on this data.
        resplit: whether its training rows are from all splits of this data.

    Raises:
        ConfigError: there are several, and none is test.
    """
    splits = source.splits()
    if asked or "test" in splits:
        text = "the run has cut the splits again (data.resplit): some of these rows are training rows"
        return asked or "test", [Note("split.resplit", text)] if resplit else []
    if len(splits) == 1:
        text = f"no test split: every row of the data is used (split={splits[0]})"
        text += ", also those that the model was trained on" if own else ""
        return splits[0], [Note("split.only", text, {"split": splits[0]})]
    what = f"there is no test split, only {', '.join(splits)}"
    raise ConfigError(what, where="split", remedy="say which: split=NAME")
