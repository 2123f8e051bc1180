"""Verdicts on whole columns: what is separated, what the record says, and how often verdicts are wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.verdicts import Setting, different_rate, null_rate, simulate
from benchmarks.verdicts_splits import Setting as splits_setting
from benchmarks.verdicts_splits import null_rates
from core.evaluation.verdicts.verdict import Scored, verdict
from core.row_sums import percent, perplexity
from core.types import Float64s

EVENTS = 10


def column(scores: dict[str, list[float]], units: int = 400, minimize: bool = False, **more: object) -> Scored:
    """Rows of a table whose runs get each event right with these probabilities."""
    random = np.random.default_rng(0)
    rates = np.array([rate for own in scores.values() for rate in own])
    right = random.binomial(EVENTS, rates, (units, len(rates)))
    sums = np.stack([right, np.full_like(right, EVENTS)], axis=-1).astype(np.float64)
    places = iter(range(len(rates)))
    runs = [{seed: next(places) for seed in range(1, len(own) + 1)} for own in scores.values()]
    formula = perplexity if minimize else percent
    values = sums * (-1, 1) if minimize else sums
    return Scored("score", minimize, list(scores), runs, values, formula, **more)  # type: ignore[arg-type] # keys are ints


def test_rows_are_ordered_and_separated() -> None:
    found = verdict(column({"low": [0.5] * 3, "high": [0.9] * 3, "same": [0.5] * 3}))
    assert found.names[0] == "high" and found.winner == "high"
    assert dict(zip(found.names, found.letters, strict=True)) == {"high": "a", "low": "b", "same": "b"}
    assert found.ranks == ((1, 1), (2, 3), (2, 3))
    first = found.pairs[0]
    assert first.low < first.difference < first.high and first.difference == pytest.approx(40, abs=3)
    assert first.p < 1e-9 and first.corrected_p == pytest.approx(3 * first.p) and first.separated
    assert not found.pairs[2].separated and found.pairs[2].low < 0 < found.pairs[2].high


def test_less_is_better_where_a_metric_is_minimised() -> None:
    found = verdict(column({"few": [0.3] * 2, "many": [0.6] * 2}, minimize=True))
    assert found.names == ("few", "many") and found.pairs[0].difference < 0 and found.winner == "few"


def test_below_five_seeds_a_verdict_is_about_models_and_from_five_about_methods() -> None:
    for seeds, about in ((1, "models"), (4, "models"), (5, "methods")):
        pair = verdict(column({"a": [0.9] * seeds, "b": [0.6] * seeds})).pairs[0]
        assert (pair.about, pair.seeds, pair.superiority is None) == (about, seeds, about == "models")
    assert pair.superiority is not None and pair.superiority.probability == 1 and pair.superiority.epsilon_min == 0


def test_models_that_differ_need_not_be_methods_that_differ() -> None:
    """Seeds that spread by more than the methods: four of them separate these models, five do not the methods."""
    first, second = [0.95, 0.7, 0.9, 0.65, 0.85], [0.8, 0.75, 0.6, 0.78, 0.9]
    assert verdict(column({"a": first[:4], "b": second[:4]})).pairs[0].separated
    pair = verdict(column({"a": first, "b": second})).pairs[0]
    assert not pair.separated and pair.low < 0 < pair.high


def test_the_best_row_is_no_winner_if_one_other_row_is_not_separated_from_it() -> None:
    found = verdict(column({"a": [0.9], "b": [0.9], "c": [0.5]}))
    assert found.winner is None and found.letters == ("a", "a", "b")


def test_a_row_without_seeds_is_paired_with_every_seed_of_the_others() -> None:
    scored = column({"counted": [0.9], "trained": [0.5] * 5}, fixed=frozenset({"counted"}))
    assert verdict(scored).pairs[0].seeds == 5
    both = column({"counted": [0.9], "other": [0.5]}, fixed=frozenset({"counted", "other"}))
    assert verdict(both).pairs[0].seeds == 1


def test_only_seeds_that_both_rows_have_are_compared() -> None:
    scored = column({"a": [0.9, 0.1, 0.9], "b": [0.5, 0.5, 0.5]})
    runs = [{1: 0, 7: 1, 3: 2}, scored.runs[1]]
    found = verdict(Scored("score", False, scored.names, runs, scored.sums, percent)).pairs[0]
    assert found.seeds == 2 and abs(found.difference) == pytest.approx(40, abs=3)


def test_a_row_that_is_better_by_other_seeds_only_is_not_separated() -> None:
    scored = column({"a": [0.5, 0.95], "b": [0.6]})
    found = verdict(scored).pairs[0]
    assert (found.first, found.seeds) == ("a", 1) and found.difference < 0 and not found.separated


def test_hundreds_of_pairs_can_be_separated() -> None:
    found = verdict(column({f"m{i}": [0.95 - 0.02 * i] for i in range(36)}, 300), exchanges=499)
    assert len(found.pairs) == 630
    assert found.pairs[34].separated and not found.pairs[0].separated  # the best, and the worst and the next


def test_the_same_runs_have_the_same_verdict() -> None:
    scored = column({"a": [0.8] * 2, "b": [0.79] * 2, "c": [0.78] * 2})
    assert verdict(scored) == verdict(scored)


def test_identical_rows_are_not_separated() -> None:
    scored = column({"a": [0.8], "b": [0.8]})
    scored.sums[:, 1] = scored.sums[:, 0]
    pair = verdict(scored).pairs[0]
    assert (pair.difference, pair.low, pair.high, pair.p) == (0, 0, 0, 1)


def test_the_record_is_json() -> None:
    given = verdict(column({"a": [0.9] * 5, "b": [0.6] * 5}))
    assert given.rows_json() == {"a": {"letters": "a", "ranks": [1, 1]}, "b": {"letters": "b", "ranks": [2, 2]}}
    found = json.loads(json.dumps(given.to_json()))
    pair = found["pairs"][0]
    assert pair["separated"] is True and pair["about"] == "methods" and pair["superiority"]["probability"] == 1
    assert found["units"] == 400 and found["unit"] == "row" and found["detectable"] > 0


def found_share(gap: float, units: int) -> float:
    """How often a true difference is found."""
    random, found = np.random.default_rng(1), 0
    for _ in range(150):
        right = random.binomial(EVENTS, [0.7, 0.7 - gap], (units, 2))
        sums = np.stack([right, np.full_like(right, EVENTS)], axis=-1).astype(np.float64)
        scored = Scored("score", False, ["a", "b"], [{1: 0}, {1: 1}], sums, percent)
        found += verdict(scored, resamples=200, exchanges=199).pairs[0].separated
    return found / 150


def test_the_detectable_difference_is_found_about_four_times_in_five() -> None:
    gap = verdict(column({"a": [0.7], "b": [0.7]}, 120)).detectable / 100
    assert 0.7 <= found_share(gap, 120) <= 0.9


# The simulation of benchmarks/verdicts.py, smaller. The bounds are three standard errors from 5 and 95 %.
TABLES = 150


@pytest.mark.parametrize(
    ("metric", "rows", "seeds"), [("accuracy", 3, 3), ("accuracy", 2, 5), ("perplexity", 3, 5)]
)
def test_tables_without_differences_seldom_claim_one(metric: str, rows: int, seeds: int) -> None:
    claims, held = null_rate(metric, rows, seeds, "equal", TABLES)
    assert claims <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / TABLES)
    assert held >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / TABLES)


def test_intervals_hold_where_methods_differ() -> None:
    held, wrong, found = different_rate("macro F1", 5, "equal", 40)
    assert held >= 0.9 and wrong <= 0.05 and found > 0.04


def test_the_true_scores_of_the_simulation_are_those_of_very_many_rows_and_seeds() -> None:
    for metric in ("accuracy", "macro F1", "perplexity"):
        random = np.random.default_rng(0)
        tables = [simulate(Setting(metric, 2, 5, "large", 1.0), random) for _ in range(60)]
        scores = np.mean([_means(scored) for scored, _ in tables], axis=0)
        assert scores == pytest.approx(tables[0][1], rel=0.02)


def _means(scored: Scored) -> Float64s:
    scores = scored.formula(scored.sums.sum(0))
    return np.array([np.mean(scores[list(runs.values())]) for runs in scored.runs])


def split_column(scores: dict[str, dict[tuple[int, int], float]], rows: int = 400, test: int = 100) -> Scored:
    """Runs keyed by split and seed that get each event of the test rows of their split right so often."""
    random, keys = np.random.default_rng(0), [key for own in scores.values() for key in own]
    tests = {split: random.permutation(rows) < test for split in {key[0] for key in keys}}
    right = random.binomial(EVENTS, [rate for own in scores.values() for rate in own.values()], (rows, len(keys)))
    sums = np.stack([right, np.full_like(right, EVENTS)], axis=-1).astype(np.float64)
    for run, (split, _) in enumerate(keys):
        sums[~tests[split], run] = 0
    places = iter(range(len(keys)))
    runs = [{key: next(places) for key in own} for own in scores.values()]
    splits = [split for split, _ in keys]
    return Scored("score", False, list(scores), runs, sums, percent, splits=splits)  # type: ignore[arg-type] # keys are ints


@pytest.mark.parametrize(
    ("splits", "seeds", "about"),
    [(2, 1, "models"), (4, 1, "models"), (2, 3, "methods"), (4, 2, "methods"), (5, 1, "splits"), (5, 3, "splits")],
)
def test_what_a_verdict_over_splits_is_about(splits: int, seeds: int, about: str) -> None:
    keys = [(split, seed) for split in range(splits) for seed in range(seeds)]
    pair = verdict(split_column({"a": dict.fromkeys(keys, 0.9), "b": dict.fromkeys(keys, 0.6)})).pairs[0]
    assert (pair.about, pair.splits, pair.seeds, pair.runs) == (about, splits, seeds, splits * seeds)
    assert pair.first == "a" and pair.separated and pair.won == splits and pair.superiority is None
    assert pair.low < pair.difference < pair.high and pair.difference == pytest.approx(30, abs=4)


def test_splits_that_differ_by_more_than_the_methods_do_not_separate_them() -> None:
    """Four splits separate these models; five of the same kind do not separate the methods on other splits."""
    first, second = [0.95, 0.7, 0.9, 0.65, 0.85], [0.8, 0.75, 0.6, 0.78, 0.9]
    rates = {"a": {(p, 1): rate for p, rate in enumerate(first)}, "b": {(p, 1): r for p, r in enumerate(second)}}
    pair = verdict(split_column(rates)).pairs[0]
    assert pair.about == "splits" and not pair.separated and pair.low < 0 < pair.high and pair.won == 2
    four = {name: {key: rate for key, rate in own.items() if key[0] < 4} for name, own in rates.items()}
    assert verdict(split_column(four)).pairs[0].separated


def test_pairs_are_compared_on_the_splits_and_seeds_that_both_have() -> None:
    rates = {
        "a": {(1, 1): 0.9, (1, 2): 0.5, (2, 1): 0.9, (3, 1): 0.1},
        "b": {(1, 1): 0.6, (1, 2): 0.2, (2, 1): 0.3},
    }
    pair = verdict(split_column(rates)).pairs[0]
    assert (pair.splits, pair.seeds, pair.runs) == (2, 1, 3)
    assert pair.difference == pytest.approx((30 + 30) / 2 / 2 + 60 / 2, abs=5)  # every split counts the same


def test_a_resample_without_rows_of_a_small_split_is_left_out() -> None:
    keys = [(1, 1), (2, 1)]
    found = verdict(split_column({"a": dict.fromkeys(keys, 0.9), "b": dict.fromkeys(keys, 0.4)}, 12, 2))
    assert np.isfinite(found.pairs[0].low) and np.isfinite(found.pairs[0].high)


@pytest.mark.parametrize(("splits", "seeds"), [(2, 1), (5, 1)])
def test_tables_over_splits_without_differences_seldom_claim_one(splits: int, seeds: int) -> None:
    two, three, held = null_rates(splits_setting("accuracy", 3, splits, seeds, "equal", "equal"), TABLES)
    bound = 3 * np.sqrt(0.05 * 0.95 / TABLES)
    assert two <= 0.05 + bound and three <= 0.05 + bound and held >= 0.95 - bound
