"""The task ``cloze`` from end to end, on small data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_cases import corpus_of

from core import load, run
from core.errors import ConfigError
from core.kinds.cloze import Cloze as Kind
from core.runs.calibration import calibration
from core.runs.predictions import read_predictions, rebuild_split
from tasks.cloze import Cloze

SMALL = {"data.limit": 60, "train.epochs": 1, "embedding.random.dim": 8, "encoder.hidden_size": 8}


def run_small(tmp_path: Path, **options: Any) -> Any:
    return run(task="cloze", data="toy", runs=tmp_path / "runs", quiet=True, **options)


def test_the_report_by_frequency_has_every_known_place() -> None:
    text = corpus_of(["the dog barks", "the cat"])
    (table,) = Cloze().report(Kind().most_frequent(text), text)
    assert [row[:3] for row in table.rows] == [("1 to 9", 4, 50.0)]


def test_a_counting_model_fills_marked_places(tmp_path: Path) -> None:
    result = run_small(tmp_path, encoder="ngram", **{"encoder.order": 2, "data.limit": 2000})
    assert set(result.metrics["test"]) >= {"accuracy", "mrr", "perplexity"}
    assert result.baselines["ceiling"]["perplexity"] < result.metrics["test"]["perplexity"]
    assert result.metrics["test"]["accuracy"] > result.baselines["most frequent"]["accuracy"]
    arrays = read_predictions(result, "test")
    corpus = rebuild_split(result, "test")[1]
    (table,) = calibration(result, arrays, corpus, 5)
    assert sum(row[1] for row in table.rows) >= len(arrays["word"])
    model = load(result.folder)
    assert model.predict(["the doctor ___ the song .", "no place"])[1] == []
    ((answer, words),) = [
        (p.answer, p.probabilities) for p in model.predict(["a [MASK] song ."], probabilities=True, top=3)
    ]
    assert len(answer) == 1 and len(words[0]) == 3 and answer[0] == next(iter(words[0]))
    assert sum(words[0].values()) < 1


@pytest.mark.parametrize(("encoder", "note"), [("lstm", True), ("bilstm", False)])
def test_an_encoder_of_the_left_side_says_so(encoder: str, note: bool, tmp_path: Path) -> None:
    result = run_small(tmp_path, encoder=encoder, **SMALL)
    assert ("cloze.left" in {one.code for one in result.notes}) == note
    assert result.facts["sees"] == ("left" if note else "both")
    model = load(result.folder)
    first, again = model.predict(["the ___ is great .", "my doctor ___"]), model.predict(["my doctor ___"])
    assert first[1] == again[0] and len(first[0]) == 1


def test_predictions_in_each_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from core.__main__ import main

    result = run_small(tmp_path, encoder="ngram", **{"encoder.order": 2, "data.limit": 300})
    where = ["predict", f"run={result.folder}", "the  doctor ___ ."]

    def output(*arguments: str) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*where, *arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    (word,) = load(result.folder).predict(["the  doctor ___ ."])[0]
    assert output() == f"the  doctor {word} .\n"
    assert output("output=tsv") == f"{word}\tthe  doctor ___ .\n"
    assert json.loads(output("output=jsonl"))["places"] == [{"token": 2, "span": [12, 15], "word": word}]
    cells = output("output=tsv", "probabilities=true", "top=2").rstrip("\n").split("\t")
    assert cells[:3] == ["3", "the  doctor ___ .", word] and len(cells) == 6


def test_options_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="linear does not run task=cloze"):
        run_small(tmp_path, encoder="linear")
    with pytest.raises(ConfigError, match="head.adaptive"):
        run_small(tmp_path, encoder="lstm", **{"head.adaptive": [10]})


def test_tied_weights_run(tmp_path: Path) -> None:
    options = {"data.limit": 60, "train.epochs": 1, "head.tied": True, "embedding.random.dim": 8}
    result = run_small(tmp_path, encoder="bag", **options)
    assert np.isfinite(result.score)
