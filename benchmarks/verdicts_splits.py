"""Verdicts over several splits of the same data, on simulated tables whose truth is known.

    python -m benchmarks.verdicts_splits [tables=1000]

The data has 300 rows; each split takes a random 60 of them for test and trains on the others. Every row is easier
or harder, for all runs, for one encoder and for one run; in the test rows of several splits it is the same row.
What an encoder learns depends on its training rows: the effect is a sum over them, so that splits with common
training rows are alike. Every seed makes a run better or worse. The deviation over splits, and that over seeds, is
0, about that of the test rows in a difference, or three times as large.

Below 5 splits, the true difference is that on these splits: of the trained models, or with 3 seeds per split of
the methods. From 5 splits on it is the mean over all splits that the data has.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from scipy.special import stdtrit

from benchmarks.verdicts import FORMULAS, NODES, ROW, ROW_RUN, STEP, WEIGHTS, holds, row_sums, true_score
from core.evaluation.verdicts.seeds import LEAST
from core.evaluation.verdicts.verdict import LEVEL, Scored, verdict
from core.types import Float64s

DATA_ROWS, TEST_ROWS = 300, 60
TRAINING_ROWS = DATA_ROWS - TEST_ROWS
ROW_ENCODER = 1.0  # the deviation of what a row is for an encoder in all splits, which makes them alike
DEVIATIONS = {"none": 0.0, "equal": 0.18, "large": 0.54}
RESAMPLES, EXCHANGES = 400, 999
DESIGNS = ((2, 1), (2, 3), (5, 1), (5, 3), (10, 1))  # splits and seeds


@dataclass(frozen=True)
class Setting:
    """One simulated kind of table.

    Args:
        metric: of ``FORMULAS``.
        rows: of the table.
        splits: how many.
        seeds: per split.
        training: how much splits differ by their training rows.
        spread: how much seeds differ.
        step: the true difference of neighbouring rows, on the scale of the effects.
        new_data: whether each table's data is better for one encoder than for another, by its training rows.
    """

    metric: str
    rows: int
    splits: int
    seeds: int
    training: str
    spread: str
    step: float = 0.0
    new_data: bool = False

    @property
    def about(self) -> str:
        """What a verdict on such a table is about."""
        if self.splits >= LEAST:
            return "splits"
        return "methods" if self.splits * (self.seeds - 1) >= LEAST - 1 else "models"


def simulate(setting: Setting, random: np.random.Generator) -> tuple[Scored, Float64s]:
    """One table, and the true score of each of its rows (K,)."""
    rows, splits, seeds = setting.rows, setting.splits, setting.seeds
    test = np.stack([random.permutation(DATA_ROWS) < TEST_ROWS for _ in range(splits)])  # (P, R)
    shared, same = _shared(setting)
    learned = _learned(setting, test, 1 if shared else rows, random)  # (K, P)
    trained = DEVIATIONS[setting.spread] * random.normal(size=(1 if same else rows, splits, seeds))
    quality = setting.step * np.arange(rows)[:, None, None]
    runs = quality + learned[:, :, None] + trained  # (K, P, S)
    effects = runs[..., None] + ROW * random.normal(size=DATA_ROWS)
    effects = effects + ROW_ENCODER * random.normal(size=(rows, 1, 1, DATA_ROWS))
    effects = effects + ROW_RUN * random.normal(size=(rows, splits, seeds, DATA_ROWS))  # (K, P, S, R)
    sums = row_sums(setting.metric, effects.reshape(-1, DATA_ROWS), random)  # (R, M, D)
    split = np.tile(np.repeat(np.arange(splits), seeds), rows)  # (M,)
    sums = (sums * test[split].T[..., None])[test.any(axis=0)]
    keys = list(product(range(splits), range(seeds)))
    places = [{key: row * len(keys) + place for place, key in enumerate(keys)} for row in range(rows)]
    names, minimize = [f"encoder {row}" for row in range(rows)], setting.metric == "perplexity"
    formula = FORMULAS[setting.metric]
    scored = Scored(setting.metric, minimize, names, places, sums, formula, splits=split.tolist())
    return scored, _truth(setting, quality, learned, runs)


def _shared(setting: Setting) -> tuple[bool, bool]:
    """Whether all encoders learn the same of a split, and from a seed: where no difference is to be true."""
    is_null = not setting.step
    return is_null and setting.about != "splits", is_null and setting.about == "models"


def _learned(setting: Setting, test: np.ndarray, rows: int, random: np.random.Generator) -> Float64s:
    """What the training rows of each split do to each encoder: (K, P)."""
    per_row = random.normal(size=(rows, DATA_ROWS))
    center = 0 if setting.new_data else per_row.mean(1, keepdims=True)
    means = (per_row @ ~test.T) / TRAINING_ROWS - center  # (K, P)
    deviation = np.sqrt(TEST_ROWS / (TRAINING_ROWS * DATA_ROWS))  # of a mean of rows drawn without replacement
    return np.asarray(DEVIATIONS[setting.training] * means / deviation)


def _truth(setting: Setting, quality: Float64s, learned: Float64s, runs: Float64s) -> Float64s:
    """The true score of each row of the table, as far as its verdict goes: (K,)."""
    score, seeds = partial(true_score, setting.metric, row_encoder=ROW_ENCODER), DEVIATIONS[setting.spread] * NODES
    if setting.about == "models":
        return score(np.broadcast_to(runs, (setting.rows, *runs.shape[1:]))).mean((1, 2))
    if setting.about == "methods":
        of_splits = score(quality + learned[:, :, None] + seeds) @ WEIGHTS  # (K, P)
        return np.broadcast_to(of_splits, (setting.rows, setting.splits)).mean(1)
    deviation = np.hypot(DEVIATIONS[setting.training], DEVIATIONS[setting.spread])
    return score(quality[:, 0] + deviation * NODES) @ WEIGHTS


def _random(*names: object) -> np.random.Generator:
    """Its own random numbers for each setting, the same each time."""
    return np.random.default_rng(list(" ".join(map(str, names)).encode()))


def null_rates(setting: Setting, tables: int) -> tuple[float, float, float]:
    """Tables without true differences that claim one, of their first two rows and of all; intervals that hold."""
    random, claims, held = _random(setting), np.zeros(2), []
    for _ in range(tables):
        scored, truth = simulate(setting, random)
        result = verdict(scored, resamples=RESAMPLES, exchanges=EXCHANGES)
        two = [pair for pair in result.pairs if {pair.first, pair.second} == set(scored.names[:2])]
        claims += two[0].p <= LEVEL, any(pair.separated for pair in result.pairs)  # one pair is not corrected
        held += holds(result, truth)
    return claims[0] / tables, claims[1] / tables, float(np.mean(held))


def different_rates(setting: Setting, tables: int) -> tuple[float, float, float]:
    """Tables with true differences: intervals that hold, tables with a wrong claim, pairs that are separated."""
    random, wrong, held, found = _random(setting), 0, [], []
    for _ in range(tables):
        scored, truth = simulate(setting, random)
        result = verdict(scored, resamples=RESAMPLES, exchanges=EXCHANGES)
        true = dict(zip(scored.names, -truth if scored.minimize else truth, strict=True))
        wrong += any(pair.separated and true[pair.first] < true[pair.second] for pair in result.pairs)
        held += holds(result, truth)
        found += [pair.separated for pair in result.pairs]
    return float(np.mean(held)), wrong / tables, float(np.mean(found))


def naive_rates(setting: Setting, tables: int) -> tuple[float, float, float]:
    """The intervals that hold of tables of two rows: of the t test over splits, corrected, and of verdicts."""
    random, held = _random("naive", setting), np.zeros(3)
    quantile = float(stdtrit(setting.splits - 1, 0.975))
    for _ in range(tables):
        scored, truth = simulate(setting, random)
        scores = scored.formula(scored.sums.sum(0)).reshape(2, setting.splits, setting.seeds).mean(2)
        gaps = scores[0] - scores[1]  # (P,)
        off, variance = abs(gaps.mean() - (truth[0] - truth[1])), np.var(gaps, ddof=1)
        for which, share in enumerate((0, TEST_ROWS / TRAINING_ROWS)):  # Nadeau and Bengio (2003)
            held[which] += off <= quantile * np.sqrt((1 / setting.splits + share) * variance)
        held[2] += all(holds(verdict(scored, resamples=RESAMPLES, exchanges=1), truth))
    return tuple(held / tables)


def main(tables: int) -> None:
    start = time.perf_counter()
    print(
        "| metric | splits | seeds | spread | claims, 2 rows | 5 rows | covered | different | reversed | found |"
    )
    print("|---|---:|---:|---|" + "---:|" * 6)
    for metric, (splits, seeds), spread in product(FORMULAS, DESIGNS, DEVIATIONS):
        if metric != "accuracy" and (splits, spread) != (5, "equal"):
            continue
        null = null_rates(Setting(metric, 5, splits, seeds, spread, spread), tables)
        real = different_rates(Setting(metric, 3, splits, seeds, spread, spread, 2 * STEP), tables)
        shown = " | ".join(f"{100 * cell:.1f}" for cell in (*null, *real))
        print(f"| {metric} | {splits} | {seeds} | {spread} | {shown} |", flush=True)
    print("\nIntervals that hold, in percent, of accuracy: the t test over splits, corrected, verdicts")
    for splits, training, new_data in product((5, 10), DEVIATIONS, (False, True)):
        held = naive_rates(Setting("accuracy", 2, splits, 1, training, "none", 0.0, new_data), tables)
        where = "other data" if new_data else "this data"
        print(
            f"{splits} splits, {training}, {where}: " + ", ".join(f"{100 * each:.1f}" for each in held), flush=True
        )
    print(f"\n{time.perf_counter() - start:,.0f} seconds")


if __name__ == "__main__":
    main(int(sys.argv[1].removeprefix("tables=")) if sys.argv[1:] else 1000)
