"""Data sets of the Hugging Face hub, through ``datasets.load_dataset``: ``data=hub:OWNER/NAME[:CONFIG]``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.data.sources import HUB
from core.data.sources.base import SPLITS
from core.data.sources.dataset_dict import DatasetDictSource
from core.data.sources.datasets_safety import check_builder, check_card, check_name, check_version
from core.data.sources.split_discovery import WORDS
from core.errors import ConfigError, DataError, SeqlabError
from core.types import Note


class HubSource(DatasetDictSource):
    """A data set of the hub, or a local folder in the hub's layout: ``hub:OWNER/NAME``, ``hub:OWNER/NAME:CONFIG``.

    Args:
        name: what follows ``data=``.
        text: the column of the text or of the tokens; none: guessed.
        label: the column of the label or of the tags; none: guessed.
        revision: a branch, tag or commit of the data set; none: its main one.
        folder: the folder within the data set that holds the files, such as that of one configuration.
        train: what to train on, in the notation of ``datasets``, such as train[:90%]; none: by its name.
        dev: what to choose on, likewise.
        test: what to test on, likewise.
        cache: the folder where ``datasets`` stores what it fetches; none: its own (HF_HOME).
        offline: read only the cache, as HF_HUB_OFFLINE=1 does for every program.
        trust_remote_code: refused; no code of a data set is ever executed.

    Raises:
        DataError: it does not exist, cannot be reached, or cannot be read.
        ConfigError: ``trust_remote_code`` is asked for, a revision of a folder, or a split that does not exist.
    """

    def __init__(
        self,
        name: str,
        *,
        text: str | None = None,
        label: str | None = None,
        revision: str | None = None,
        folder: str | None = None,
        train: str | None = None,
        dev: str | None = None,
        test: str | None = None,
        cache: str | None = None,
        offline: bool = False,
        trust_remote_code: bool = False,
    ) -> None:
        if trust_remote_code:
            what = "code of a data set is never executed"
            remedy = "leave it out; rows that need a program can be written as Parquet and read from there"
            raise ConfigError(what, where="data.trust_remote_code", remedy=remedy)
        path, config = parse(name)
        check_name(name, path, folder, revision)
        if revision and Path(path).is_dir():
            what = f"{path} is a folder here, which has no revisions"
            raise ConfigError(what, where="data.revision", remedy="leave it out")
        notes: dict[Note, None] = {}
        with _settings(notes, offline):
            loaded = _fetch(name, path, config, data_dir=folder, revision=revision, cache_dir=cache)
        if notes and revision:
            notes[Note("source.hub", f"so data.revision={revision} may not be what was read")] = None
        named = {split: s for split, s in zip(SPLITS, (train, dev, test), strict=True) if s is not None}
        self._read(name, _chosen(loaded, named, notes), text, label)
        self._notes.update(notes)


def parse(name: str) -> tuple[str, str | None]:
    """Data set (or folder) and configuration of ``hub:OWNER/NAME[:CONFIG]``; ConfigError without a name."""
    path, colon, config = name.removeprefix(HUB).rpartition(":")
    if not colon or "/" in config or "\\" in config:  # the colon of a drive
        path, config = name.removeprefix(HUB), ""
    if not path:
        raise ConfigError(f"'{name}' names no data set", where="data", remedy="write hub:OWNER/NAME[:CONFIG]")
    return path, config or None


def _fetch(name: str, path: str, config: str | None, **options: Any) -> Any:
    """The data set, from the hub, a folder or the cache; every failure as one error."""
    from datasets import __version__, load_dataset_builder

    check_version(__version__)
    if Path(path).is_dir():
        check_card(name, Path(path))
    try:
        builder = load_dataset_builder(path, config, **options)
        check_builder(name, path, options["data_dir"], builder)
        builder.download_and_prepare()
        return builder.as_dataset()
    except SeqlabError:
        raise
    except Exception as error:  # the package raises what its parts raise: network, file, Arrow, YAML
        raise _failure(error, name, path) from error


def _failure(error: Exception, name: str, path: str) -> DataError:
    """The error that says what went wrong and what to do."""
    from datasets import config
    from datasets.exceptions import DatasetNotFoundError

    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, DatasetNotFoundError):
        remedy = "check the name and data.revision; for a private or gated one set HF_TOKEN"
        return DataError("the hub has no such data set that is open to you", where=name, remedy=remedy)
    if "scripts are no longer supported" in text or "trust_remote_code" in text:
        remedy = "data.revision=refs/convert/parquet data.folder=CONFIG often holds its rows"
        return DataError("it comes as a program, which is never executed", where=name, remedy=remedy)
    if config.HF_HUB_OFFLINE:
        what = "it is not in the cache, and in offline mode nothing is fetched"
        remedy = "fetch it once without data.offline and HF_HUB_OFFLINE, or name its cache: data.cache="
        return DataError(what, where=name, remedy=remedy)
    if "onfig name is missing" in text or "BuilderConfig" in text:
        return DataError(text, where=name, remedy=f"write hub:{path}:CONFIG")
    if isinstance(error, ConnectionError) or _is_network(error):
        remedy = f"try again later; the address is {config.HF_ENDPOINT} (HF_ENDPOINT)"
        return DataError(f"the hub cannot be reached ({text})", where=name, remedy=remedy)
    remedy = "check the name, data.revision and data.folder"
    return DataError(f"it cannot be loaded ({type(error).__name__}: {text})", where=name, remedy=remedy)


def _is_network(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, comes from the network."""
    packages = ("httpx", "httpx2", "httpcore", "httpcore2", "requests")
    while error is not None and type(error).__module__.partition(".")[0] not in packages:
        error = error.__cause__ or error.__context__
    return error is not None


def _chosen(data: Mapping[str, Any], named: Mapping[str, str], notes: dict[Note, None]) -> dict[str, Any]:
    """The splits that the user named, and the others by their names; a split is offered once."""
    from datasets import ReadInstruction, concatenate_datasets

    found, used = {}, {}
    sizes = {name: len(part) for name, part in data.items()}
    for split, spec in named.items():
        try:
            parts = ReadInstruction.from_spec(spec).to_absolute(sizes)
        except (ValueError, AssertionError) as error:
            what = f"'{spec}' is not a split ({error})"
            remedy = f"there are {', '.join(sizes) or 'none'}; a part is written train[:90%]"
            raise ConfigError(what, where=f"data.{split}", remedy=remedy) from error
        found[split] = concatenate_datasets([data[p.splitname].select(range(p.from_, p.to)) for p in parts])
        used.update({part.splitname: split for part in parts})
    for name, part in data.items():
        split = WORDS.get(name.lower(), "")
        if split and split not in named and name in used:
            sentence = f"{name} is read as {used[name]} (data.{used[name]}), so it is not offered as {split}"
            notes[Note("source.split", sentence, {"split": split, "used_as": used[name]})] = None
        elif split and split not in named:
            found[split] = part
    return found or dict(data)


@contextmanager
def _settings(notes: dict[Note, None], offline: bool) -> Iterator[None]:
    """Within this, warnings of the package become notes, and its progress bars are shown only on a terminal.

    ``offline`` is as if HF_HUB_OFFLINE had been set before the two packages were imported.
    """
    from datasets import config
    from datasets.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from huggingface_hub import constants

    def collect(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            notes[Note("source.hub", record.getMessage().splitlines()[0])] = None
        return False

    logger, hidden = logging.getLogger("datasets.load"), are_progress_bars_disabled()
    before = config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE
    logger.addFilter(collect)
    if offline:
        config.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE = True
    if not sys.stderr.isatty():
        disable_progress_bars()
    try:
        yield
    finally:
        logger.removeFilter(collect)
        config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE = before
        if not hidden:
            enable_progress_bars()
