"""The config of a run folder, checked again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.config import TOO_MANY, RunConfig, expand
from core.config.overrides import render
from core.data.regular import NotRegular, open_regular
from core.errors import ConfigError, StoreError
from core.runs import store


def read_config(folder: Path, plugins: Sequence[str] = ()) -> RunConfig:
    """The config of a run folder, checked again; relative paths are those of the run's working directory."""
    try:
        open_regular(folder / store.CONFIG, store.CONFIG_LIMIT).close()
    except NotRegular as error:
        what = f"the config cannot be read ({error.strerror})"
        raise StoreError(what, where=str(folder / store.CONFIG), remedy="train the run again") from error
    except OSError:
        pass  # the error of reading it says which
    arguments = [f"config={folder / store.CONFIG}", "quiet=true"]
    arguments += [f"plugin={','.join(map(render, plugins))}"] if plugins else []
    base = store.read(folder).environment.get("folder")
    try:
        return expand(arguments, base=base, limit=1)[0]
    except ConfigError as error:
        if error.code != TOO_MANY:
            raise
        what = f"the config describes {error.values['runs']:,} runs, not one"
        raise StoreError(what, where=str(folder / store.CONFIG), remedy="train the run again") from error
