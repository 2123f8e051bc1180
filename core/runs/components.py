"""From a checked config to the parts of a run: the source, the task, the model."""

from __future__ import annotations

import inspect
from functools import cache, partial
from typing import Any, Protocol

from core.config import Config
from core.data import id_cache
from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.sources.base import Source
from core.data.vocab import Vocab
from core.model.context import Context
from core.registry.attribution import fault
from core.task import Task
from core.types import Arrays


class Model(Protocol):
    """The narrow waist: what the runner knows of a model, whichever its family."""

    family: str
    chosen: dict[str, Any]

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Learn from train; decide on dev."""

    def predict(self, corpus: Corpus) -> Arrays:
        """Predictions, one entry an event (see ``core.counting.base.CountHead.predict``)."""

    def save(self, folder: Any) -> None:
        """Write what was learned into a folder."""

    def restore(self, folder: Any) -> None:
        """Read what ``save`` wrote."""

    def facts(self) -> dict[str, Any]:
        """What the record shows about the model."""

    @property
    def parameters(self) -> int:
        """How many numbers were learned."""


def task(config: Config) -> Task:
    """The task of a run."""
    made: Task = config.task.load()(**config.task.options)
    return made


def source(config: Config) -> Source:
    """The data source of a run: a registered data set, or files."""
    if config.data.spec is not None:
        target = config.data.load()
        supplied = (config.run["data_dir"],) if "data_dir" in inspect.signature(target).parameters else ()
        made: Source = target(*supplied, **config.data.options)
        return made
    from core.data.sources import open_source

    return open_source(config.data.target, **config.data.options)


def warm(config: Config, task: Task, source: Source, device: str) -> None:
    """Import and compile what a run uses, so that no clock counts it.

    Args:
        config: what will run.
        task: its task.
        source: its data.
        device: where it will run.
    """
    import numpy.random  # noqa: F401

    if not id_cache.contains(id_cache.key(source.fingerprint(), task, DataOptions(**config.data_options))):
        import pyarrow.compute

        pyarrow.array([""])  # imports pandas where it is installed
    if config.family == "neural":
        import core.neural.model  # noqa: F401

        if config.kind != "vector":
            _warm_torch(device)
    elif config.kind == "token":
        from core.counting.hmm.compilation import compile_kernels

        compile_kernels()


@cache
def _warm_torch(device: str) -> None:
    """Train one step: the first of a process imports much of torch and starts its backends (oneDNN, cuDNN)."""
    import torch

    layer = torch.nn.LSTM(1, 1, device=device)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.zeros(1, 1, 1, device=device))[0].sum().backward()
    optimizer.step()


def model(config: Config, task: Task, vocab: Vocab, labels: Vocab | None, **how: Any) -> Model:
    """An untrained model of the chosen encoder.

    Args:
        config: what was asked for.
        task: the task's instance.
        vocab: the words.
        labels: the labels, None where the task has none.
        how: ``seed``, ``device``, ``precision`` and ``threads``, resolved.
    """
    encoder = (config.encoder.load(), config.encoder.options)
    if config.family == "counting":
        from core.counting import head_class
        from core.counting.model import CountingModel

        head = (head_class(task.kind), config.head)
        return CountingModel(task.kind, *encoder, *head, vocab, labels, how["threads"])
    from core.neural.model import NeuralModel

    return NeuralModel(
        task.kind,
        encoder,
        {name: (choice.load(), choice.options) for name, choice in config.embeddings.items()},
        config.embedding_options,
        config.head,
        config.train,
        vocab,
        labels,
        mode=task.mode,
        warmup=task.warmup,
        answer=task.answer if task.kind == "vector" else None,
        sees=config.encoder.extra["sees"],
        fault=partial(fault, config),
        **how,
    )
