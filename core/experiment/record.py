"""The record of a trained run: scores, baselines, cost, config and environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from core.config import RunConfig
from core.config.overrides import render
from core.data.corpus import Corpus
from core.data.prepare import Data
from core.evaluation import baselines
from core.experiment.data_scores import DataScores, data_scores
from core.experiment.environment import environment
from core.experiment.hardware import ResourceMonitor
from core.experiment.spent_time import time_facts
from core.model.interface import LanguageModel, Model
from core.model.runtime import Runtime
from core.runs.result import Result
from core.task import Task
from core.types import Arrays, Note, Scores

EVALUATED = ("dev", "test")

T = TypeVar("T")


@dataclass(frozen=True)
class TrainedRun:
    """A run that has trained and predicted, before it is scored and saved."""

    config: RunConfig
    task: Task
    data: Data
    model: Model
    predictions: dict[str, Arrays]  # of the evaluated splits
    ceiling: baselines.Ceiling  # on test, where it is evaluated
    monitor: ResourceMonitor  # has measured ``read``, ``fit`` and ``predict``
    runtime: Runtime
    resumed: int = 0  # how often it was resumed in another process


def evaluated(config: RunConfig) -> tuple[str, ...]:
    """The splits that a run predicts and scores: dev, and test unless ``test=false``."""
    return EVALUATED if config.run["test"] else EVALUATED[:1]


def per_split(config: RunConfig, data: Data, function: Callable[[str], T]) -> dict[str, T]:
    """A function of each evaluated split, called once where both are the questions of a task."""
    dev, splits = function("dev"), evaluated(config)
    same = data.splits["test"] is data.splits["dev"]
    return {split: dev if split == "dev" or same else function(split) for split in splits}


def make_record(run_id: str, run: TrainedRun, notes: list[Note]) -> Result:
    """Score a run; ``notes`` are those that its observers were notified of."""
    config, task, data, model, predictions = run.config, run.task, run.data, run.model, run.predictions
    last, about_data = evaluated(config)[-1], data_scores(config, task, data)
    return Result(
        id=run_id,
        status=model.status,
        metrics=per_split(
            config, data, lambda split: task.score(predictions[split], data.splits[split], model.normalized)
        ),
        baselines=_baselines(run, about_data) if last == "test" else {},
        fingerprints={split: about_data.fingerprints[split] for split in evaluated(config)},
        events={s: {"rows": len(c), "tokens": int(c.tokens.inner.sum())} for s, c in data.splits.items()},
        cost=_cost(run),
        curve=list(model.history),
        chosen={**config.solved, **model.chosen},
        notes=notes,
        history="stream" if isinstance(model, LanguageModel) and model.stream else "row",
        config={**config.flat(), **{key: render(value) for key, value in model.chosen.items()}},
        facts=_facts(run),
        **origin(config, task, run.runtime),
    )


def _baselines(run: TrainedRun, about_data: DataScores) -> dict[str, Scores]:
    """The baselines on test."""
    return {"ceiling": run.ceiling.scores, **{name: dict(own) for name, own in about_data.baselines.items()}}


def origin(config: RunConfig, task: Task, runtime: Runtime) -> dict[str, Any]:
    """The fields of a record that are known before training."""
    return {
        "task": config.task.name,
        "data": config.data.name,
        "encoder": config.encoder.name,
        "embedding": "+".join(config.embeddings),
        "seed": config.run["seed"],
        "primary": task.primary,
        "minimize": task.minimize,
        "how": runtime.to_json(),
        "environment": environment(),
    }


def model_facts(config: RunConfig, model: Model) -> dict[str, Any]:
    """What the record shows about a model."""
    own = {"kind": config.kind.name, "sees": reads(config), "family": model.family, "seeded": config.seeded}
    return own | model.facts()


def reads(config: RunConfig) -> str:
    """Which side of a token the model reads (``left`` or ``both``); its ceiling depends on it."""
    return config.kind.reads(config.family, config.encoder.extra["sees"])


def _answered(task: Task, corpus: Corpus, predictions: Arrays) -> dict[str, Any]:
    """The percentage of scored events per order, where the model reports orders."""
    if "order" not in predictions:
        return {}
    orders = predictions["order"] if task.end else predictions["order"][corpus.tokens.inner]
    shares = [round(100 * n / len(orders), 2) for n in np.bincount(orders)[1:].tolist()]
    return {"answered": shares} if shares else {}


def _facts(run: TrainedRun) -> dict[str, Any]:
    """What the record shows about the model and its training."""
    facts = model_facts(run.config, run.model)
    last = evaluated(run.config)[-1]
    facts |= _answered(run.task, run.data.splits[last], run.predictions[last])
    facts |= time_facts(run.config, run.model, run.monitor.seconds["fit"])
    signatures = run.task.signatures()
    facts |= {"signatures": signatures} if signatures else {}
    facts |= {"solved": run.config.solved} if run.config.solved else {}
    return facts | ({"resumed": run.resumed} if run.resumed else {})


def _cost(run: TrainedRun) -> Scores:
    tokens = {split: len(corpus.tokens.values) for split, corpus in run.data.splits.items()}
    rates = [row["tokens_per_second"] for row in run.model.history if "tokens_per_second" in row]
    seconds, cpu_seconds = run.monitor.seconds, run.monitor.cpu_seconds
    gpu_bytes = run.monitor.gpu_peak_bytes
    return {
        "parameters": run.model.parameters,
        "train_seconds": seconds["fit"],
        "predict_seconds": seconds["predict"],
        "seconds": sum(seconds.values()),
        "cpu_seconds": sum(cpu_seconds.values()),
        "train_tokens_per_second": sum(rates) / len(rates) if rates else tokens["train"] / seconds["fit"],
        "predict_tokens_per_second": sum(tokens[split] for split in run.predictions) / seconds["predict"],
        "peak_bytes": run.monitor.peak_bytes,
        **({} if gpu_bytes is None else {"gpu_peak_bytes": gpu_bytes}),
    }
