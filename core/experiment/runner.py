"""One run from top to bottom: data, model, fit, predict, evaluate, save."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.config import RunConfig
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.base import Source
from core.errors import StoreError
from core.evaluation import baselines
from core.experiment.environment import code_version
from core.experiment.hardware import ResourceMonitor
from core.experiment.observers import Observer, ObserverGroup
from core.experiment.record import TrainedRun, make_record, reads
from core.model.context import Context
from core.model.runtime import Runtime, resolve_runtime
from core.runs import components, store
from core.runs.result import Result
from core.task import Task
from core.types import Note


def run_one(config: RunConfig, observers: Sequence[Observer] = ()) -> Result:
    """Train and score one encoder on one task, and save the run.

    Args:
        config: what to run, checked.
        observers: what to notify of its events.

    Returns:
        The record; its ``folder`` is where the run is saved.
    """
    task, source = components.task(config), components.source(config)
    runtime = resolve_runtime(config.run, config.family, config.kind)
    run_id = config.id(source.fingerprint())
    if (saved := find_cached_run(config, run_id, runtime)) is not None:
        return saved
    root = Path(config.run["runs"])
    store.check_writable(root)
    components.warm(config, task, source, runtime.device)
    group, result = ObserverGroup(observers), None
    try:
        group.notify("start", id=run_id, title=title(config), config=config.flat(), runs=config.run["runs"])
        run = _fit_and_predict(config, task, source, runtime, group)
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
    config: RunConfig, task: Task, source: Source, runtime: Runtime, group: ObserverGroup
) -> TrainedRun:
    """Read the data, train the model and predict dev and test; the monitor times these and nothing else."""
    monitor = ResourceMonitor()
    with monitor.measure("read"):
        data = prepare(source, config.kind.token_spec(task), DataOptions(**config.data_options))
    for note in data.notes:
        group.notify("note", text=note.text, code=note.code)
    model = components.model(config, task, data.vocab, data.labels)
    context = Context(task.metrics, task.primary, task.minimize, runtime, group.notify)
    dev, test = data.splits["dev"], data.splits["test"]
    with monitor.measure("fit"):
        model.fit(data.splits["train"], dev, context)
    with monitor.measure("predict"):
        predictions = {"dev": model.predict(dev)}
        predictions["test"] = predictions["dev"] if test is dev else model.predict(test)  # one set of questions
    ceiling = baselines.ceiling(config.kind, task, data, "test", reads(config))
    impossible = baselines.beaten(config.kind, task, predictions["test"], ceiling, test, "test")
    for note in (*ceiling.notes, *(impossible if model.normalized else ())):
        group.notify("note", text=note.text, code=note.code)
    return TrainedRun(config, task, data, model, predictions, ceiling, monitor, runtime)


def title(config: RunConfig) -> str:
    """A short description of a run."""
    model = ", ".join(filter(None, [config.encoder.name, "+".join(config.embeddings)]))
    return f"{config.task.name} on {config.data.name}: {model}"


def find_cached_run(config: RunConfig, run_id: str, runtime: Runtime) -> Result | None:
    """A finished run of the same config, device, threads and code; None where there is none.

    Data without a fingerprint (see ``Source.fingerprint``) may have changed, so its runs are never reused.
    """
    if config.run["fresh"] or run_id == config.id():  # made without a fingerprint
        return None
    try:
        saved = store.read(Path(config.run["runs"]) / run_id)
    except StoreError:
        return None
    same = saved.how == runtime.to_json() and saved.environment.get("seqlab") == code_version()
    complete = config.run["save"] == "none" or (saved.path / store.PREDICTIONS).exists()
    if saved.status != "finished" or not same or not complete:
        return None
    if config.run["name"] not in (None, saved.config.get("name")):
        store.rename(saved, config.run["name"])
    text = f"taken from {saved.folder}, where it ran before (fresh=true trains again)"
    saved.notes = [*saved.notes, Note("cached", text)]
    return saved
