"""Verdicts on simulated tables whose truth is known: how often they claim too much, and how often intervals hold.

    python benchmarks/verdicts.py [tables=1000]

Each table has 2, 5 or 10 rows and 3, 5 or 10 seeds, scored on 200 rows of data by accuracy, macro F1 or
perplexity. Rows and seeds are random effects: every row of the data is easier or harder, for all runs, for one
encoder and for one run; every seed makes a run better or worse. The deviation of the seeds is 0, about that of the
rows of the data in a difference, or three times as large.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.evaluation.verdicts.resampling import bootstrap
from core.evaluation.verdicts.seeds import LEAST
from core.evaluation.verdicts.spread import over_rows_and_seeds
from core.evaluation.verdicts.verdict import Scored, Verdict, verdict
from core.row_sums import label_counts, macro_f1, percent, perplexity
from core.types import Array, Float64s

DATA_ROWS = 200
ROW, ROW_ENCODER, ROW_RUN = 1.0, 0.5, 0.5  # deviations of the effects of a row of the data
SEED_DEVIATIONS = {"none": 0.0, "equal": 0.1, "large": 0.3}
STEP = 0.15  # between the encoders of a table with true differences
FORMULAS = {"accuracy": percent, "macro F1": macro_f1, "perplexity": perplexity}
SHARES = np.array([0.5, 0.3, 0.2])  # of the labels
EASE, LOSS, LOSS_SCALE = 1.5, 4.5, 0.1
RESAMPLES, EXCHANGES = 400, 999
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True)
class Setting:
    """One simulated kind of table."""

    metric: str
    rows: int
    seeds: int
    spread: str
    step: float  # true difference of neighbouring rows, on the scale of the effects


def simulate(setting: Setting, random: np.random.Generator) -> tuple[Scored, Float64s]:
    """One table, and the true score of each of its rows (K,): of its models below 5 seeds, else of the methods.

    Without true differences, the trained models of all rows are equally good below 5 seeds, else the methods.
    """
    rows, seeds, deviation = setting.rows, setting.seeds, SEED_DEVIATIONS[setting.spread]
    quality = setting.step * np.arange(rows)[:, None] + np.zeros(seeds)  # (K, S)
    shared = seeds < LEAST and not setting.step
    runs = quality + deviation * random.normal(size=(1 if shared else rows, seeds))  # (K, S)
    effects = runs[:, :, None] + ROW * random.normal(size=DATA_ROWS)
    effects = effects + ROW_ENCODER * random.normal(size=(rows, 1, DATA_ROWS))
    effects = effects + ROW_RUN * random.normal(size=(rows, seeds, DATA_ROWS))  # (K, S, R)
    sums = row_sums(setting.metric, effects.reshape(-1, DATA_ROWS), random)
    places = [{seed: row * seeds + seed for seed in range(seeds)} for row in range(rows)]
    names, minimize = [f"encoder {row}" for row in range(rows)], setting.metric == "perplexity"
    scored = Scored(setting.metric, minimize, names, places, sums, FORMULAS[setting.metric])
    if seeds < LEAST:
        return scored, true_score(setting.metric, runs).mean(1)
    return scored, true_score(setting.metric, quality[:, :1] + deviation * NODES) @ WEIGHTS


def row_sums(metric: str, effects: Float64s, random: np.random.Generator) -> Float64s:
    """What each row adds to the score of each run: (M, R) -> (R, M, D)."""
    rows = effects.shape[1]
    if metric == "macro F1":  # one label per row
        gold = random.choice(len(SHARES), rows, p=SHARES)
        right = random.random(effects.shape) < _logistic(EASE + effects)
        wrong = (gold + random.integers(1, len(SHARES), effects.shape)) % len(SHARES)
        ones = np.ones(rows, dtype=np.int64)
        labels = np.where(right, gold, wrong)
        return np.stack([label_counts(gold, own, ones, len(SHARES)) for own in labels], axis=1)
    events = random.integers(5, 31, rows)
    if metric == "accuracy":
        totals = random.binomial(events, _logistic(EASE + effects)).astype(np.float64)
    else:
        totals = -events * (LOSS - LOSS_SCALE * effects)
    return np.stack([totals, np.broadcast_to(events, totals.shape)], axis=-1).swapaxes(0, 1)


def true_score(metric: str, quality: Float64s, row_encoder: float = ROW_ENCODER) -> Float64s:
    """The score on all rows that there might be, of runs of these qualities: (...) -> (...)."""
    if metric == "perplexity":
        return np.exp(LOSS - LOSS_SCALE * quality)
    deviation = np.sqrt(ROW**2 + row_encoder**2 + ROW_RUN**2)
    right = _logistic(EASE + quality[..., None] + deviation * NODES) @ WEIGHTS  # (...)
    if metric == "accuracy":
        return 100 * right
    hit = right[..., None] * SHARES  # (..., L)
    answered = hit + (1 - right[..., None]) * (1 - SHARES) / (len(SHARES) - 1)
    return (200 * hit / (SHARES + answered)).mean(-1)


def _logistic(values: Array) -> Float64s:
    return 1 / (1 + np.exp(-values))


def holds(result: Verdict, truth: Float64s) -> Iterator[bool]:
    """Whether each interval has the true difference in it."""
    true = {f"encoder {row}": value for row, value in enumerate(truth)}
    for pair in result.pairs:
        yield pair.low <= true[pair.first] - true[pair.second] <= pair.high


def methods_interval_holds(scored: Scored, setting: Setting) -> bool:
    """Whether the interval over rows and seeds, which is not shown below 5 seeds, has the methods' difference."""
    first, second = (np.array(list(runs.values())) for runs in scored.runs[:2])
    gaps = bootstrap(scored.sums, scored.formula, RESAMPLES)
    scores = scored.formula(scored.sums.sum(0))
    own = scores[first] - scores[second]
    margin = over_rows_and_seeds(gaps[:, first] - gaps[:, second], DATA_ROWS, own).margin
    nodes = np.stack([np.zeros_like(NODES), np.full_like(NODES, setting.step)])
    true = true_score(setting.metric, nodes + SEED_DEVIATIONS[setting.spread] * NODES) @ WEIGHTS
    return bool(abs(own.mean() - (true[0] - true[1])) <= margin)


def _random(*names: object) -> np.random.Generator:
    """Its own random numbers for each setting, the same each time."""
    return np.random.default_rng(list(" ".join(map(str, names)).encode()))


def null_rate(metric: str, rows: int, seeds: int, spread: str, tables: int) -> tuple[float, float]:
    """The share of tables without true differences that claim one, and of intervals that hold."""
    random, claims, held = _random(metric, rows, seeds, spread), 0, []
    for _ in range(tables):
        scored, truth = simulate(Setting(metric, rows, seeds, spread, 0.0), random)
        result = verdict(scored, resamples=RESAMPLES, exchanges=EXCHANGES)
        claims += any(pair.separated for pair in result.pairs)
        held += holds(result, truth)
    return claims / tables, float(np.mean(held))


def different_rate(metric: str, seeds: int, spread: str, tables: int) -> tuple[float, float, float]:
    """Tables of 5 rows with true differences: intervals that hold, claims that are wrong, pairs separated."""
    random, held, wrong, found = _random(metric, seeds, spread, "different"), [], 0, []
    for _ in range(tables):
        scored, truth = simulate(Setting(metric, 5, seeds, spread, STEP), random)
        result = verdict(scored, resamples=RESAMPLES, exchanges=EXCHANGES)
        held += holds(result, truth)
        true = dict(zip(scored.names, truth if not scored.minimize else -truth, strict=True))
        wrong += any(pair.separated and true[pair.first] < true[pair.second] for pair in result.pairs)
        found += [pair.separated for pair in result.pairs]
    return float(np.mean(held)), wrong / tables, float(np.mean(found))


def main(tables: int) -> None:
    start, sizes = time.perf_counter(), (2, 5, 10)
    print(f"{tables:,} tables each; claims: tables with a false claim, in percent; holds: intervals, in percent\n")
    head = " | ".join([f"claims, {k} rows" for k in sizes] + ["holds", "holds, true differences", "wrong claims"])
    print(f"| metric | seeds | spread of seeds | {head} |")
    print("|---|---:|---" + "|---:" * 6 + "|")
    for metric, seeds, spread in product(FORMULAS, (3, 5, 10), SEED_DEVIATIONS):
        rates = [null_rate(metric, rows, seeds, spread, tables) for rows in sizes]
        held, wrong, _ = different_rate(metric, seeds, spread, tables)
        cells = [*(claims for claims, _ in rates), float(np.mean([held for _, held in rates])), held, wrong]
        print(
            f"| {metric} | {seeds} | {spread} | " + " | ".join(f"{100 * cell:.1f}" for cell in cells) + " |",
            flush=True,
        )
    print("\nIntervals of methods over rows and seeds from 3 seeds, which are not shown (percent that hold):")
    for metric, spread in product(FORMULAS, SEED_DEVIATIONS):
        setting, random = Setting(metric, 2, 3, spread, STEP), np.random.default_rng(3)
        held = np.mean([methods_interval_holds(simulate(setting, random)[0], setting) for _ in range(tables)])
        print(f"{metric}, {spread}: {100 * held:.1f}", flush=True)
    print(f"\n{time.perf_counter() - start:,.0f} seconds")


if __name__ == "__main__":
    main(int(sys.argv[1].removeprefix("tables=")) if sys.argv[1:] else 1000)
