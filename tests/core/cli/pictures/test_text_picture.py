"""``plot connectivity``, ``states`` and ``gates``: the files, the numbers behind them, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import Done, run_command
from inspected_runs import TEXT

from core.runs.trained_model import load

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

Inspected = tuple[Path, dict[str, str]]


@pytest.fixture(autouse=True)
def _inside(inspected: Inspected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inspected[0])


def plot(capsys: pytest.CaptureFixture[str], inspected: Inspected, what: str, name: str, *words: str) -> Done:
    plugin = ["plugin=doubled.py"] if name == "plugin" else []
    return run_command(capsys, "plot", what, f"run={inspected[1][name]}", "device=cpu", *plugin, *words)


def tables(done: Done) -> list[list[dict[str, object]]]:
    assert done.code == 0, done.err
    return [table["rows"] for table in json.loads(done.out)]


@pytest.mark.parametrize("name", ["lm", "tags", "crf", "class", "cnn", "plugin"])
def test_connectivity_of_every_network(
    name: str, inspected: Inspected, capsys: pytest.CaptureFixture[str]
) -> None:
    strongest, pairs = tables(plot(capsys, inspected, "connectivity", name, TEXT, "out=c.png", "format=json"))
    words = TEXT.split()
    inputs = ["</s>", *words] if name in ("lm", "plugin") else words
    answers = 1 if name in ("class", "cnn") else len(inputs)
    assert Path("c.png").stat().st_size > 5000
    assert len(strongest) == answers and len(pairs) == answers * len(inputs)
    assert [row["input"] for row in pairs[: len(inputs)]] == inputs
    shares = np.array([row["% of the row"] for row in pairs]).reshape(answers, -1)
    np.testing.assert_allclose(shares.sum(1), 100)
    if name in ("lm", "plugin"):  # nothing after the last word that is read, and only the answer after it
        assert not np.triu(shares, 1).any()
        assert [row["next word"] for row in strongest] == [*words, "</s>"]
    if name == "plugin":  # it has no memory at all
        np.testing.assert_allclose(np.diag(shares), 100)
    if name == "tags":
        assert np.triu(shares, 1).any()


@pytest.mark.parametrize("name", ["lm", "tags", "cnn", "plugin"])
def test_states_of_every_network(name: str, inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    (values,) = tables(plot(capsys, inspected, "states", name, TEXT, "out=s.svg", "format=json", "n=3"))
    tokens = len(TEXT.split()) + (name in ("lm", "plugin"))
    directions = 2 if name == "tags" else 1
    assert len(values) == 3 * tokens * directions
    layers = {"lm": {"layer 1"}, "tags": {"layer 2, left to right", "layer 2, right to left"}}
    assert {row["layer"] for row in values} == layers.get(name, {"encoder"})
    assert {row["part"] for row in values} == ({"c"} if name in layers else {"output"})
    assert Path("s.svg").stat().st_size > 1000


def test_named_units_of_a_named_layer(inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    how = ["units=4,0", "layer=1", "part=h", "format=json"]
    (values,) = tables(plot(capsys, inspected, "states", "tags", TEXT, *how))
    assert [row["unit"] for row in values[:: len(TEXT.split())]] == [4, 0, 4, 0]
    assert {row["part"] for row in values} == {"h"} and {row["layer"][:7] for row in values} == {"layer 1"}


def test_drawn_states_are_those_of_the_network(inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    (values,) = tables(plot(capsys, inspected, "states", "lm", TEXT, "part=h", "n=5", "format=json"))
    run = load(inspected[0] / "runs" / inspected[1]["lm"], device="cpu")
    examples = run.kind.examples(run.corpus([TEXT]))
    with run.model.inference():
        ids = run.model.put(examples.inputs.astype(np.int64)[None])
        states, _ = run.model.network(ids, run.model.put(examples.lengths))
    drawn = np.array([row["value"] for row in values]).reshape(5, -1)
    np.testing.assert_allclose(drawn, states[0].T.numpy(), atol=1e-6)


@pytest.mark.parametrize("name", ["lm", "class", "tags"])
def test_gates_and_their_saturation(name: str, inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    saturation, values = tables(plot(capsys, inspected, "gates", name, TEXT, "out=g.png", "format=json", "n=2"))
    gates = ["r", "z"] if name == "class" else ["i", "f", "o"]
    layers = 4 if name == "tags" else 1
    assert [row["gate"] for row in saturation] == gates * layers
    for row in saturation:
        assert 0 < row["mean"] < 1 and 0 <= row["% above 0.9"] + row["% below 0.1"] <= 100
    assert {row["part"] for row in values} == set(gates)
    assert all(0 <= row["value"] <= 1 for row in values)
    by_gate = {gate: {row["unit"] for row in values if row["part"] == gate} for gate in gates}
    assert len({frozenset(units) for units in by_gate.values()}) == 1  # the same units in all of them


@pytest.mark.parametrize("property", ["position", "tag:NOUN", "since:VERB"])
def test_the_unit_that_follows_a_property(
    property: str, inspected: Inspected, capsys: pytest.CaptureFixture[str]
) -> None:
    how = [f"property={property}", "rows=100", "format=json", "n=3"]
    for name in ("lm", "tags"):  # without and with tags of its own
        rows, values = tables(plot(capsys, inspected, "states", name, TEXT, *how))
        assert [row["network"].partition(":")[0] for row in rows] == ["trained", "control", "control"]
        score = "AUC" if property == "tag:NOUN" else "correlation"
        trained, shuffled, _ = (row[f"test {score}"] for row in rows)
        chance = 0.5 if score == "AUC" else 0.0
        if property != "since:VERB":  # which so small a network hardly follows
            assert trained > chance + 0.1 > shuffled
        unit = rows[0]["unit"]
        assert unit.startswith(f"{values[0]['part']}[{values[0]['unit']}] ")  # the best one is on top
        if score == "AUC":
            assert rows[0]["test F1"] > rows[1]["test F1"] > 0


MISTAKES = [
    ("connectivity", "counts", [TEXT], "connectivity needs a network that reads rows"),
    ("states", "counts", [TEXT], "states needs a network that reads rows"),
    ("gates", "counts", [TEXT], "gates needs a network that reads rows"),
    ("gates", "cnn", [TEXT], "the encoder CNN does not show any gates"),
    ("gates", "plugin", [TEXT], "the encoder Doubled does not show any gates"),
    ("gates", "crf", [TEXT], "the encoder RNN has no gates"),
    ("states", "lm", [""], "the text is missing"),
    ("states", "lm", [], "the text is missing"),
    ("states", "lm", ["a " * 200], "the text has 200 tokens, and the picture shows at most 100"),
    ("states", "lm", [TEXT, "layer=2"], "the encoder has no layer 2"),
    ("states", "lm", [TEXT, "part=x"], "there is no part 'x'"),
    ("states", "lm", [TEXT, "units=5"], "there is no unit 5: layer 1 has the units 0 to 4"),
    ("states", "lm", [TEXT, "property=nouns"], "there is no property 'nouns'"),
    ("states", "tags", [TEXT, "property=tag:NOUM"], "there is no tag 'NOUM'"),
    ("states", "lm", [TEXT, "property=quotes"], "no token of this data is inside quotes"),
]


@pytest.mark.parametrize(("what", "name", "words", "message"), MISTAKES)
def test_a_mistake_is_one_sentence(
    what: str,
    name: str,
    words: list[str],
    message: str,
    inspected: Inspected,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = plot(capsys, inspected, what, name, *words, "format=table")
    assert done.code != 0 and message in done.err and done.err.strip().count("\n") == 0


def test_an_unknown_word_is_a_note(inspected: Inspected, capsys: pytest.CaptureFixture[str]) -> None:
    done = plot(capsys, inspected, "connectivity", "lm", "the zebra likes xylophones .", "format=json")
    assert "note: not in the vocabulary: likes, xylophones, zebra" in done.err
    strongest, _ = tables(done)
    assert strongest[1]["next word"] == "<unk>"
