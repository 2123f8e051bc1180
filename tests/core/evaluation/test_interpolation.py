"""Interpolation of saved language models: weights against a search, scores against the formula, the command."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import run_command

import core
from core.evaluation.interpolation import CLOSE, em, interpolate
from core.runs import store
from core.runs.interpolation import interpolate_runs

SMALL = {"data.limit": 200, "quiet": True}
CASES = {
    "two": {"task": "lm", "encoder": "ngram", "encoder.order": 2, "encoder.smoothing": "witten-bell"},
    "three": {"task": "lm", "encoder": "ngram", "encoder.order": 3, "encoder.smoothing": "kneser-ney"},
    "lstm": {"task": "lm", "encoder": "lstm", "train.epochs": 2, "encoder.hidden_size": 16},
    "inner": {"task": "lm", "encoder": "ngram", "encoder.order": 2, "task.end": False},
    "inner1": {"task": "lm", "encoder": "ngram", "encoder.order": 1, "task.end": False},
    "fewer": {"task": "lm", "encoder": "ngram", "encoder.order": 2, "data.limit": 50},
    "scores": {"task": "lm", "encoder": "ngram", "encoder.order": 2, "encoder.smoothing": "stupid-backoff"},
    "numbers": {"task": "lm", "encoder": "ngram", "encoder.order": 1, "save": "none"},
    "tags": {
        "task": "pos",
        "encoder": "ngram",
        "encoder.order": 1,
        "encoder.smoothing": "laplace",
        "head.words": 0,
    },
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of each case, named after it."""
    folder = tmp_path_factory.mktemp("mix") / "runs"
    for name, words in CASES.items():
        core.run(runs=str(folder), name=name, **(SMALL | words))
    return folder


@pytest.fixture
def seqlab(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple]:
    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.chdir(runs.parent)
        return run_command(capsys, *words)

    return call


def likelihood(log_probs, weights):
    return np.mean(np.log(np.exp(log_probs).T @ weights))


def saved(runs, name, split):
    """The saved predictions of a run."""
    with np.load(store.find(runs, name) / store.PREDICTIONS) as file:
        return file[f"{split}.log_prob"].astype(np.float64)


@pytest.mark.parametrize("seed", range(4))
def test_no_weights_of_two_models_on_a_grid_do_better(seed: int) -> None:
    log_probs = np.log(np.random.default_rng(seed).beta(1, 1 + np.arange(2)[:, None], (2, 300)))
    found = em(log_probs)
    grid = np.linspace(0, 1, 2001)
    best = max(likelihood(log_probs, np.array([w, 1 - w])) for w in grid)
    assert found.sum() == pytest.approx(1)
    assert best - CLOSE <= likelihood(log_probs, found) <= best + 1e-4


def test_no_weights_of_three_models_on_a_grid_do_better() -> None:
    log_probs = np.log(np.random.default_rng(7).beta(0.5, [[1], [2], [1.5]], (3, 200)))
    found = em(log_probs)
    steps = np.linspace(0, 1, 51)
    grid = [np.array([a, b, 1 - a - b]) for a in steps for b in steps if a + b <= 1]
    best = max(likelihood(log_probs, weights) for weights in grid)
    assert found.sum() == pytest.approx(1)
    assert best - CLOSE <= likelihood(log_probs, found) <= best + 1e-3


def test_the_weights_of_two_sure_models_are_the_shares_of_their_events() -> None:
    log_probs = np.log(np.array([[0.5] * 3 + [0.0], [0.0] * 3 + [0.2]]) + 1e-300)
    assert em(log_probs) == pytest.approx([0.75, 0.25], abs=1e-6)


def test_a_model_that_is_worse_everywhere_loses_all_its_weight() -> None:
    log_probs = np.log(np.array([[0.5, 0.4, 0.6], [0.1, 0.2, 0.1]]))
    assert em(log_probs)[1] < 1e-4


def test_events_that_no_model_allows_are_left_out_of_the_weights() -> None:
    log_probs = np.array([[np.log(0.5), -np.inf, -np.inf], [-np.inf, -np.inf, np.log(0.1)]])
    assert em(log_probs) == pytest.approx([0.5, 0.5])
    assert interpolate(log_probs, np.array([0.5, 0.5])) == pytest.approx([np.log(0.25), -np.inf, np.log(0.05)])
    assert em(np.full((2, 3), -np.inf)) == pytest.approx([0.5, 0.5]) and em(np.zeros((3, 0))) == pytest.approx(
        [1 / 3] * 3
    )


def test_a_run_mixed_with_itself_is_itself(runs: Path) -> None:
    found = interpolate_runs(runs, ["two", "two"])
    assert found.weights == pytest.approx([0.5, 0.5])
    for split in ("dev", "test"):
        assert found.mixed[split]["perplexity"] == pytest.approx(found.runs[0].metrics[split]["perplexity"])


@pytest.mark.parametrize("names", [["two", "three"], ["two", "three", "lstm"]])
def test_scores_are_those_of_the_saved_probabilities(names: list[str], runs: Path) -> None:
    found = interpolate_runs(runs, names)
    dev, test = (np.exp([saved(runs, name, split) for name in names]) for split in ("dev", "test"))
    steps = np.random.default_rng(1).dirichlet(np.ones(len(names)), 500)
    best = max(np.mean(np.log(weights @ dev)) for weights in steps)
    assert np.mean(np.log(found.weights @ dev)) >= best - CLOSE
    assert found.mixed["test"]["perplexity"] == pytest.approx(math.exp(-np.mean(np.log(found.weights @ test))))
    for run, scores in zip(found.runs, found.alone["test"], strict=True):
        assert scores["perplexity"] == pytest.approx(run.metrics["test"]["perplexity"])
    assert found.mixed["dev"]["perplexity"] <= min(run.metrics["dev"]["perplexity"] for run in found.runs) + 1e-4


def test_the_end_does_not_affect_weights_where_it_is_not_scored(runs: Path) -> None:
    found = interpolate_runs(runs, ["inner", "inner1"])
    from core.runs.predictions import rebuild

    corpus = rebuild(found.runs[0], "dev")[1]
    log_probs = np.stack([saved(runs, name, "dev")[corpus.tokens.inner] for name in ("inner", "inner1")])
    assert found.weights == pytest.approx(em(log_probs))
    assert found.mixed["dev"]["perplexity"] == pytest.approx(math.exp(-likelihood(log_probs, found.weights)))


def test_mix_prints_the_weights_and_the_perplexities_and_saves_nothing(runs: Path, seqlab: Callable) -> None:
    before = sorted(runs.iterdir())
    code, out, err = seqlab("mix", "run=[two,lstm]")
    assert code == 0, err
    found = interpolate_runs(runs, ["two", "lstm"])
    for run, weight in zip(found.runs, found.weights, strict=True):
        line = next(line for line in out.splitlines() if run.id in line)
        assert (
            f"{weight:.4f}" in line and f"{run.metrics['test']['perplexity']:.2f}" in line and run.history in line
        )
    assert f"{found.mixed['test']['perplexity']:.2f}" in out.splitlines()[-2]
    assert sorted(runs.iterdir()) == before
    assert seqlab("mix", "run=two,lstm", "runs=runs")[1] == out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mix"], "mix: run is missing"),
        (["mix", "run=two"], "two runs or more are needed, not 1"),
        (["mix", "run=two,nothing"], "no run 'nothing'"),
        (["mix", "run=two,tags"], "is of kind token"),
        (["mix", "run=tags,tags"], "is of kind token"),
        (["mix", "run=two,fewer"], "not scored on the same dev events"),
        (["mix", "run=two,inner"], "not scored on the same dev events"),
        (["mix", "run=two,scores"], "its scores are not probabilities"),
        (["mix", "run=two,numbers"], "only scores"),
        (["mix", "run=two,three", "runs=nowhere"], "in nowhere"),
        (["mix", "run=two,three", "rnus=runs"], "did you mean 'runs'"),
    ],
)
def test_a_wrong_use_is_an_error(words: list[str], message: str, seqlab: Callable) -> None:
    code, out, err = seqlab(*words)
    assert code in (1, 2) and message in err, err
    assert err.startswith("error: ") and len(err.strip().splitlines()) == 1 and not out
