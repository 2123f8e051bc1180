"""The plan of a benchmark: its runs, which of them are saved already, and how long the rest may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from core.config import RunConfig
from core.experiment.runner import find_cached_run
from core.model.runtime import resolve_runtime
from core.runs import components, store
from core.runs.result import Result


@dataclass(frozen=True)
class PlannedRun:
    """One run of a benchmark.

    Args:
        config: what is run.
        saved: the saved run, None where it must be run.
        seconds: how long it may take, None where nothing like it is saved.
    """

    config: RunConfig
    saved: Result | None
    seconds: float | None


def plan(configs: Sequence[RunConfig]) -> list[PlannedRun]:
    """Look up every config in the store and estimate the time of those that must be run.

    Args:
        configs: what to run, checked.
    """
    results, _ = store.all_runs(Path(configs[0].run["runs"])) if configs else ([], [])
    planned = []
    for config in configs:
        runtime = resolve_runtime(config.run, config.family, config.kind)
        unnamed = replace(config, run=config.run | {"name": None})  # a plan does not rename saved runs
        saved = find_cached_run(unnamed, config.id(components.source(config).fingerprint()), runtime)
        planned.append(PlannedRun(config, saved, 0.0 if saved else estimate(config, results)))
    return planned


def estimate(config: RunConfig, results: Sequence[Result]) -> float | None:
    """Mean seconds of the saved runs with the same task, data and encoder, else with the same task and data.

    Args:
        config: what is to be run.
        results: the saved runs.
    """
    similar = [r for r in results if (r.task, r.data) == (config.task.name, config.data.name)]
    closest = [r for r in similar if r.encoder == config.encoder.name] or similar
    return fmean(r.cost["seconds"] for r in closest) if closest else None
