"""``predict`` and ``evaluate`` with a limit of tokens: the same answers, and a note where they are approximate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import run_command
from small_data import write_small

import core
from core import config
from core.errors import ConfigError
from core.runs import store
from core.runs.trained_model import load

LONG = "the cats sleep near a xylophone . " * 30


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Taggers of both kinds of encoder, a counting one, and a classifier."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "long.tsv").write_text(f"text\tlabel\n{LONG}\tpos\n{LONG}\tneg\nthe cats\tneg\n")
    common: dict[str, Any] = {"runs": str(folder), "quiet": True}
    data = write_small(folder)
    one = {"train.epochs": 1, "threads": 1}
    core.run(task="pos", data=data["pos"], encoder="cnn", name="cnn", **common, **one)
    core.run(task="pos", data=data["pos"], encoder="bilstm", name="bilstm", **common, **one)
    core.run(task="lm", data=data["lm"], encoder="ngram", name="ngram", **common, **{"encoder.order": 2})
    core.run(task="sentiment", data=data["sentiment"], encoder="lstm", name="class", **common, **one)
    return folder


@pytest.mark.parametrize("name", ["cnn", "class"])
def test_a_limit_of_tokens_changes_nothing(name: str, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    usual = run_command(capsys, "predict", f"run={name}", f"runs={runs}", LONG, "the cats")
    limited = run_command(capsys, "predict", f"run={name}", f"runs={runs}", "max_tokens=16", LONG, "the cats")
    assert usual.code == limited.code == 0
    assert limited.out == usual.out and "note" not in limited.err


def test_evaluate_has_the_same_limit(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("evaluate", "run=class", f"runs={runs}", f"data={runs / 'long.tsv'}", "split=train")
    usual, limited = run_command(capsys, *words), run_command(capsys, *words, "max_tokens=16")
    assert usual.code == limited.code == 0 and limited.out == usual.out


def test_an_encoder_of_both_sides_notes_what_it_sees(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "predict", "run=bilstm", f"runs={runs}", "max_tokens=64", LONG, "the cats")
    assert done.code == 0 and done.err.count("note: 1 of 2 rows have more than 64 tokens") == 1
    assert "the encoder sees 16 tokens per side (see predict.max_tokens)" in " ".join(done.err.split())


def test_a_counting_model_has_no_limit(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "predict", "run=ngram", f"runs={runs}", "max_tokens=16", "the cats")
    assert done.code == 2 and "max_tokens: encoder=ngram has no such limit" in done.err
    with pytest.raises(ConfigError, match="0 is below 1"):
        load("cnn", runs=runs, max_tokens=0)


def test_a_run_with_a_limit_scores_the_same_and_is_another_run(runs: Path) -> None:
    words = ["task=pos", "encoder=cnn", f"data={runs / 'pos'}", "train.epochs=1", "threads=1"]
    usual, limited = (config.expand([*words, more])[0] for more in ("seed=1", "predict.max_tokens=4"))
    assert usual.id("") != limited.id("") == config.expand([*words, "predict.max_tokens=4"])[0].id("")
    assert usual.id("") == config.expand([*words, "predict.max_tokens=32768"])[0].id("")
    assert limited.flat()["predict.max_tokens"] == "4"
    given = dict(word.split("=") for word in words) | {"predict.max_tokens": 4, "runs": str(runs), "quiet": True}
    result = core.run(**given)
    scores = result.metrics["test"], store.read(store.find(runs, "cnn")).metrics["test"]
    assert scores[0] == pytest.approx(scores[1], nan_ok=True)
    with pytest.raises(ConfigError, match="ngram is a counting model: it has no limit of tokens"):
        config.expand(["task=pos", "encoder=ngram", "predict.max_tokens=4"])
