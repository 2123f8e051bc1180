"""The pictures of saved runs: the numbers behind them are those of the records and predictions."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Done, Seqlab, run_command

import core
from core.runs.predictions import rebuild
from core.runs.store import all_runs

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

WORDS = ["the cats sleep .", "a dog barks"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of cnn (two seeds) and of ngram (two orders) on toy."""
    place = tmp_path_factory.mktemp("pictures")
    how: dict[str, Any] = {"runs": str(place / "runs"), "quiet": True, "data.limit": 60}
    for seed in (1, 2):
        options = {"train.epochs": 2, "encoder.channels": 5, "encoder.widths": [2, 3]}
        core.run(task="pos", encoder="cnn", embedding="random", seed=seed, name=f"cnn{seed}", **options, **how)
    for order in (2, 3):
        options = {"encoder.order": order, "encoder.smoothing": "witten-bell"}
        core.run(task="pos", encoder="ngram", name=f"ngram{order}", **options, **how)
    options = {"encoder.order": 1, "encoder.smoothing": "laplace"}
    core.run(task="lm", encoder="ngram", name="language", save="none", **options, **how)
    return place


@pytest.fixture
def seqlab(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    def call(*words: str) -> Done:
        monkeypatch.chdir(folder)
        return run_command(capsys, "plot", *words)

    return call


def rows_of(done: Done) -> list[dict[str, str]]:
    assert done.code == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out)))


def records(folder: Path, encoder: str) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in sorted((folder / "runs").glob("*/run.json"))]
    return [record for record in found if record["encoder"] == encoder]


def test_curves_are_the_means_of_the_saved_histories(seqlab: Seqlab, folder: Path) -> None:
    done = seqlab("curves", "task=pos", "format=csv", "x=step", "metric=dev_loss")
    assert "left out: 2 runs without a learning curve (ngram)" in done.err
    both = [record["curve"] for record in records(folder, "cnn")]
    for row, *epoch in zip(rows_of(done), *both, strict=True):
        losses = [each["dev_loss"] for each in epoch]
        assert float(row["mean dev_loss"]) == pytest.approx(np.mean(losses)) and row["runs"] == "2"
        assert (float(row["low"]), float(row["high"])) == (min(losses), max(losses))
        assert float(row["step"]) == epoch[0]["step"] > 0
    names = seqlab("curves", "run=cnn1,cnn2", "out=a.png", "metric=accuracy,loss")
    assert names.err == "wrote a.png (1 line, 2 runs)\n"


def test_a_metric_against_an_option_is_that_of_the_records(seqlab: Seqlab, folder: Path) -> None:
    rows = rows_of(seqlab("metric", "x=encoder.order", "task=pos", "encoder=ngram", "split=dev", "format=csv"))
    by_order = {
        float(record["config"]["encoder.order"]): record["metrics"]["dev"]["accuracy"]
        for record in records(folder, "ngram")
        if record["task"] == "pos"
    }
    assert {float(row["encoder.order"]): float(row["mean accuracy on dev"]) for row in rows} == by_order
    done = seqlab("metric", "x=encoder", "runs=runs", "where=task='pos' and not encoder.order=2", "out=b.svg")
    assert done.err == "wrote b.svg (2 lines, 3 runs)\n"


@pytest.mark.parametrize("names", [["cnn1"], ["cnn1", "cnn2"], ["cnn2", "cnn2"]])
def test_a_confusion_is_counted_in_the_saved_predictions(names: list[str], seqlab: Seqlab, folder: Path) -> None:
    rows = rows_of(seqlab("confusion", f"run={','.join(names)}", "format=csv"))
    expected: Counter[tuple[str, str]] = Counter()
    for run in all_runs(folder / "runs")[0]:
        if run.config["name"] in names:
            _, corpus, arrays = rebuild(run, "test")
            labels = corpus.label_names
            for right, predicted in zip(run.kind.gold(corpus), arrays["label"], strict=True):
                expected[labels[right], labels[predicted]] += 1
    assert {(row["true label"], row["predicted label"]): int(row["events"]) for row in rows} == expected
    for label in {row["true label"] for row in rows}:
        own = [float(row["% of the true label"]) for row in rows if row["true label"] == label]
        assert sum(own) == pytest.approx(100)


def test_the_filters_are_those_that_the_model_explains(seqlab: Seqlab, folder: Path) -> None:
    rows = rows_of(seqlab("filters", "run=cnn1", *WORDS, "format=csv", "n=100", "top=100"))
    model = core.load("cnn1", runs=folder / "runs")
    expected = {
        (one.width, one.filter, " ".join(sentence.split()[one.start : one.end])): one.activation
        for sentence, row in zip(WORDS, model.model.explain(model.corpus(WORDS)), strict=True)
        for one in row
    }
    found = {(int(row["width"]), int(row["filter"]), row["n-gram"]): float(row["activation"]) for row in rows}
    assert found == pytest.approx(expected) and len(found) == 10
    done = seqlab("filters", "run=cnn1", "limit=7", "out=c.png")
    assert done.code == 0 and ", 7 rows)" in done.err, done.err


def test_attention_is_a_weight_per_word_of_the_output_and_of_the_text(
    seqlab: Seqlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.model import interface
    from core.neural.model import NeuralModel

    def attention(model: NeuralModel, corpus: Any) -> list[Any]:
        return [(corpus.spell(corpus.tokens[0][:-1]), ["x", "</s>"], np.array([[0.25, 0.75], [0.5, 0.5]]))]

    monkeypatch.setattr(NeuralModel, "attention", attention, raising=False)
    monkeypatch.setattr(interface, "Attentive", NeuralModel)
    done = seqlab("attention", "run=cnn1", "the cats", "format=csv", "out=d.svg")
    lines = ["output position,output,text position,text,weight"]
    lines += ["1,x,1,the,0.25", "1,x,2,cats,0.75", "2,</s>,1,the,0.5", "2,</s>,2,cats,0.5"]
    assert done == (0, "\n".join(lines) + "\n", "wrote d.svg (2 x 2 words)\n")
    assert "x from cats" in Path("d.svg").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["curves", "runs=empty"], "runs: there are no saved runs in empty; try: python -m core run"),
        (
            ["curves", "encoder=ngram"],
            "runs: no run has a learning curve; it has one if its model trains",
        ),
        (["curves", "encoder=lstm"], "encoder: no run in runs has encoder=lstm"),
        (["curves", "run=gone"], "run: there is no run 'gone' in runs"),
        (["metric", "x=encoder.order"], "metric: the runs have several metrics: "),
        (["metric", "x=encoder.ordr", "task=pos"], "x: no run has 'encoder.ordr'; did you mean 'encoder.order'"),
        (["metric", "task=pos"], "plot metric: x is missing; write x=...: the axis of x"),
        (["metric", "x=task", "where=dev>200"], "runs: no run meets these conditions; see `seqlab runs`"),
        (["confusion", "run=language"], "this run has no saved predictions, only scores"),
        (["confusion", "run=cnn1,language"], "run: "),
        (
            ["filters", "run=ngram2", "a b"],
            "run: encoder=ngram has no filters to explain; name a run",
        ),
        (["filters", "run=cnn1", ""], "run: no row has a token; give sentences with words"),
        (["attention", "run=cnn1"], "plot: the text is missing; quote it: plot attention run=ID"),
        (["attention", "run=cnn1", "a b"], "run: task=pos encoder=cnn has no attention between two texts; name"),
        (["vectors", "run=ngram2"], "run: a model of the counting family has no vectors"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(
    words: list[str], message: str, seqlab: Seqlab, folder: Path
) -> None:
    (folder / "empty").mkdir(exist_ok=True)
    done = seqlab(*words, "out=x.png")
    assert done.code in (1, 2) and message in done.err and "Traceback" not in done.err, done.err
    assert not (folder / "x.png").exists()


def test_runs_without_a_score_on_test_are_drawn_on_request(seqlab: Seqlab, folder: Path) -> None:
    options = {"encoder.order": 1, "encoder.smoothing": "laplace", "data.limit": 60}
    core.run(task="pos", encoder="ngram", test=False, runs=str(folder / "untested"), quiet=True, **options)
    words = ("metric", "x=encoder.order", "split=dev", "runs=untested", "format=csv")
    refused = (
        "runs: none of the runs that meet these conditions has a score on test (1 in all); trials=true draws them"
    )
    assert refused in seqlab(*words).err
    assert len(rows_of(seqlab(*words, "trials=true"))) == 1
