"""The linear classifier as a model: its contract, what it is held against, and its figures on real data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from context_cases import context_of
from counting_cases import corpora, row_accuracy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

import core
from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.errors import ConfigError, DataError, StoreError
from core.model.runtime import Runtime
from core.runs.trained_model import load
from core.testing import check_encoder
from plugins.models.linear.model import Linear

Row = tuple[list[str], list[str]]


def rows_of(seed: int, number: int, classes: int, words: int = 40) -> list[Row]:
    """Rows of words, most of which are those of a class."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(number):
        own = int(random.integers(0, classes))
        ids = np.where(
            random.random(6) < 0.4, own + classes * random.integers(0, 3, 6), random.integers(0, words, 6)
        )
        rows.append(([f"w{i}" for i in ids[: random.integers(0, 7)].tolist()], [f"C{own}"]))
    return rows


def fitted(train: Corpus, dev: Corpus, **options: Any) -> Linear:
    model = Linear(train.vocab, train.labels, **options)
    model.fit(train, dev, context_of(row_accuracy, "accuracy"))
    return model


@pytest.mark.parametrize("options", [{}, {"loss": "hinge", "weights": "ratio", "words": 3, "longest": 0}])
def test_it_keeps_the_contract(options: dict[str, Any]) -> None:
    check_encoder("linear", **options)


@pytest.mark.parametrize("classes", [2, 3])
def test_it_is_the_pipeline_of_scikit_learn(classes: int) -> None:
    """The same features, weights and solver: the same probabilities."""
    rows, others = rows_of(0, 200, classes), rows_of(1, 80, classes, words=60)
    train, dev = corpora(rows, others)
    model = fitted(train, dev, weights="tfidf", strength=3.0, min_count=1)
    how = {"lowercase": False, "sublinear_tf": True}
    by_word = TfidfVectorizer(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), **how)
    features = make_union(by_word, TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 6), **how))
    found = np.exp(model.predict(dev)["log_probs"])
    theirs = []
    for own in range(classes):
        pipeline = make_pipeline(features, LogisticRegression(C=3.0, solver="liblinear", max_iter=1000))
        names = [train.labels.words[FIRST + own] == label for _, (label,) in rows]
        pipeline.fit([" ".join(words) for words, _ in rows], names)
        theirs.append(pipeline.predict_proba([" ".join(words) for words, _ in others])[:, 1])
    expected = np.stack(theirs, axis=1)
    if classes > 2:
        expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.98


def test_dev_chooses_and_the_choice_is_reported_step_by_step() -> None:
    train, dev = corpora(rows_of(2, 120, 2), rows_of(3, 60, 2))
    model, steps = Linear(train.vocab, train.labels), list[tuple[int, int]]()

    def notify(event: str, **facts: Any) -> None:
        if event == "progress":
            steps.append((facts["step"], facts["steps"]))

    model.fit(train, dev, context_of(row_accuracy, "accuracy", notify=notify))
    assert set(model.chosen) == {"encoder.weights", "encoder.strength"} and steps == [
        (i + 1, 11) for i in range(11)
    ]
    scores = {}
    for strength in (0.3, 1.0, 3.0, 10.0, 30.0, 100.0):
        other = fitted(train, dev, weights="tfidf", strength=strength)
        scores[strength] = row_accuracy(other.predict(dev), dev)["accuracy"]
    assert model.chosen["encoder.strength"] == max(scores, key=scores.__getitem__)


@pytest.mark.parametrize("loss", ["logistic", "hinge"])
def test_unusual_training_data(loss: str) -> None:
    many = [([f"w{i}", "x"], [f"C{i % 100}"]) for i in range(300)]
    cases = {
        "a hundred classes": many,
        "one row per class": [([f"w{i}"], [f"C{i}"]) for i in range(5)],
        "one class": [(["a", "b"], ["A"]), ([], ["A"])],
        "the label <unk>": [(["a"], ["A"]), (["b"], ["B"]), (["c"], ["<unk>"])],
        "empty rows": [([], ["A"]), ([], ["B"]), (["a"], ["A"]), (["a"], ["A"])],
    }
    for name, rows in cases.items():
        train, dev = corpora(rows, [*rows[:3], (["unseen"], ["D"]), ([], ["C0"])])
        how = {"loss": loss, "class_weights": "balanced", "strength": 10.0, "weights": "ratio", "min_count": 1}
        answers = fitted(train, dev, **how).predict(dev)
        assert np.isfinite(answers["log_probs"]).all(), name
        assert np.exp(answers["log_probs"], dtype=np.float64).sum(axis=1) == pytest.approx(1, abs=1e-5), name
        if name != "empty rows":
            assert (answers["label"][:2] == dev.targets.values[dev.targets.offsets[:2]]).all(), name


def test_balanced_classes_weigh_the_same() -> None:
    rows = [(["a"], ["A"])] * 9 + [(["a"], ["B"])]
    train, dev = corpora(rows, rows)
    for weights, share in (("equal", 0.1), ("balanced", 0.5)):
        model = fitted(train, dev, strength=100.0, weights="tfidf", class_weights=weights)
        assert np.exp(model.predict(dev)["log_probs"][0, 1]) == pytest.approx(share, abs=0.03)


def test_options_that_leave_no_feature_are_refused() -> None:
    train, dev = corpora(rows_of(4, 20, 2), [])
    with pytest.raises(DataError, match="no training row has a class"):
        fitted(*corpora([(["a"], ["<unk>"])], []))
    with pytest.raises(ConfigError, match="encoder.longest: n-grams of 4 to 3 characters"):
        Linear(train.vocab, train.labels, shortest=4, longest=3)
    with pytest.raises(ConfigError, match="encoder.words: neither words nor characters are features; raise it"):
        Linear(train.vocab, train.labels, words=0, longest=0)
    with pytest.raises(DataError, match="encoder.min_count: no n-gram occurs 9,999 times in the 20 training rows"):
        fitted(train, dev, min_count=9999)


DAMAGES = {
    "an array is missing": ("coefficients", None),
    "of another shape": ("coefficients", np.zeros((1, 3), dtype=np.float32)),
    "not finite": ("idf", np.nan),
    "of objects": ("intercepts", np.array([None])),
    "n-grams beyond the words": ("words.1", -1),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_refused(damage: str, tmp_path: Path) -> None:
    train, dev = corpora(rows_of(5, 60, 2), rows_of(6, 20, 2))
    fitted(train, dev, weights="tfidf", strength=1.0).save(tmp_path)
    with np.load(tmp_path / "model.npz") as saved:
        arrays = dict(saved)
    name, value = DAMAGES[damage]
    if value is None:
        del arrays[name]
    else:
        arrays[name] = value if isinstance(value, np.ndarray) else arrays[name] * value
    np.savez(tmp_path / "model.npz", **arrays)
    with pytest.raises(StoreError, match="the model cannot be read"):
        Linear(train.vocab, train.labels).restore(tmp_path, Runtime())


def test_a_model_with_other_options_is_refused(tmp_path: Path) -> None:
    train, dev = corpora(rows_of(5, 60, 2), rows_of(6, 20, 2))
    fitted(train, dev, weights="tfidf", strength=1.0).save(tmp_path)
    with pytest.raises(StoreError, match="the model cannot be read"):
        Linear(train.vocab, train.labels, words=3).restore(tmp_path, Runtime())


@pytest.mark.data
@pytest.mark.parametrize(("data", "least"), [("sst2-sentences", 82.5), ("trec", 90.0)])
def test_the_scores_on_real_data(data: str, least: float, real_data: Path, tmp_path: Path) -> None:
    result = core.run(task="sentiment", encoder="linear", data=str(real_data / data), runs=tmp_path, quiet=True)
    assert result.score >= least
    model = load(result.path)
    assert model.evaluate(real_data / data)[0]["accuracy"] == result.score
