"""One run, top to bottom: data, model, fit, predict, judge, keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.config import Config
from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import Data, prepare
from core.data.sources.base import Source
from core.errors import StoreError
from core.evaluation import baselines
from core.evaluation.event_hash import fingerprint
from core.experiment.hardware import (
    Watch,
    check_device,
    code_version,
    environment,
    resolve_device,
    resolve_precision,
    resolve_threads,
)
from core.experiment.observers import Observer, Watchers
from core.model.context import Context
from core.runs import components, store
from core.runs.result import Result
from core.task import Task
from core.types import Arrays

JUDGED = ("dev", "test")


def run_one(config: Config, observers: Sequence[Observer] = ()) -> Result:
    """Train and score one encoder on one task, and keep the run.

    Args:
        config: what to run, checked.
        observers: who watches.

    Returns:
        The record; its ``folder`` is where the run was kept.
    """
    task, source = components.task(config), components.source(config)
    how, run_id = resolve_how(config, task), config.id(source.fingerprint())
    if (kept := taken_again(config, run_id, how)) is not None:
        return kept
    root = Path(config.run["runs"])
    store.check_writable(root)
    components.warm(config)
    notes, notify = _noting(Watchers(observers))
    result: Result | None = None
    try:
        notify("start", id=run_id, title=title(config), config=config.flat(), runs=config.run["runs"])
        result, data, model, predictions = _judged(config, run_id, task, source, notes, notify, how)
        store.write(root, result, data, model, predictions, config.run["save"])
    except BaseException as error:
        if result is not None and result.folder:  # kept: a Ctrl-C waits for the end of a save
            notify("end", status=result.status, result=result)
        else:
            notify("end", status="interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    notify("end", status=result.status, result=result)
    return result


def _judged(
    config: Config,
    run_id: str,
    task: Task,
    source: Source,
    notes: list[str],
    notify: Callable[..., None],
    how: dict[str, Any],
) -> tuple[Result, Data, components.Model, dict[str, Arrays]]:
    """The record of a run that is not kept yet, with its data, its trained model and what that predicts."""
    watch = Watch(memory=True)
    data = prepare(source, task, DataOptions(**config.data_options))
    for note in data.notes:
        notify("note", text=note)
    model = components.model(config, task, data.vocab, data.labels, **how)
    context = Context(task.metrics, task.primary, task.minimize, notify=notify, **how)
    fitting = Watch()
    model.fit(data.splits["train"], data.splits["dev"], context)
    fit_seconds, predicting = fitting.seconds, Watch()
    predictions = _predictions(model, data)
    predict_seconds = predicting.seconds
    said = predictions["test"], getattr(model, "normalized", True)
    for note in baselines.remarks(task, data, "test", _reads(config, task), *said):
        notify("note", text=note)
    result = _record(config, run_id, task, data, model, predictions, notes, how)
    result.cost = _cost(data, model, watch, fit_seconds, predict_seconds)
    return result, data, model, predictions


def _predictions(model: components.Model, data: Data) -> dict[str, Arrays]:
    """What the model says of dev and test; once where they are the same questions (kind ``vector``)."""
    dev, test = (data.splits[split] for split in JUDGED)
    said = model.predict(dev)
    return {"dev": said, "test": said if test is dev else model.predict(test)}


def _noting(watchers: Watchers) -> tuple[list[str], Callable[..., None]]:
    """A list that is given the text of every note, and what to notify with."""
    notes: list[str] = []

    def notify(event: str, **facts: Any) -> None:
        if event == "note":
            notes.append(str(facts["text"]))
        watchers.notify(event, **facts)

    return notes, notify


def title(config: Config) -> str:
    """What is run, in a few words."""
    embedding = "+".join(config.embeddings)
    return f"{config.task.name} on {config.data.name}: {config.encoder.name}" + (
        f", {embedding}" if embedding else ""
    )


def resolve_how(config: Config, task: Task) -> dict[str, Any]:
    """Seed, device, precision and threads without ``auto``."""
    check_device(config.run["device"])
    device = "cpu" if config.family == "counting" else resolve_device(config.run["device"])
    return {
        "seed": config.run["seed"],
        "device": device,
        "precision": resolve_precision(config.run["precision"], device),
        "threads": resolve_threads(config.run["threads"], task.kind),
    }


def taken_again(config: Config, run_id: str, how: dict[str, Any]) -> Result | None:
    """A finished run of the same thing, made in the same way by the same code; None where there is none.

    Data without a fingerprint (see ``Source.fingerprint``) are never known to be the same.
    """
    if config.run["fresh"]:
        return None
    try:
        kept = store.read(Path(config.run["runs"]) / run_id)
    except StoreError:
        return None
    same = kept.how == how and kept.environment.get("seqlab") == code_version()
    whole = config.run["save"] == "none" or (kept.path / store.PREDICTIONS).exists()
    if kept.status != "finished" or not same or not whole:
        return None
    if run_id == config.id():  # made without a fingerprint: the data may be other data by now
        return None
    if config.run["name"] not in (None, kept.config.get("name")):
        store.rename(kept, config.run["name"])
    kept.notes = [*kept.notes, f"taken from {kept.folder}, where it ran before (fresh=true trains again)"]
    return kept


def _record(
    config: Config,
    run_id: str,
    task: Task,
    data: Data,
    model: components.Model,
    predictions: dict[str, Arrays],
    notes: list[str],
    how: dict[str, Any],
) -> Result:
    sees, normalized = _reads(config, task), getattr(model, "normalized", True)
    return Result(
        id=run_id,
        status=getattr(model, "status", "finished"),
        task=config.task.name,
        data=config.data.name,
        encoder=config.encoder.name,
        embedding="+".join(config.embeddings),
        seed=config.run["seed"],
        primary=task.primary,
        minimize=task.minimize,
        metrics={s: task.judge(predictions[s], data.splits[s], normalized) for s in JUDGED},
        baselines=_baselines(task, data, sees),
        fingerprints={split: fingerprint(task, data.splits[split]) for split in JUDGED},
        events={s: {"rows": len(c), "tokens": int(c.tokens.inner.sum())} for s, c in data.splits.items()},
        cost={},
        curve=list(getattr(model, "history", [])),
        chosen=model.chosen,
        facts={
            "kind": task.kind,
            "sees": sees,
            "family": model.family,
            **model.facts(),
            **_answered(task, data.splits["test"], predictions["test"]),
        },
        notes=notes,
        history="stream" if model.family == "neural" and task.mode == "stream" else "row",
        how=how,
        environment=environment(),
        config={**config.flat(), **model.chosen},
    )


def _answered(task: Task, corpus: Corpus, predictions: Arrays) -> dict[str, Any]:
    """The share of the scored events that each order answered, in percent, where the model tells the orders."""
    orders = predictions.get("order", np.zeros(0, dtype=np.int8))
    if len(orders) and not task.end:
        orders = orders[corpus.tokens.inner]
    if not len(orders):
        return {}
    return {"answered": [round(100 * n / len(orders), 2) for n in np.bincount(orders)[1:].tolist()]}


def _reads(config: Config, task: Task) -> str:
    """Which side of a token the model reads on this task: ``left`` or ``both``, which decides its ceiling."""
    if task.kind == "next":
        return "left"
    whole = config.family == "counting"  # Viterbi and the class posterior read the whole row
    return "both" if whole or config.encoder.extra["sees"] != "left" else "left"


def _baselines(task: Task, data: Data, sees: str) -> dict[str, dict[str, float]]:
    test = data.splits["test"]
    return {
        "ceiling": baselines.ceiling(task, data, "test", sees),
        "most frequent": baselines.most_frequent(task, test),
        "chance": baselines.chance(task, test),
    }


def _cost(
    data: Data, model: components.Model, watch: Watch, fit_seconds: float, predict_seconds: float
) -> dict[str, float]:
    tokens = {split: len(corpus.tokens.values) for split, corpus in data.splits.items()}
    curve = getattr(model, "history", [])
    rates = [row["tokens_per_second"] for row in curve if "tokens_per_second" in row]
    return {
        "parameters": model.parameters,
        "train_seconds": fit_seconds,
        "predict_seconds": predict_seconds,
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "train_tokens_per_second": sum(rates) / len(rates) if rates else tokens["train"] / fit_seconds,
        "predict_tokens_per_second": sum(tokens[s] for s in JUDGED) / predict_seconds,
        "peak_bytes": watch.peak_bytes,
    }
