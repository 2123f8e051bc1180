"""Export and import of models in the file formats of other programs (ARPA, word2vec)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.config import RunConfig
from core.counting.base import CountModel
from core.counting.model import CountingLanguageModel
from core.data.prepare import Data
from core.data.vocab import Vocab
from core.errors import ConfigError, DataError, UnknownName, disk_remedy, nearest
from core.evaluation.word_vectors import vectors_of
from core.experiment.record import model_facts, origin
from core.model.runtime import Runtime, resolve_runtime
from core.runs import components, store
from core.runs.result import Result
from core.runs.trained_model import TrainedModel
from core.task import Task
from core.types import Note

if TYPE_CHECKING:
    from core.neural.base import Embedding

TRAINING_KEYS = ("encoder.", "head.", "data.", "task.min_count", "task.vocab_size", "save")  # prefixes
IMPORT_KEYS = ("data.lower", "data.max_length")  # of those, the keys that apply to an imported model too


def count_model(model: TrainedModel) -> CountModel:
    """The count model of a saved run; ConfigError if it is not a count-based language model."""
    if not isinstance(model.model, CountingLanguageModel):
        name = f"task={model.config.task.name} encoder={model.config.encoder.name}"
        what = f"{name} is not a count-based language model"
        raise ConfigError(what, where="run", remedy="name a run of kind next of the counting family")
    return model.model.head.model


def check_format(target: Any, requested: str | None, name: str) -> str:
    """The requested format of a class (``encoder=NAME`` in messages), by default its first.

    Raises:
        ConfigError: the class has no such format, or no formats.
    """
    known: tuple[str, ...] = getattr(target, "formats", ())
    if not known:
        what = f"{name} has no file format of other programs"
        raise ConfigError(what, where="format", remedy="choose an encoder or embedding that has one")
    if requested is not None and requested not in known:
        raise UnknownName(f"{name} has no format '{requested}'", where="format", remedy=nearest(requested, known))
    return requested or known[0]


def export(model: TrainedModel, path: Path, format: str | None = None) -> None:
    """Write a saved run in a format of other programs.

    Args:
        model: the run.
        path: the file; an existing file is replaced when the new one is complete.
        format: one of the model's formats; by default the first.

    Raises:
        ConfigError: the model has no such format, or cannot be written in it.
        DataError: the file cannot be written.
    """
    try:
        if (embedding := _writer(model)) is not None:
            format = check_format(type(embedding), format, f"embedding={'+'.join(model.config.embeddings)}")
            words, vectors, _ = vectors_of(model.model)
            embedding.write_as(format, path, words, vectors)
        else:
            counts = count_model(model)
            format = check_format(type(counts), format, f"encoder={model.config.encoder.name}")
            counts.write_as(format, path, model.vocab.words)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise DataError(what, where=str(path), remedy=disk_remedy(error)) from error


def _writer(model: TrainedModel) -> Embedding | None:
    """The embedding of a saved run, if it can be exported."""
    if "embedding" not in model.config.traits.sections:
        return None
    from core.neural.model import NeuralModel

    assert isinstance(model.model, NeuralModel)
    exportable = [part for part in model.model.network.embedding.embeddings if part.formats]
    if exportable and len(model.config.embeddings) > 1:
        what = f"embedding={'+'.join(model.config.embeddings)} joins several embeddings, but a file holds only one"
        raise ConfigError(what, where="run", remedy="name a run with one embedding")
    return exportable[0] if exportable else None


def import_model(config: RunConfig, path: Path, format: str | None = None) -> Result:
    """Save a model from a file of another program as a run.

    Args:
        config: the task and the encoder, with the file as data.
        path: the file.
        format: one of the encoder's formats; by default the first.

    Returns:
        The record, without scores.

    Raises:
        ConfigError: the encoder has no such format, the task is not of kind ``next``, or a key needs training.
        DataError: the file cannot be read.
    """
    encoder, task = config.encoder.load(), components.task(config)
    format = check_format(encoder, format, f"encoder={config.encoder.name}")
    if not config.kind.language_model:
        what = f"the file holds a language model, but task={config.task.name} is of kind {config.kind.name}"
        raise ConfigError(what, where="task", remedy="choose a task of kind next")
    for key in config.given:
        if key.startswith(TRAINING_KEYS) and key not in IMPORT_KEYS:
            what = "it does not apply to an import: the model and its vocabulary come from the file"
            raise ConfigError(what, where=key, remedy="leave it out")
    store.check_writable(Path(config.run["runs"]))
    imported = encoder.read_as(format, path)
    config = replace(config, encoder=replace(config.encoder, options=config.encoder.options | imported.options))
    vocab = Vocab(imported.words, np.zeros(len(imported.words), dtype=np.int64))
    runtime = resolve_runtime(config.run, config.family, config.kind)
    model = components.model(config, task, vocab, None)
    assert isinstance(model, CountingLanguageModel)  # only count models have formats
    model.head.restore(imported.arrays)
    with path.open("rb") as file:
        content = f"{format} {hashlib.file_digest(file, 'blake2b').hexdigest()}"
    result = _record(config, content, task, model, imported.notes, runtime)
    data = Data(vocab, None, {}, components.source(config))
    store.write(Path(config.run["runs"]), result, data, model, {}, "all")
    return result


def _record(
    config: RunConfig, content: str, task: Task, model: CountingLanguageModel, notes: list[str], runtime: Runtime
) -> Result:
    """A record without scores."""
    return Result(
        id=config.id(content),
        status="finished",
        metrics={"dev": {}, "test": {task.primary: float("nan")}},
        baselines={"ceiling": {}, "most frequent": {}, "chance": {}},
        fingerprints={},
        events={},
        cost={"parameters": model.parameters},
        curve=[],
        chosen={},
        notes=[Note("import", note) for note in notes],
        history="row",
        config=config.flat(),
        facts=model_facts(config, model),
        **origin(config, task, runtime),
    )
