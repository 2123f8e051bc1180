"""Models to and from the files of other programs, in the formats that a count model or an embedding offers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.config import Config
from core.counting.base import CountModel
from core.counting.heads.language import LanguageCountHead
from core.counting.model import CountingModel
from core.data.prepare import Data
from core.data.vocab import Vocab
from core.errors import ConfigError, DataError, UnknownName, disk_remedy, nearest
from core.experiment.environment import environment
from core.experiment.runner import resolve_how
from core.runs import components, store
from core.runs.result import Result
from core.runs.trained_model import Loaded
from core.task import Task

if TYPE_CHECKING:
    from core.neural.base import Embedding

FIXED = ("encoder.", "head.", "data.", "task.min_count", "task.vocab_size", "save")  # keys that need a training
FOLLOWED = ("data.lower", "data.max_length")


def count_model(model: Loaded) -> CountModel:
    """The count model of a kept language model.

    Raises:
        ConfigError: the run is not of kind ``next``, or its encoder does not count.
    """
    head = getattr(model.model, "head", None)
    if not isinstance(head, LanguageCountHead):
        what = f"task={model.config.task.name} encoder={model.config.encoder.name} is no language model of counts"
        raise ConfigError(what, where="run", remedy="name a run of kind next whose encoder counts")
    return head.model


def check_format(target: Any, asked: str | None, name: str) -> str:
    """The format that is meant: by default the first that there is.

    Args:
        target: the class of an encoder or embedding.
        asked: what the user wrote.
        name: what it is called, ``encoder=NAME``.

    Raises:
        ConfigError: it has no such format, or none at all.
    """
    known: tuple[str, ...] = getattr(target, "formats", ())
    if not known:
        what = f"{name} has no format of other programs"
        raise ConfigError(what, where="format", remedy="choose one that has")
    if asked is not None and asked not in known:
        raise UnknownName(f"{name} has no format '{asked}'", where="format", remedy=nearest(asked, known))
    return asked or known[0]


def export(model: Loaded, path: Path, format: str | None = None) -> None:
    """Write a kept run to a file of other programs.

    Args:
        model: the run.
        path: the file; one that is there is replaced once the new one is whole.
        format: one of the model's formats; by default its first.

    Raises:
        ConfigError: the model has no such format, or cannot be written in it.
        DataError: the file cannot be written.
    """
    try:
        if (embedding := _writer(model)) is not None:
            from core.neural.heads.vectors import vectors_of

            format = check_format(type(embedding), format, f"embedding={'+'.join(model.config.embeddings)}")
            words, vectors, _ = vectors_of(model)
            embedding.write_as(format, path, words, vectors)
        else:
            found = count_model(model)
            format = check_format(type(found), format, f"encoder={model.config.encoder.name}")
            found.write_as(format, path, model.vocab.words)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise DataError(what, where=str(path), remedy=disk_remedy(error)) from error


def _writer(model: Loaded) -> Embedding | None:
    """The embedding of a kept run, if it has a format of other programs."""
    if model.config.family != "neural":
        return None
    from core.neural.base import Embedding
    from core.neural.model import NeuralModel

    assert isinstance(model.model, NeuralModel)
    parts = [part for part in model.model.network.embedding.modules() if isinstance(part, Embedding)]
    able = [part for part in parts if part.formats]
    if able and len(model.config.embeddings) > 1:
        what = f"embedding={'+'.join(model.config.embeddings)} joins several, and a file holds the vectors of one"
        raise ConfigError(what, where="run", remedy="name a run with one embedding")
    return able[0] if able else None


def adopt(config: Config, path: Path, format: str | None = None) -> Result:
    """Keep a model from a file of other programs as a run, to score, judge and generate with.

    Args:
        config: the task and the encoder, with the file as data.
        path: the file.
        format: one of the encoder's formats; by default its first.

    Returns:
        The record, without figures; ``evaluate`` gives some.

    Raises:
        ConfigError: the encoder has no such format, the task is not of kind ``next``, or a key cannot be followed.
        DataError: the file cannot be read.
    """
    encoder, task = config.encoder.load(), components.task(config)
    format = check_format(encoder, format, f"encoder={config.encoder.name}")
    if config.kind != "next":
        what = f"a file holds a language model, and task={config.task.name} is of kind {config.kind}"
        raise ConfigError(what, where="task", remedy="choose a task of kind next")
    _check_given(config)
    store.check_writable(Path(config.run["runs"]))
    foreign = encoder.read_as(format, path)
    config = replace(config, encoder=replace(config.encoder, options=config.encoder.options | foreign.options))
    vocab = Vocab(foreign.words, np.zeros(len(foreign.words), dtype=np.int64))
    how = resolve_how(config, task)
    model = components.model(config, task, vocab, None, **how)
    assert isinstance(model, CountingModel)  # only count models have formats
    model.head.restore(foreign.arrays)
    result = _record(config, format, path, task, model, foreign.notes, how)
    kept = Data(vocab, None, {}, components.source(config))
    result.folder = str(store.write(Path(config.run["runs"]), result, kept, model, {}, "all"))
    return result


def _check_given(config: Config) -> None:
    """Refuse the first key that only a training could follow."""
    for key in config.given:
        if key.startswith(FIXED) and key not in FOLLOWED:
            what = "an import cannot follow it: the model and its words are those of the file"
            raise ConfigError(what, where=key, remedy="leave it out")


def _record(
    config: Config,
    format: str,
    path: Path,
    task: Task,
    model: CountingModel,
    notes: list[str],
    how: dict[str, Any],
) -> Result:
    """A record of a model that was not trained here: what it is, and no figures."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "blake2b").hexdigest()
    return Result(
        id=config.id(f"{format} {content}"),
        status="finished",
        task=config.task.name,
        data=config.data.name,
        encoder=config.encoder.name,
        embedding="",
        seed=config.run["seed"],
        primary=task.primary,
        minimize=task.minimize,
        metrics={"dev": {}, "test": {task.primary: float("nan")}},
        baselines={"ceiling": {}, "most frequent": {}, "chance": {}},
        fingerprints={},
        events={},
        cost={"parameters": model.parameters},
        curve=[],
        chosen={},
        facts={"kind": config.kind, "sees": "left", "family": model.family, **model.facts()},
        notes=notes,
        history="row",
        how=how,
        environment=environment(),
        config=config.flat(),
    )
