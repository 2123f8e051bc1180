"""The data that a saved run was trained on, and its network as it was before training."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch

from core.data import id_cache
from core.data.options import DataOptions
from core.data.prepare import Data, prepare_cached
from core.errors import DataError
from core.model.context import Context
from core.neural.model import NeuralModel
from core.runs import components
from core.runs.trained_model import TrainedModel


def own_data(run: TrainedModel, labels: Literal["token"] | None = None) -> Data:
    """The splits that a saved run was trained and scored on.

    Args:
        run: the saved run.
        labels: ``token``: with a label per token instead of the labels that its task needs.

    Raises:
        DataError: the data is not there any more, has changed, or has no such labels.
    """
    source, options = components.source(run.config), DataOptions(**run.config.data_options)
    spec = run.kind.token_spec(run.task)
    if labels is not None:
        spec = replace(spec, labels=labels)
    data = prepare_cached(source, spec, options, id_cache.key(source.fingerprint(), spec, options))
    if data.vocab.words != run.vocab.words:
        what = "the data has other words than when the run was trained"
        raise DataError(what, where=run.config.data.name, remedy="train the run again")
    return data


def before_training(run: TrainedModel, data: Data) -> NeuralModel:
    """The network of a run with its initial weights; vectors that are trained or read before are there.

    Args:
        run: a saved run of a neural encoder.
        data: its own data; with other labels, what depends on the labels is left out.
    """
    model = components.model(run.config, run.task, run.vocab, run.labels)
    assert isinstance(model, NeuralModel) and isinstance(run.model, NeuralModel)
    task = run.task
    context = Context(task.metrics, task.primary, task.minimize, run.model.runtime, minimized=task.minimized)
    model.fit_embedding(data.splits["train"], data.splits["dev"], context)
    if (data.labels and data.labels.words) == (run.labels and run.labels.words):
        model.network.head.prepare(torch.from_numpy(run.kind.examples(data.splits["train"]).answers))
    model.network.to(model.device).eval()
    return model
