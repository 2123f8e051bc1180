"""Saved language models interpolated: weights learned on dev, scores on dev and test."""

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
    """Several language models, their scores and those of their interpolation on the same events.

    Args:
        runs: the records.
        weights: float64 (M,), one per run, which sum to 1.
        alone: split -> the metrics of each run.
        mixed: split -> the metrics of the interpolation.
    """

    runs: tuple[Result, ...]
    weights: Float64s
    alone: dict[str, list[Scores]]
    mixed: dict[str, Scores]


def interpolate_runs(root: Path, names: Sequence[str], plugins: Sequence[str] = ()) -> Interpolation:
    """Interpolate saved language models; the weights are learned on dev, test decides nothing.

    Args:
        root: where ids and names are looked up.
        names: two runs or more.
        plugins: files or modules of plugins that the runs need.

    Raises:
        ConfigError: fewer than two runs, or runs that cannot be interpolated.
        StoreError: a run or its predictions are missing, or the data has changed since.
    """
    runs = tuple(read_scored(root, name) for name in names)
    _check(runs)
    weights, alone, mixed = np.zeros(0), {}, {}
    for split in SPLITS:
        task, corpus, _ = rebuild(runs[0], split, plugins)
        log_probs = np.stack([read_predictions(run, split)["log_prob"] for run in runs]).astype(
            np.float64
        )  # (M, N)
        if split == "dev":
            weights = em(log_probs if task.end else log_probs[:, corpus.tokens.inner])
        alone[split] = [task.score({"log_prob": own}, corpus) for own in log_probs]
        mixed[split] = task.score({"log_prob": interpolate(log_probs, weights)}, corpus)
    return Interpolation(runs, weights, alone, mixed)


def _check(runs: Sequence[Result]) -> None:
    """Refuse what cannot be interpolated."""
    if len(runs) < 2:
        remedy = "name them: runs=A,B (see `seqlab runs`; folder= says where they are)"
        raise ConfigError(f"two runs or more are needed, not {len(runs)}", where="mix", remedy=remedy)
    for run in runs:
        if not run.kind.language_model:
            what = f"{run.id} (task={run.task}) is of kind {run.kind.name}"
            raise ConfigError(what, where="mix.runs", remedy="name runs that predict each next token (kind next)")
        if math.isnan(run.score):
            what = f"{run.id} has no {run.primary}: its scores are not probabilities"
            raise ConfigError(what, where="mix.runs", remedy="choose a smoothing that sums to 1")
    for run in runs[1:]:
        for split in SPLITS:
            check_same_events(runs[0], run, split, "mix.runs")
