"""Whole models of plugins: built from the config and checked; the error of a broken one names its plugin."""

from __future__ import annotations

import inspect
from typing import Any

from core.config import RunConfig
from core.config.options import options_of
from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import ConfigError, PluginError
from core.model.interface import LanguageModel, Model
from core.registry.attribution import contract_error
from core.task import Task
from core.types import Arrays


def model_class(config: RunConfig) -> type[Model]:
    """The class of the model of a run; PluginError if it is not one for its kind of task."""
    target = config.encoder.load()
    base = LanguageModel if config.kind.language_model else Model
    if not (isinstance(target, type) and issubclass(target, base)):
        name = getattr(target, "__qualname__", target)
        raise _broken(config, f"{name} is not a subclass of core.model.interface.{base.__name__}")
    return target


def build(config: RunConfig, task: Task, vocab: Vocab, labels: Vocab | None) -> Model:
    """An untrained model; core supplies what the positional parameters of its constructor name."""
    target = model_class(config)
    supplied: dict[str, Any] = {"kind": config.kind, "task": task, "vocab": vocab, "labels": labels}
    parameters = inspect.signature(target).parameters.values()
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    model = target(*(supplied[name] for name in named), **config.encoder.options)
    if not hasattr(model, "chosen"):
        raise _broken(config, f"the constructor of {target.__qualname__} does not call super().__init__()")
    return model


def check_fitted(config: RunConfig, model: Model) -> None:
    """Check what a model says about itself after it was fitted, before its run is saved.

    Raises:
        PluginError: it says something else.
    """
    if model.status == "untrained":
        model.status = "finished"
    if not isinstance(count := model.parameters, int) or count < 0:
        raise _broken(config, f"parameters is {count!r}, not the number of learned values")
    options = options_of(type(model), config.encoder.spec.where if config.encoder.spec else "")
    for key, value in model.chosen.items():
        option = options.get(key.removeprefix("encoder."))
        if option is None or not key.startswith("encoder."):
            raise _broken(config, f"chosen has {key}, which is not one of its options (encoder.NAME)")
        try:
            option.check(value, key)
        except ConfigError as error:
            raise _broken(config, f"chosen has a value that its own option does not take: {error}") from error


def predict(config: RunConfig, model: Model, corpus: Corpus, probabilities: bool = False) -> Arrays:
    """The predictions of a model of any family; those of a whole model are checked.

    Raises:
        PluginError: they are not what the kind of task asks for.
    """
    arrays = model.predict(corpus, probabilities=True) if probabilities else model.predict(corpus)
    if config.traits.whole and (problem := config.kind.prediction_error(arrays, corpus, probabilities)):
        raise _broken(config, f"predict: {problem}")
    return arrays


def _broken(config: RunConfig, what: str) -> PluginError:
    return contract_error(config.specs("encoder"), what)
