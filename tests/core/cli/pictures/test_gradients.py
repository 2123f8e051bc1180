"""``plot gradients``: encoders that are trained for it, saved runs, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import run_command
from inspected_runs import SMALL

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

Inspected = tuple[Path, dict[str, str]]


@pytest.fixture(autouse=True)
def _inside(inspected: Inspected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inspected[0])


def numbers(out: str) -> list[list[dict[str, object]]]:
    return [table["rows"] for table in json.loads(out)]


def test_encoders_are_trained_and_compared(inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    given = [f"{key}={str(value).lower()}" for key, value in SMALL.items()]
    how = ["encoder=rnn,lstm", "task=lm", "encoder.hidden_size=4", "reach=6", "out=g.svg", "format=json"]
    done = run_command(capsys, "plot", "gradients", *how, *given)
    assert done.code == 0, done.err
    radii, gates, norms = numbers(done.out)
    assert [(row["run"], row["matrix"]) for row in radii] == [
        ("rnn", "W_h"),
        *(("lstm", f"W_h of {gate}") for gate in "ifgo"),
    ]
    assert [row["gate"] for row in gates] == ["i", "f", "o"]
    assert gates[1]["before"] == pytest.approx(0.73, abs=0.1)  # the sigmoid of a bias of 1
    assert [row["k"] for row in norms] == list(range(7))
    assert set(norms[0]) == {"k", "rnn before", "rnn after", "lstm before", "lstm after", "pairs"}
    assert norms[0]["rnn before"] > norms[6]["rnn before"] > 0  # it vanishes
    svg = Path("g.svg").read_text()
    for text in ("before training", "spectral radius of W_h", "mean forget gate", "lstm", "0.01"):
        assert text in svg
    assert "mathdefault" not in svg
    again = run_command(capsys, "plot", "gradients", *how, *given)  # the runs are saved
    assert again.out == done.out


def test_saved_runs_of_both_sides_and_without_layers(
    inspected: Inspected, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = inspected[1]
    how = ["reach=3", "rows=5", "losses=4", "device=cpu", "out=b.png", "format=json"]
    done = run_command(capsys, "plot", "gradients", f"run={ids['tags']},{ids['crf']}", *how)
    assert done.code == 0, done.err
    radii, gates, norms = numbers(done.out)
    assert len(radii) == 4 * 4 + 1 and len(gates) == 4 * 3
    assert [row["k"] for row in norms] == [-3, -2, -1, 0, 1, 2, 3]
    done = run_command(capsys, "plot", "gradients", f"run={ids['cnn']}", *how)
    (norms,) = numbers(done.out)
    assert [row["k"] for row in norms] == [0, 1, 2, 3]  # from the end of the row


def test_a_plugin_is_a_network_like_any_other(inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    how = ["reach=3", "rows=5", "losses=4", "device=cpu", "plugin=doubled.py", "format=json"]
    done = run_command(capsys, "plot", "gradients", f"run={inspected[1]['plugin']}", *how)
    (norms,) = numbers(done.out)
    assert norms[0]["doubled after"] > 0 and [row["doubled after"] for row in norms[1:]] == [0, 0, 0]


MISTAKES = [
    ([], "which networks?"),
    (["run=x", "encoder=rnn"], "a saved run has its configuration already"),
    (["run=nowhere"], "nowhere"),
    (["encoder=rnn,ngram", "task=lm"], "encoder=ngram on task=lm is not a network that reads rows"),
    (["encoder=linear", "task=sentiment"], "encoder=linear on task=sentiment is not a network"),
    (["encoder=rnn", "task=lm", "reach=0"], "reach"),
    (["encoder=rnn", "task=lm", "budget=trials:3"], "a picture does not search"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES)
def test_a_mistake_is_one_sentence(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "plot", "gradients", *words, "format=json")
    assert done.code != 0 and message in done.err and done.err.strip().count("\n") == 0


def test_a_counting_run_is_refused(inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "plot", "gradients", f"run={inspected[1]['counts']}", "format=json")
    assert done.code != 0 and "gradients needs a network that reads rows" in done.err
