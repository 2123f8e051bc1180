"""Kept language models mixed: the probabilities of the same events, interpolated by weights learned on dev."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import ConfigError
from core.evaluation.comparison import predictions, read_judged, reread
from core.runs.result import Result
from core.types import Float64s, Scores

CLOSE = 1e-6  # nats an event that the weights may fall short of the best ones
STEPS = 1000
SPLITS = ("dev", "test")


@dataclass(frozen=True)
class Mixture:
    """Several language models, and what each and their mixture make of the same events.

    Args:
        runs: the records.
        weights: float64 (M,), one a run, which sum to 1.
        alone: split -> the metrics of each run.
        mixed: split -> the metrics of the mixture.
    """

    runs: tuple[Result, ...]
    weights: Float64s
    alone: dict[str, list[Scores]]
    mixed: dict[str, Scores]


def mixture(root: Path, names: Sequence[str], plugins: Sequence[str] = ()) -> Mixture:
    """Mix kept runs of kind ``next``; the weights are learned on dev, test decides nothing.

    Args:
        root: where ids and names are looked for.
        names: two runs or more.
        plugins: files or modules of plugins that the runs need.

    Raises:
        ConfigError: fewer than two runs, or runs that cannot be mixed.
        StoreError: a run or its predictions are missing, or the data has changed since.
    """
    runs = tuple(read_judged(root, name) for name in names)
    _check(runs)
    weights, alone, mixed = np.zeros(0), {}, {}
    for split in SPLITS:
        task, corpus, _ = reread(runs[0], split, plugins)
        kept = [predictions(run, split)["log_prob"] for run in runs]
        log_probs = np.stack(kept).astype(np.float64)  # (M, N)
        if split == "dev":
            weights = em(log_probs if task.end else log_probs[:, corpus.tokens.inner])
        alone[split] = [task.judge({"log_prob": own}, corpus) for own in log_probs]
        mixed[split] = task.judge({"log_prob": interpolated(log_probs, weights)}, corpus)
    return Mixture(runs, weights, alone, mixed)


def _check(runs: Sequence[Result]) -> None:
    """Refuse what cannot be mixed."""
    if len(runs) < 2:
        remedy = "name them: runs=A,B (see `seqlab runs`; folder= says where they are)"
        raise ConfigError(f"it takes two runs or more, not {len(runs)}", where="mix", remedy=remedy)
    first, *rest = runs
    for run in runs:
        if run.facts["kind"] != "next":
            what = f"{run.id} (task={run.task}) is of kind {run.facts['kind']}"
            raise ConfigError(what, where="mix.runs", remedy="name runs that predict each next token (kind next)")
        if math.isnan(run.score):
            what = f"{run.id} has no {run.primary}: its scores are no probabilities"
            raise ConfigError(what, where="mix.runs", remedy="choose a smoothing that sums to 1")
    for run in rest:
        for split in SPLITS:
            if run.fingerprints[split] != first.fingerprints[split]:
                raise ConfigError(
                    f"{first.id} and {run.id} were not scored on the same {split} events"
                    f" ({first.task} on {first.data}, {run.task} on {run.data})",
                    where="mix.runs",
                    remedy="name runs of one task, with the same data and vocabulary",
                )


def em(log_probs: Float64s) -> Float64s:
    """The weights under which the mixture gives the events the highest likelihood (Jelinek and Mercer, 1980).

    The likelihood is concave, so that expectation maximisation from equal weights ends at its maximum. No weights
    gain more than log(max_m mean_n p_m(n) / p(n)) an event over the present ones, which says when to stop.

    Args:
        log_probs: float64 (M, N), natural logs, one row a model.

    Returns:
        float64 (M,), which sum to 1.
    """
    possible = log_probs[:, np.isfinite(log_probs).any(axis=0)]  # what no model allows teaches nothing
    weights = np.full(len(log_probs), 1 / len(log_probs))
    if not possible.shape[1]:
        return weights
    probs = np.exp(possible - possible.max(axis=0))  # (M, N), each event up to a constant
    for _ in range(STEPS):
        gains = np.mean(probs / (weights @ probs), axis=1)  # (M,)
        if np.log(gains.max()) < CLOSE:
            break
        weights = weights * gains
    return np.asarray(weights / weights.sum())


def interpolated(log_probs: Float64s, weights: Float64s) -> Float64s:
    """The log-probability of each event under the mixture, (N,).

    Args:
        log_probs: float64 (M, N), natural logs, one row a model.
        weights: float64 (M,), which sum to 1.
    """
    with np.errstate(divide="ignore"):  # a weight of 0
        parts = log_probs + np.log(weights)[:, None]  # (M, N)
    return np.asarray(np.logaddexp.reduce(parts, axis=0))
