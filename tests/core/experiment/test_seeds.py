"""Models that depend on no seed are trained once, and a note says so."""

from __future__ import annotations

import pytest

from core import config
from core.experiment.split_seeds import without_repeats


def kept(*words: str) -> tuple[list[tuple[str, int]], list[str]]:
    """Encoder and seed of each run that is kept, and the notes."""
    runs, notes = without_repeats(config.expand(["data=toy", *words]))
    return [(run.encoder.name, run.run["seed"]) for run in runs], notes


@pytest.mark.parametrize("seeds", ["seed=1,2,3", "seed=5,6", "seed=7"])
def test_one_run_stands_for_all_seeds_whatever_they_are(seeds: str) -> None:
    found, notes = kept("task=sentiment", "encoder=ngram,linear", seeds)
    assert found == [("ngram", 1), ("linear", 1)]
    once = "does not depend on the seed: it is trained once, with seed=1"
    assert notes == [f"ngram {once}", f"linear {once}"]


def test_the_default_seed_needs_no_note() -> None:
    assert kept("task=sentiment", "encoder=ngram,linear") == ([("ngram", 1), ("linear", 1)], [])


def test_models_that_draw_are_trained_with_every_seed() -> None:
    found, _ = kept("task=sentiment", "encoder=bag,ngram", "seed=1,2")
    assert found == [("bag", 1), ("bag", 2), ("ngram", 1)]


def test_the_options_of_a_model_decide() -> None:
    found, _ = kept("task=pos", "encoder=crf", "encoder.algorithm=lbfgs,ap", "seed=1,2")
    assert found == [("crf", 1), ("crf", 1), ("crf", 2)]


def test_other_splits_of_the_data_are_other_models() -> None:
    words = ("task=sentiment", "encoder=ngram", "seed=1,2", "data.split_seed=1,2", "data.resplit=true")
    found, _ = kept(*words)
    assert found == [("ngram", 1)] * 2
