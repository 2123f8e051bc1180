"""The parts of a run, built from a checked config: the task, the source, the model."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import cache
from typing import Any

from core.config import RunConfig
from core.config.options import options_of
from core.data.prepare import Data
from core.data.sources.base import Source
from core.data.vocab import Vocab
from core.errors import ConfigError, PluginError
from core.model.checkpoint import CheckpointOptions
from core.model.interface import Model
from core.model.runtime import Runtime
from core.registry.attribution import contract_error
from core.runs import whole_models
from core.task import Task


def task(config: RunConfig) -> Task:
    """The task of a run."""
    task: Task = config.task.load()(**config.task.options)
    if not isinstance(getattr(task, "primary", None), str):
        what = f"{type(task).__name__} does not define primary, the name of the metric that decides on dev"
        raise contract_error(config.specs("task"), what)
    return task


def source(config: RunConfig) -> Source:
    """The data source of a run: a registered data set, or files."""
    if config.data.spec is not None:
        target = config.data.load()
        supplied = (config.run["data_dir"],) if "data_dir" in _parameters(target) else ()
        source: Source = target(*supplied, **config.data.options)
        return source
    from core.data.sources import open_source

    return open_source(config.data.target, **config.data.options)


@cache
def _parameters(target: Any) -> frozenset[str]:
    """The names of the parameters of a class, which a grid asks for in every run."""
    return frozenset(inspect.signature(target).parameters)


def warm(config: RunConfig, cached: bool, device: str) -> None:
    """Import and compile what a run uses before its time is measured; ``cached``: no rows are read."""
    import numpy.random  # noqa: F401 - NumPy imports it at its first use

    if not cached:
        import pyarrow.compute

        if config.data.spec is not None:  # rows of Python objects, for which Arrow imports pandas
            pyarrow.array([""])
    if config.traits.whole:
        whole_models.model_class(config).compile()
        return
    config.kind.import_class("models", config.family)
    if "train" not in config.traits.sections:
        config.head_class.compile()
    elif config.kind.reads_rows:
        _warm_torch(device)


@cache
def _warm_torch(device: str) -> None:
    """Train one step: the first step of a process imports much of torch and starts oneDNN or cuDNN."""
    import torch

    from core.neural.optimizers import AdamW

    layer = torch.nn.LSTM(1, 1, device=device)
    optimizer = AdamW(layer.parameters())
    layer(torch.zeros(1, 1, 1, device=device))[0].sum().backward()
    optimizer.step()


def compile_kernels(config: RunConfig, data: Data, runtime: Runtime) -> None:
    """Import and compile what the parts of a network use for this data, before their time is measured."""
    if "train" not in config.traits.sections or not config.kind.reads_rows or runtime.device != "cpu":
        return
    tokens = max(len(data.splits[name].tokens.values) for name in ("dev", "test"))
    for part, options in ((config.encoder.load(), config.encoder.options), (config.head_class, config.head)):
        if compile_part := getattr(part, "compile_kernels", None):  # an encoder without it is refused later
            compile_part(options, runtime.precision, tokens)


def limited(config: RunConfig, max_tokens: int) -> RunConfig:
    """The config with another ``predict.max_tokens``; ConfigError where it has none, or below 1."""
    if not config.predict or max_tokens < 1:
        what = f"encoder={config.encoder.name} has no such limit" if max_tokens > 0 else f"{max_tokens} is below 1"
        raise ConfigError(what, where="max_tokens", remedy="leave it out" if max_tokens > 0 else "raise it")
    return replace(config, predict={**config.predict, "max_tokens": max_tokens})


def model(config: RunConfig, task: Task, vocab: Vocab, labels: Vocab | None) -> Model:
    """An untrained model of the chosen encoder; ``labels`` is None where the task has none."""
    if config.traits.whole:
        return whole_models.build(config, task, vocab, labels)
    encoder = (config.encoder.load(), config.encoder.options)
    model_class = config.kind.import_class("models", config.family)
    model: Model
    if "train" not in config.traits.sections:
        model = model_class(config.kind, encoder, config.head, vocab, labels)
        return model
    from core.neural.design import Design

    embeddings = {name: (choice.load(), choice.options) for name, choice in config.embeddings.items()}
    sees = config.encoder.extra["sees"]
    train = {name: value for name, value in config.train.items() if name not in options_of(CheckpointOptions)}
    design = Design(encoder, embeddings, config.embedding_options, config.head, train, sees, **config.predict)

    def broken(part: str, what: str) -> PluginError:
        return contract_error(config.specs(part), what)

    model = model_class(config.kind, task, design, vocab, labels, broken)
    return model
