"""A linear model of numbers and of sets of labels, against scikit-learn on the same features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

import core
from core.runs.trained_model import load
from plugins.datasets.synthetic.label_sets import ToyLabels

SMALL = {"quiet": True, "data.rows": 200, "encoder.longest": 0, "encoder.words": 1, "encoder.weights": "tfidf"}


def test_each_label_has_the_probabilities_of_scikit_learn(tmp_path: Path) -> None:
    result = core.run(
        task="multilabel", encoder="linear", runs=str(tmp_path), **SMALL, **{"encoder.strength": 3.0}
    )
    model = load(result.folder)
    (train,), (test,) = (ToyLabels(rows=200).batches(split) for split in ("train", "test"))
    texts = [" ".join(tokens) for tokens in train.column("tokens").to_pylist()]
    others = [" ".join(tokens) for tokens in test.column("tokens").to_pylist()]
    names = model.labels.words[2:]
    gold = np.array(
        [[name in labels.split("|") for name in names] for labels in train.column("label").to_pylist()]
    )
    vectors = TfidfVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False, sublinear_tf=True)
    solver = OneVsRestClassifier(LogisticRegression(C=3.0, solver="liblinear", max_iter=1000))
    theirs = make_pipeline(vectors, solver).fit(texts, gold).predict_proba(others)
    mine = [list(row.probabilities.values()) for row in model.predict(others, probabilities=True)]
    assert np.array(mine) == pytest.approx(theirs, abs=2e-3)


def test_numbers_are_saved_and_read_in_their_units(tmp_path: Path) -> None:
    result = core.run(task="regression", encoder="linear", runs=str(tmp_path), **SMALL)
    assert result.metrics["test"]["rmse"] < result.baselines["mean"]["rmse"]
    assert result.chosen["encoder.strength"] in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
    numbers = load(result.folder).predict(["", "not"])
    assert all(40 < number < 60 for number in numbers)


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("regression", {"loss": "hinge", "class_weights": "balanced", "weights": "ratio"}),
        ("multilabel", {"loss": "hinge"}),
    ],
)
def test_options_of_classes_are_not_used_and_a_note_says_so(
    task: str, options: dict[str, str], tmp_path: Path
) -> None:
    arguments = {f"encoder.{key}": value for key, value in options.items()}
    small = {**SMALL, "data.rows": 60, "encoder.strength": 1.0}
    result = core.run(task=task, encoder="linear", runs=str(tmp_path), **{**small, **arguments})
    plain = core.run(task=task, encoder="linear", runs=str(tmp_path), **small)
    named = [note.values["option"] for note in result.notes if note.code == "linear.option"]
    assert sorted(named) == sorted(f"{key}={value}" for key, value in arguments.items())
    assert result.metrics == plain.metrics and not [n for n in plain.notes if n.code == "linear.option"]
