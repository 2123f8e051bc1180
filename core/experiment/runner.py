"""One run from top to bottom: read, fit, predict, score, save."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from core import processes, signals
from core.config import RunConfig
from core.data import id_cache
from core.data.memory import own_garbage
from core.data.options import DataOptions
from core.data.prepare import Data, prepare_cached
from core.data.sources.base import Source
from core.errors import StoreError, naming_memory
from core.evaluation import baselines, remarks
from core.evaluation.verdicts.units import unit_sums
from core.experiment.environment import code_version
from core.experiment.observers import Observer, ObserverGroup
from core.experiment.record import TrainedRun, make_record, per_split, reads
from core.experiment.resuming import Attempts
from core.experiment.shared_run import in_all_processes, left_alone, runtime_of
from core.experiment.solved_sizes import with_solved_sizes
from core.experiment.spent_time import time_notes
from core.model.context import Context
from core.model.runtime import Runtime
from core.runs import checkpoints, components, ownership, recovery, store, whole_models
from core.runs.result import Result
from core.task import Task
from core.types import Note


def run_one(config: RunConfig, observers: Sequence[Observer] = ()) -> Result:
    """Train and score one encoder on one task, and save the run.

    Args:
        config: what to run, checked.
        observers: notified of its events.

    Returns:
        The record; its ``folder`` is where the run is saved.
    """
    with own_garbage():
        return _run(config, observers)


def _run(config: RunConfig, observers: Sequence[Observer]) -> Result:
    task, source = components.task(config), components.source(config)
    runtime, fingerprint = runtime_of(config), source.fingerprint()
    run_id, saved = in_all_processes(runtime, find_cached_run(config, fingerprint, runtime))
    if saved is not None:
        return saved
    root = Path(config.run["runs"])
    if processes.rank() == 0:
        store.check_writable(root)
        ownership.check_replaceable(root / run_id)
    read = _reader(config, task, source, fingerprint, runtime)
    group, result = ObserverGroup(observers), None
    attempts = Attempts(config, run_id, runtime, group)
    try:
        group.notify("start", id=run_id, title=title(config), config=config.flat(), runs=config.run["runs"])
        run = _fit_and_predict(config, task, read, runtime, attempts)
        result = make_record(run_id, run, list(group.notes))
        _save(root, result, run)
        group.tell(result.notes[len(group.notes) :])  # about saving
    except BaseException as error:
        if result is not None and result.folder:  # saved, since a Ctrl-C waits for the end of saving
            group.notify("end", status=result.status, result=result)
        else:
            group.notify("end", status="interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    finally:
        attempts.close(saved=result is not None and bool(result.folder) and result.status == "finished")
    group.notify("end", status=result.status, result=result)
    return result


def _reader(
    config: RunConfig, task: Task, source: Source, fingerprint: str | None, runtime: Runtime
) -> Callable[[], Data]:
    """What reads the data; the libraries that a run uses are loaded, so that no time includes it."""
    spec, options = config.kind.token_spec(task), DataOptions(**config.data_options)
    key = id_cache.key(fingerprint, spec, options)
    with naming_memory("loading the libraries", config.traits.less_memory):
        components.warm(config, id_cache.contains(key), runtime.device)
    return partial(prepare_cached, source, spec, options, key)


def _save(root: Path, result: Result, run: TrainedRun) -> None:
    """Save a run; of several processes the first one does, and the others wait for it."""
    with processes.first(run.runtime.processes > 1):
        if processes.rank() == 0:
            store.write(root, result, run.data, run.model, run.predictions, run.config.run["save"])
    result.folder = str(root / result.id)
    if signals.resume() and result.status == "finished":  # a signal came too late to end training
        raise signals.Interrupted


def _fit_and_predict(
    config: RunConfig, task: Task, read: Callable[[], Data], runtime: Runtime, attempts: Attempts
) -> TrainedRun:
    """Read the data, train the model and predict dev and test; only these three are measured."""
    monitor, group = attempts.monitor, attempts.group
    with monitor.measure("read"), naming_memory("reading the data", "lower data.limit or task.vocab_size"):
        with processes.first(runtime.processes > 1):  # the others find it in the cache
            data = read()
    config, sizes = with_solved_sizes(config, task, data)
    group.tell([*left_alone(config), *data.notes, *remarks.of_data(config.kind, task, data), *sizes])
    with naming_memory("building the model", config.traits.less_memory):
        model = components.model(config, task, data.vocab, data.labels)
        components.compile_kernels(config, data, runtime)
    sums = partial(unit_sums, config.kind, task)
    context = Context(task.metrics, task.primary, task.minimize, runtime, group.notify, task.minimized, sums)
    context = replace(context, checkpoints=attempts.open(data), time=attempts.time_budget())
    dev, test = data.splits["dev"], data.splits["test"]
    with monitor.measure("fit"), naming_memory("training the model", config.traits.less_memory):
        model.fit(data.splits["train"], dev, context)
    if config.traits.whole:
        whole_models.check_fitted(config, model)
    group.tell(time_notes(config, model, monitor.seconds["fit"]))
    with monitor.measure("predict"), naming_memory("predicting", config.traits.less_memory):
        predictions = per_split(
            config, data, lambda split: whole_models.predict(config, model, data.splits[split])
        )
    if runtime.processes > 1:
        monitor.add_processes()
    for notes in per_split(config, data, lambda split: model.notes(data.splits[split])).values():
        group.tell(notes)
    ceiling = baselines.Ceiling()
    if "test" in predictions:
        ceiling = baselines.ceiling(config.kind, task, data, "test", reads(config))
        impossible = baselines.beaten(config.kind, task, predictions["test"], ceiling, test, "test")
        group.tell([*ceiling.notes, *(impossible if model.normalized else ())])
    group.tell(remarks.of_run(config.kind, task, model, data, predictions, config.flat()))
    return TrainedRun(config, task, data, model, predictions, ceiling, monitor, runtime, attempts.resumed)


def title(config: RunConfig) -> str:
    """A short description of a run."""
    model = ", ".join(filter(None, [config.encoder.name, "+".join(config.embeddings)]))
    return f"{config.task.name} on {config.data.name}: {model}"


def look_up(config: RunConfig) -> tuple[str, Result | None]:
    """The id of a run on this machine, and its finished saved run; see ``find_cached_run``."""
    return find_cached_run(config, components.source(config).fingerprint(), runtime_of(config))


def find_cached_run(
    config: RunConfig, fingerprint: str | None, runtime: Runtime, known: Mapping[str, Result] | None = None
) -> tuple[str, Result | None]:
    """The id of a run, and the finished run of the same device, threads and code that is saved under it.

    Args:
        config: the run.
        fingerprint: the hash of its data's content.
        runtime: how it is executed here.
        known: the saved runs by id, where they have just been read; None: the record is read.
    """
    run_id = config.id(fingerprint)
    if processes.rank() > 0:  # process 0 decides
        return run_id, None
    if config.run["fresh"] or fingerprint is None:  # without a fingerprint the data may have changed
        return run_id, None
    saved = _saved(Path(config.run["runs"]), run_id) if known is None else known.get(run_id)
    if saved is None:
        return run_id, None
    same = saved.how == runtime.to_json() and saved.environment.get("seqlab") == code_version()
    complete = config.run["save"] == "none" or (saved.path / store.PREDICTIONS).exists()
    if saved.status != "finished" or not same or not complete:
        return run_id, None
    checkpoints.remove_outdated(saved.path)
    if config.run["name"] not in (None, saved.config.get("name")):
        store.rename(saved, config.run["name"])
    text = f"saved run in {saved.folder} (fresh=true trains again)"
    saved.notes = [*saved.notes, Note("cached", text)]
    return run_id, saved


def _saved(root: Path, run_id: str) -> Result | None:
    """The record of a run, also where a killed process has left it under a temporary name; None: there is none."""
    for attempt in range(2):
        if attempt:
            recovery.recover(root)
        try:
            return store.read(root / run_id)
        except StoreError:
            continue
    return None
