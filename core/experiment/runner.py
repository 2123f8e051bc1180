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
from core.evaluation.event_hash import event_hash
from core.experiment.hardware import (
    Watch,
    code_version,
    environment,
)
from core.experiment.observers import Observer, Watchers
from core.kinds.base import Kind
from core.model.context import Context
from core.model.interface import LanguageModel, Model
from core.model.runtime import Runtime, resolve_runtime
from core.runs import components, store
from core.runs.result import Result
from core.task import Task
from core.types import Arrays, Note

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
    notes: list[Note],
    notify: Callable[..., None],
    how: dict[str, Any],
) -> tuple[Result, Data, Model, dict[str, Arrays]]:
    """The record of a run that is not kept yet, with its data, its trained model and what that predicts."""
    watch = Watch(memory=True)
    data = prepare(source, config.kind.token_spec(task), DataOptions(**config.data_options))
    for note in data.notes:
        notify("note", text=note.text, code=note.code)
    model = components.model(config, task, data.vocab, data.labels)
    context = Context(task.metrics, task.primary, task.minimize, Runtime(**how), notify)
    fitting = Watch()
    model.fit(data.splits["train"], data.splits["dev"], context)
    fit_seconds, predicting = fitting.seconds, Watch()
    predictions = _predictions(model, data)
    predict_seconds = predicting.seconds
    kind, test = config.kind, data.splits["test"]
    ceiling = baselines.ceiling(kind, task, data, "test", kind.reads(config.family, config.encoder.extra["sees"]))
    checked = baselines.beaten(kind, task, predictions["test"], ceiling, test, "test") if model.normalized else ()
    for note in (*ceiling.notes, *checked):
        notify("note", text=note.text, code=note.code)
    result = _record(config, run_id, task, data, model, predictions, notes, how, ceiling)
    result.cost = _cost(data, model, watch, fit_seconds, predict_seconds)
    return result, data, model, predictions


def _predictions(model: Model, data: Data) -> dict[str, Arrays]:
    """What the model says of dev and test; once where they are the same questions (kind ``vector``)."""
    dev, test = (data.splits[split] for split in JUDGED)
    said = model.predict(dev)
    return {"dev": said, "test": said if test is dev else model.predict(test)}


def _noting(watchers: Watchers) -> tuple[list[Note], Callable[..., None]]:
    """A list that is given the text of every note, and what to notify with."""
    notes: list[Note] = []

    def notify(event: str, **facts: Any) -> None:
        if event == "note":
            notes.append(Note(str(facts.get("code", "model")), str(facts["text"])))
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
    return resolve_runtime(config.run, config.family, config.kind).to_json()


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
    kept.notes = [
        *kept.notes,
        Note("cached", f"taken from {kept.folder}, where it ran before (fresh=true trains again)"),
    ]
    return kept


def _record(
    config: Config,
    run_id: str,
    task: Task,
    data: Data,
    model: Model,
    predictions: dict[str, Arrays],
    notes: list[Note],
    how: dict[str, Any],
    ceiling: baselines.Ceiling,
) -> Result:
    sees, normalized = config.kind.reads(config.family, config.encoder.extra["sees"]), model.normalized
    return Result(
        id=run_id,
        status=model.status,
        task=config.task.name,
        data=config.data.name,
        encoder=config.encoder.name,
        embedding="+".join(config.embeddings),
        seed=config.run["seed"],
        primary=task.primary,
        minimize=task.minimize,
        metrics={s: task.score(predictions[s], data.splits[s], normalized) for s in JUDGED},
        baselines=_baselines(config.kind, task, data, ceiling),
        fingerprints={split: event_hash(config.kind, task, data.splits[split]) for split in JUDGED},
        events={s: {"rows": len(c), "tokens": int(c.tokens.inner.sum())} for s, c in data.splits.items()},
        cost={},
        curve=list(model.history),
        chosen=model.chosen,
        facts={
            "kind": task.kind,
            "sees": sees,
            "family": model.family,
            **model.facts(),
            **_answered(task, data.splits["test"], predictions["test"]),
        },
        notes=notes,
        history="stream" if isinstance(model, LanguageModel) and model.stream else "row",
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


def _baselines(kind: Kind, task: Task, data: Data, ceiling: baselines.Ceiling) -> dict[str, dict[str, float]]:
    test = data.splits["test"]
    return {
        "ceiling": ceiling.scores,
        "most frequent": baselines.most_frequent(kind, task, test),
        "chance": baselines.chance(kind, task, test),
    }


def _cost(data: Data, model: Model, watch: Watch, fit_seconds: float, predict_seconds: float) -> dict[str, float]:
    tokens = {split: len(corpus.tokens.values) for split, corpus in data.splits.items()}
    curve = model.history
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
