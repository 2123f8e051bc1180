"""Interpolation of saved language models: weights are learned on dev, scores are those of dev and test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import ConfigError
from core.evaluation.interpolation import em, interpolate
from core.runs.predictions import check_same_events, read_predictions, read_scored, rebuild
from core.runs.result import Result
from core.types import Float64s, Scores

SPLITS = ("dev", "test")


@dataclass(frozen=True)
class Interpolation:
    """Scores of several language models and of their interpolation, on the same events."""

    runs: tuple[Result, ...]
    weights: Float64s  # (M,), one per run, which sum to 1
    alone: dict[str, list[Scores]]  # split -> the metrics of each run
    mixed: dict[str, Scores]  # split -> the metrics of the interpolation


def interpolate_runs(root: Path, names: Sequence[str], plugins: Sequence[str] = ()) -> Interpolation:
    """Interpolate two or more saved language models with weights learned on dev.

    Raises:
        ConfigError: fewer than two runs, or runs that cannot be interpolated.
        StoreError: a run or its predictions are missing, or the data has changed since.
    """
    runs = tuple(read_scored(root, name) for name in names)
    _check(runs)
    weights, alone, mixed = np.zeros(0), {}, {}
    for split in SPLITS:
        task, corpus, _ = rebuild(runs[0], split, plugins)
        arrays = [read_predictions(run, split, corpus)["log_prob"].astype(np.float64) for run in runs]
        log_probs = np.stack(arrays)  # (M, N)
        if split == "dev":
            weights = em(log_probs if task.end else log_probs[:, corpus.tokens.inner])
        alone[split] = [task.score({"log_prob": own}, corpus) for own in log_probs]
        mixed[split] = task.score({"log_prob": interpolate(log_probs, weights)}, corpus)
    return Interpolation(runs, weights, alone, mixed)


def _check(runs: Sequence[Result]) -> None:
    """Refuse runs that cannot be interpolated."""
    if len(runs) < 2:
        remedy = "name them: run=A,B (see `seqlab runs`)"
        raise ConfigError(f"two runs or more are needed, not {len(runs)}", where="mix", remedy=remedy)
    for run in runs:
        if not run.kind.language_model:
            what = f"{run.id} (task={run.task}) is of kind {run.kind.name}"
            raise ConfigError(what, where="mix.run", remedy="name runs of language models (kind next)")
        if set(run.kind.empty(0, 0)) != {"log_prob"}:
            what = f"{run.id} (task={run.task}) is scored by ranks, which follow from no sum of its probabilities"
            raise ConfigError(what, where="mix.run", remedy="name runs of task=lm on the same rows")
        if math.isnan(run.score):
            what = f"{run.id} has no {run.primary}: its scores are not probabilities"
            raise ConfigError(what, where="mix.run", remedy="choose a smoothing that sums to 1")
    for run in runs[1:]:
        for split in SPLITS:
            check_same_events(runs[0], run, split, "mix.run")
