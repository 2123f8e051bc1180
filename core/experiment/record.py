"""The record of a trained run: scores, baselines, cost, and what made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.config import Config
from core.data.corpus import Corpus
from core.data.prepare import Data
from core.evaluation import baselines
from core.evaluation.event_hash import fingerprint
from core.experiment.environment import environment
from core.experiment.hardware import ResourceMonitor
from core.runs import components
from core.runs.result import Result
from core.task import Task
from core.types import Arrays, Scores

EVALUATED = ("dev", "test")


@dataclass(frozen=True)
class TrainedRun:
    """A run that has trained and predicted, before it is scored and saved.

    Args:
        config: what was run.
        task: the task.
        data: the data.
        model: the trained model.
        predictions: split -> arrays, for ``dev`` and ``test``.
        monitor: has measured ``read``, ``fit`` and ``predict``.
        how: seed, device, precision and threads.
    """

    config: Config
    task: Task
    data: Data
    model: components.Model
    predictions: dict[str, Arrays]
    monitor: ResourceMonitor
    how: dict[str, Any]


def make_record(run_id: str, run: TrainedRun, notes: list[str]) -> Result:
    """Score a run.

    Args:
        run_id: hash of what was run.
        run: the run.
        notes: what the user was notified of.
    """
    config, task, data, model, predictions = run.config, run.task, run.data, run.model, run.predictions
    sees, normalized = reading_direction(config, task), getattr(model, "normalized", True)
    return Result(
        id=run_id,
        status=getattr(model, "status", "finished"),
        metrics={s: task.judge(predictions[s], data.splits[s], normalized) for s in EVALUATED},
        baselines=_baselines(task, data, sees),
        fingerprints={split: fingerprint(task, data.splits[split]) for split in EVALUATED},
        events={s: {"rows": len(c), "tokens": int(c.tokens.inner.sum())} for s, c in data.splits.items()},
        cost=_cost(run),
        curve=list(getattr(model, "history", [])),
        chosen=model.chosen,
        notes=notes,
        history="stream" if model.family == "neural" and task.mode == "stream" else "row",
        config={**config.flat(), **model.chosen},
        facts=model_facts(task, model, sees) | _answered(task, data.splits["test"], predictions["test"]),
        **origin(config, task, run.how),
    )


def origin(config: Config, task: Task, how: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that are known before training."""
    return {
        "task": config.task.name,
        "data": config.data.name,
        "encoder": config.encoder.name,
        "embedding": "+".join(config.embeddings),
        "seed": config.run["seed"],
        "primary": task.primary,
        "minimize": task.minimize,
        "how": how,
        "environment": environment(),
    }


def model_facts(task: Task, model: components.Model, sees: str) -> dict[str, Any]:
    """What the record shows about a model."""
    return {"kind": task.kind, "sees": sees, "family": model.family, **model.facts()}


def reading_direction(config: Config, task: Task) -> str:
    """Which side of a token the model reads on a task: ``left`` or ``both``, which decides its ceiling."""
    if task.kind == "next":
        return "left"
    whole = config.family == "counting"  # Viterbi and the class posterior read the whole row
    return "both" if whole or config.encoder.extra["sees"] != "left" else "left"


def _answered(task: Task, corpus: Corpus, predictions: Arrays) -> dict[str, Any]:
    """The percentage of the scored events that each order answered, where the model reports the orders."""
    orders = predictions.get("order", np.zeros(0, dtype=np.int8))
    if len(orders) and not task.end:
        orders = orders[corpus.tokens.inner]
    if not len(orders):
        return {}
    return {"answered": [round(100 * n / len(orders), 2) for n in np.bincount(orders)[1:].tolist()]}


def _baselines(task: Task, data: Data, sees: str) -> dict[str, Scores]:
    test = data.splits["test"]
    return {
        "ceiling": baselines.ceiling(task, data, "test", sees),
        "most frequent": baselines.most_frequent(task, test),
        "chance": baselines.chance(task, test),
    }


def _cost(run: TrainedRun) -> Scores:
    tokens = {split: len(corpus.tokens.values) for split, corpus in run.data.splits.items()}
    rates = [row["tokens_per_second"] for row in getattr(run.model, "history", []) if "tokens_per_second" in row]
    seconds, cpu_seconds = run.monitor.seconds, run.monitor.cpu_seconds
    return {
        "parameters": run.model.parameters,
        "train_seconds": seconds["fit"],
        "predict_seconds": seconds["predict"],
        "seconds": sum(seconds.values()),
        "cpu_seconds": sum(cpu_seconds.values()),
        "train_tokens_per_second": sum(rates) / len(rates) if rates else tokens["train"] / seconds["fit"],
        "predict_tokens_per_second": sum(tokens[split] for split in EVALUATED) / seconds["predict"],
        "peak_bytes": run.monitor.peak_bytes,
    }
