"""``predict probabilities=true``: they sum to 1, are those of the model, and are written as JSON lines and TSV."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Done, run_command
from small_data import write_small

import core
from core.data.vocab import END
from core.errors import ConfigError
from core.runs.trained_model import TrainedModel, load

ROWS = ["the cats sleep", "a xylophone .", ""]
HMM = {"encoder.smoothing": "witten-bell", "head.words": 0, "head.capital": True}  # nothing is chosen on dev
BAYES = {"encoder.smoothing": "laplace", "head.unknown": "score", "head.bag": 0.0}
RUNS: dict[str, dict[str, Any]] = {
    "pos": {"task": "pos", "encoder": "window", "train.epochs": 1},
    "crf": {"task": "pos", "encoder": "window", "train.epochs": 1, "head.crf": True},
    "hmm": {"task": "pos", "encoder": "ngram", "encoder.order": 2, **HMM},
    "cnn": {"task": "sentiment", "encoder": "cnn", "train.epochs": 1},
    "bayes": {"task": "sentiment", "encoder": "ngram", "encoder.order": 1, **BAYES},
    "lstm": {"task": "lm", "encoder": "lstm", "train.epochs": 1, "embedding": "random+affix"},
    "ngram": {"task": "lm", "encoder": "ngram", "encoder.order": 2},
    "scores": {"task": "lm", "encoder": "ngram", "encoder.order": 2, "encoder.smoothing": "stupid-backoff"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    common: dict[str, Any] = {"runs": str(folder), "quiet": True, "threads": 1}
    data = write_small(folder)
    for name, given in RUNS.items():
        core.run(name=name, data=data[given["task"]], **common, **given)
    return folder


def predict(capsys: pytest.CaptureFixture[str], runs: Path, name: str, *words: str) -> Done:
    return run_command(capsys, "predict", f"run={name}", f"runs={runs}", "probabilities=true", *words)


def answers(model: TrainedModel, **options: Any) -> list[tuple[str, Any, Any, Any]]:
    """Each row, its answer alone, and its answer and the probabilities together."""
    found = model.predict(ROWS, probabilities=True, **options)
    return [(row, alone, *both) for row, alone, both in zip(ROWS, model.predict(ROWS), found, strict=True)]


@pytest.mark.parametrize("name", ["pos", "crf", "hmm"])
def test_the_probabilities_of_tags_sum_to_one(name: str, runs: Path) -> None:
    model = load(name, runs=runs)
    for row, tags, answer, by_token in answers(model):
        assert answer == tags and len(by_token) == len(row.split())
        for tag, by_tag in zip(tags, by_token, strict=True):
            assert set(by_tag) == set(model.labels.words[2:])  # type: ignore[union-attr] # a tagger has labels
            assert sum(by_tag.values()) == pytest.approx(1, abs=1e-5)
            if name == "pos":
                assert by_tag[tag] == max(by_tag.values())


@pytest.mark.parametrize("name", ["cnn", "bayes"])
def test_the_probabilities_of_classes_sum_to_one(name: str, runs: Path) -> None:
    for _, label, answer, by_label in answers(load(name, runs=runs)):
        assert answer == label == max(by_label, key=by_label.__getitem__)
        assert sum(by_label.values()) == pytest.approx(1, abs=1e-5)


def distribution(model: TrainedModel, row: str) -> Any:
    """The distribution of the next word, one sentence at a time; open words are read by their letters."""
    corpus, own = model.corpus([row]), model.language_model("test")
    prepared = own.prepare(corpus.words)
    ids = (corpus.closed if prepared is None else corpus.tokens).values[:-1]
    return np.exp(own.next_log_probs(np.array([[END, *ids]], dtype=np.int32), prepared)[0].astype(np.float64))


@pytest.mark.parametrize("name", ["lstm", "ngram"])
def test_the_next_words_are_the_most_likely_ones(name: str, runs: Path) -> None:
    model = load(name, runs=runs)
    for row, score, answer, by_word in answers(model, top=4):
        probs = distribution(model, row)
        wanted = [model.vocab.words[i] for i in np.argsort(-probs, kind="stable")[:4]]
        assert list(by_word) == wanted and answer == score
        assert [*by_word.values()] == pytest.approx(np.sort(probs)[::-1][:4].tolist(), abs=1e-6)
    every = model.predict(ROWS, probabilities=True, top=model.vocab.size)
    assert [sum(found.probabilities.values()) for found in every] == pytest.approx([1] * 3, abs=1e-5)


def test_json_lines_have_all_probabilities(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = map(json.loads, predict(capsys, runs, "hmm", "output=jsonl", *ROWS).out.splitlines())
    for line, (_, tags, _, by_token) in zip(lines, answers(load("hmm", runs=runs)), strict=True):
        assert line["labels"] == tags and line["probabilities"] == by_token
    (line,) = map(json.loads, predict(capsys, runs, "cnn", "output=jsonl", ROWS[0]).out.splitlines())
    assert math.isclose(sum(line["probabilities"].values()), 1, abs_tol=1e-5) and line["text"] == ROWS[0]
    (line,) = map(json.loads, predict(capsys, runs, "lstm", "output=jsonl", "top=3", ROWS[0]).out.splitlines())
    assert len(line["probabilities"]) == 3 and line["log_prob"] < 0


def test_tsv_has_the_probability_of_the_answer(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = [line.split("\t") for line in predict(capsys, runs, "pos", "output=tsv", ROWS[0]).out.splitlines()]
    ((tags, by_token),) = load("pos", runs=runs).predict([ROWS[0]], probabilities=True)
    wanted = [[w, t, f"{p[t]:.6f}"] for w, t, p in zip(ROWS[0].split(), tags, by_token, strict=True)]
    assert cells == [*wanted, [""]]
    ((label, by_label),) = load("bayes", runs=runs).predict([ROWS[0]], probabilities=True)
    assert (
        predict(capsys, runs, "bayes", "output=tsv", ROWS[0]).out == f"{label}\t{by_label[label]:.6f}\t{ROWS[0]}\n"
    )
    cells = [predict(capsys, runs, "ngram", "output=tsv", "top=2", ROWS[0]).out.rstrip("\n").split("\t")]
    assert cells[0][1] == ROWS[0] and len(cells[0]) == 6 and float(cells[0][3]) >= float(cells[0][5])


def test_what_has_no_probabilities_is_refused(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ((), ("output=text",), ("output=conllu",)):
        done = predict(capsys, runs, "pos", *more, ROWS[0])
        assert done.code == 2 and "has no place for probabilities; add output=jsonl or output=tsv" in done.err
    done = predict(capsys, runs, "pos", "output=tsv", "top=3", ROWS[0])
    assert done.code == 2 and "top: it is the number of words whose probabilities are given" in done.err
    done = predict(capsys, runs, "scores", "output=tsv", ROWS[0])
    assert done.code == 2 and "the scores of this model are not probabilities" in done.err
    with pytest.raises(ConfigError, match="not probabilities"):
        load("scores", runs=runs).predict(ROWS, probabilities=True)


def test_a_report_shows_the_calibration_of_labels(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from core.evaluation.calibration import calibration_error
    from core.runs import store
    from core.runs.predictions import rebuild

    for name in ("pos", "crf", "hmm", "cnn", "bayes"):
        model, run = load(name, runs=runs), store.read(store.find(runs, name))
        _, corpus, arrays = rebuild(run, "test")
        rows = [corpus.spell(corpus.tokens[row][:-1]) for row in range(len(corpus))]
        gold = model.kind.gold(corpus)
        assert gold is not None
        found = model.predict(rows, probabilities=True)
        pairs = [(answer, by_label) for answer, by_label in found] if model.kind.labels == "row" else []
        for tags, by_token in found if model.kind.labels == "token" else ():
            pairs += zip(tags, by_token, strict=True)
        right = np.array([label for label, _ in pairs]) == np.array([corpus.label_names[i] for i in gold])
        error = calibration_error(np.array([by_label[label] for label, by_label in pairs]), right, 5)
        done = run_command(capsys, "report", f"run={name}", f"runs={runs}", "bins=5")
        assert done.code == 0 and f"calibration error {error:.2f} percent (5 bins)" in " ".join(done.out.split())
    done = run_command(capsys, "report", "run=ngram", f"runs={runs}")
    assert done.code == 0 and "calibration" not in done.out
