"""One run from top to bottom: data, model, fit, predict, evaluate, save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.config import Config
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.base import Source
from core.errors import StoreError
from core.evaluation import baselines
from core.experiment.environment import code_version
from core.experiment.hardware import (
    ResourceMonitor,
    check_device,
    resolve_device,
    resolve_precision,
    resolve_threads,
)
from core.experiment.observers import Observer, ObserverGroup
from core.experiment.record import TrainedRun, make_record, reading_direction
from core.model.context import Context
from core.runs import components, store
from core.runs.result import Result
from core.task import Task


def run_one(config: Config, observers: Sequence[Observer] = ()) -> Result:
    """Train and score one encoder on one task, and save the run.

    Args:
        config: what to run, checked.
        observers: what to notify of its events.

    Returns:
        The record; its ``folder`` is where the run is saved.
    """
    task, source = components.task(config), components.source(config)
    how, run_id = resolve_how(config, task), config.id(source.fingerprint())
    if (saved := find_cached_run(config, run_id, how)) is not None:
        return saved
    root = Path(config.run["runs"])
    store.check_writable(root)
    components.warm(config, task, source, how["device"])
    group, result = ObserverGroup(observers), None
    try:
        group.notify("start", id=run_id, title=title(config), config=config.flat(), runs=config.run["runs"])
        run = _fit_and_predict(config, task, source, how, group)
        result = make_record(run_id, run, group.notes)
        store.write(root, result, run.data, run.model, run.predictions, config.run["save"])
    except BaseException as error:
        if result is not None and result.folder:  # saved: a Ctrl-C waits for the end of a save
            group.notify("end", status=result.status, result=result)
        else:
            group.notify("end", status="interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    group.notify("end", status=result.status, result=result)
    return result


def _fit_and_predict(
    config: Config, task: Task, source: Source, how: dict[str, Any], group: ObserverGroup
) -> TrainedRun:
    """Read the data, train the model and predict dev and test; the monitor times these and nothing else."""
    monitor = ResourceMonitor()
    with monitor.measure("read"):
        data = prepare(source, task, DataOptions(**config.data_options))
    for note in data.notes:
        group.notify("note", text=note)
    model = components.model(config, task, data.vocab, data.labels, **how)
    context = Context(task.metrics, task.primary, task.minimize, notify=group.notify, **how)
    dev, test = data.splits["dev"], data.splits["test"]
    with monitor.measure("fit"):
        model.fit(data.splits["train"], dev, context)
    with monitor.measure("predict"):
        predictions = {"dev": model.predict(dev)}
        predictions["test"] = predictions["dev"] if test is dev else model.predict(test)  # kind `vector`
    evaluated = predictions["test"], getattr(model, "normalized", True)
    for note in baselines.remarks(task, data, "test", reading_direction(config, task), *evaluated):
        group.notify("note", text=note)
    return TrainedRun(config, task, data, model, predictions, monitor, how)


def title(config: Config) -> str:
    """A short description of a run."""
    model = ", ".join(filter(None, [config.encoder.name, "+".join(config.embeddings)]))
    return f"{config.task.name} on {config.data.name}: {model}"


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


def find_cached_run(config: Config, run_id: str, how: dict[str, Any]) -> Result | None:
    """A finished run of the same config, device, threads and code; None where there is none.

    Data without a fingerprint (see ``Source.fingerprint``) may have changed, so its runs are never reused.
    """
    if config.run["fresh"] or run_id == config.id():  # made without a fingerprint
        return None
    try:
        saved = store.read(Path(config.run["runs"]) / run_id)
    except StoreError:
        return None
    same = saved.how == how and saved.environment.get("seqlab") == code_version()
    complete = config.run["save"] == "none" or (saved.path / store.PREDICTIONS).exists()
    if saved.status != "finished" or not same or not complete:
        return None
    if config.run["name"] not in (None, saved.config.get("name")):
        store.rename(saved, config.run["name"])
    saved.notes = [*saved.notes, f"taken from {saved.folder}, where it ran before (fresh=true trains again)"]
    return saved
