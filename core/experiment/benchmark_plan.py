"""The plan of a benchmark: its runs, which of them are saved, and an estimate of the time of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from core.config import RunConfig
from core.experiment.runner import find_cached_run
from core.experiment.shared_run import runtime_of
from core.runs import components, store
from core.runs.result import Result


@dataclass(frozen=True)
class PlannedRun:
    """One run of a benchmark."""

    config: RunConfig
    saved: Result | None
    seconds: float | None  # the estimated time, None where no similar run is saved


def plan(configs: Sequence[RunConfig]) -> list[PlannedRun]:
    """Look up the saved run of every config, and estimate the time of those without."""
    saved = {root: store.all_runs(Path(root))[0] for root in dict.fromkeys(c.run["runs"] for c in configs)}
    by_id = {root: {run.path.name: run for run in runs} for root, runs in saved.items()}
    fingerprints: dict[str, str | None] = {}  # of the same data once, however many runs it is for
    planned = []
    for config in configs:
        data, root = repr((config.data, config.run["data_dir"])), config.run["runs"]
        if data not in fingerprints:
            fingerprints[data] = components.source(config).fingerprint()
        unnamed = replace(config, run=config.run | {"name": None})  # a plan does not rename saved runs
        _, found = find_cached_run(unnamed, fingerprints[data], runtime_of(config), by_id[root])
        planned.append(PlannedRun(config, found, 0.0 if found else estimate(config, saved[root])))
    return planned


def estimate(config: RunConfig, results: Sequence[Result]) -> float | None:
    """Mean seconds of the saved runs with the same task, data and encoder, else with the same task and data."""
    similar = [r for r in results if (r.task, r.data) == (config.task.name, config.data.name)]
    closest = [r for r in similar if r.encoder == config.encoder.name] or similar
    return fmean(r.cost["seconds"] for r in closest) if closest else None
