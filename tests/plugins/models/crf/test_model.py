"""The CRF in a run: options, odd rows and labels, its record, and what it reaches on real data."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counting_cases import context, corpora, tagged_rows
from small_data import write_small

import core
from core.data.vocab import FIRST
from core.errors import ConfigError, DataError
from core.runs import store
from core.runs.trained_model import load
from core.testing import check_encoder
from plugins.models.crf.features import Templates
from plugins.models.crf.model import CRF


def fitted(train: Any, **options: Any) -> CRF:
    model = CRF(train.vocab, train.labels, **options)
    model.fit(train, train, context())
    return model


def test_it_keeps_the_contract() -> None:
    check_encoder("crf", max_iterations=2)


def test_a_run_is_saved_loaded_and_scored_with_its_curve(tmp_path: Path) -> None:
    data = write_small(tmp_path)["pos"]
    result = core.run(task="pos", encoder="crf", data=data, runs=tmp_path / "runs", quiet=True)
    assert result.score > 90 > result.baselines["most frequent"]["accuracy"] + 30
    assert (result.status, result.facts["epochs"], result.facts["seeded"]) == ("finished", 10, True)
    assert [row["epoch"] for row in result.curve] == list(range(1, 11))
    assert result.curve[-1]["loss"] < result.curve[0]["loss"]
    assert result.cost["parameters"] > result.facts["attributes"] > 100
    model = load(result.path)
    scores, _, arrays = model.evaluate(data)
    saved = np.load(result.path / store.PREDICTIONS)
    assert scores == pytest.approx(result.metrics["test"], nan_ok=True)
    assert np.array_equal(arrays["label"], saved["test.label"])
    tagged = model.predict(["the cats sleep .", ""], probabilities=True)
    assert [len(p.answer) for p in tagged] == [4, 0]
    assert all(sum(by_tag.values()) == pytest.approx(1) for by_tag in tagged[0].probabilities)


def test_the_events_of_a_run_are_its_epochs_and_its_steps() -> None:
    (train,) = corpora(tagged_rows(1, 60))
    events: list[tuple[str, dict[str, Any]]] = []
    model = CRF(train.vocab, train.labels, max_iterations=3)
    model.fit(train, train, context(notify=lambda event, **facts: events.append((event, facts))))
    assert [event for event, _ in events] == ["progress", "epoch"] * 3
    assert [facts for event, facts in events if event == "epoch"] == model.history
    assert [(f["step"], f["steps"]) for event, f in events if event == "progress"] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("key", "algorithm"), [("c1", "ap"), ("c1", "l2sgd"), ("c2", "pa"), ("c2", "ap")])
def test_a_penalty_that_the_algorithm_lacks_is_an_error(key: str, algorithm: str) -> None:
    (train,) = corpora(tagged_rows(1, 5))
    with pytest.raises(ConfigError, match=f"encoder.{key}: {algorithm} has no such penalty; leave it out"):
        CRF(train.vocab, train.labels, algorithm=algorithm, **{key: 0.5})


def test_fewer_features_where_rare_ones_or_small_weights_are_left_out() -> None:
    (train,) = corpora(tagged_rows(1, 60))
    options: dict[str, Any] = {"algorithm": "lbfgs", "max_iterations": 20, "unseen": "none"}
    size = fitted(train, **options).parameters
    assert fitted(train, **options, c1=1.0).parameters < size
    assert fitted(train, **options, min_count=3).parameters < size


def test_features_that_training_lacks_have_weights_too_if_wanted() -> None:
    (train,) = corpora([(["a", "b"], ["X", "Y"])] * 3)
    first, second = map(set, Templates(2, 5, 3).items(["a", "b"], 0, 2))
    sizes = {"none": len(first) + len(second) + 1}  # each attribute with the label of its token, and X before Y
    sizes["transitions"] = sizes["none"] + 3
    sizes["all"] = 2 * len(first | second) + 4
    for unseen, size in sizes.items():
        assert fitted(train, algorithm="lbfgs", unseen=unseen).parameters == size


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, "all"),
        ({"algorithm": "lbfgs"}, "transitions"),
        ({"min_count": 2}, "none"),
        ({"unseen": "none"}, "none"),
    ],
)
def test_which_unseen_features_have_weights_by_default(options: dict[str, Any], chosen: str) -> None:
    (train,) = corpora([(["a", "b"], ["X", "Y"])] * 3)
    assert fitted(train, max_iterations=1, **options).facts()["unseen"] == chosen


def test_large_data_has_no_unseen_attributes_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    (train,) = corpora([(["a", "b"], ["X", "Y"])] * 3)
    monkeypatch.setattr("plugins.models.crf.model.FEW", 11)
    assert fitted(train).facts()["unseen"] == "transitions"


def test_unseen_features_need_all_others() -> None:
    (train,) = corpora([(["a"], ["X"])])
    with pytest.raises(ConfigError, match="encoder.min_count: with unseen=all it must be 1"):
        CRF(train.vocab, train.labels, unseen="all", min_count=2)


ODD = ["B-PER", ":", "=", "a b", "\\", "#", "☃", "__BOS__", "0", "-1", ""]


def test_labels_of_any_characters() -> None:
    rows = [([f"word{i}", f"word{j}"], [a, b]) for i, a in enumerate(ODD) for j, b in enumerate(ODD)]
    (train,) = corpora(rows)
    model = fitted(train)
    predicted = [train.labels.words[i] for i in model.predict(train)["label"]]
    assert predicted == [tag for _, tags in rows for tag in tags]


@pytest.mark.parametrize("word", [":", "=", "w[0]=x", "a b", "\t", "\x00", "\x00b", "\ud800", "", "x" * 70_000])
def test_words_of_any_characters(word: str) -> None:
    train, test = corpora([([word, "other"], ["X", "Y"])] * 5, [([word], ["X"]), (["other"], ["Y"])])
    labels = [test.labels.words[i] for i in fitted(train).predict(test)["label"]]
    assert labels == ["X", "Y"]


@pytest.mark.parametrize("algorithm", ["ap", "lbfgs", "l2sgd", "pa", "arow"])
def test_one_row_with_one_label(algorithm: str) -> None:
    train, test = corpora([(["a"], ["X"])], [(["b", "a"], ["X", "X"]), ([], [])])
    answers = fitted(train, algorithm=algorithm).predict(test, probabilities=True)
    assert answers["label"].tolist() == [FIRST, FIRST] and answers["log_probs"].tolist() == [[0.0], [0.0]]


def test_rows_without_tokens_and_without_rows() -> None:
    train, none, empty = corpora([(["a", "b"], ["X", "Y"]), ([], [])], [], [([], [])])
    for corpus in (none, empty):
        answers = fitted(train).predict(corpus, probabilities=True)
        assert (answers["label"].shape, answers["log_probs"].shape) == ((0,), (0, 2))


def test_a_label_that_no_row_of_the_fit_has_is_impossible() -> None:
    whole, part = corpora([(["a", "b"], ["X", "Y"]), (["c"], ["Z"])], [(["a", "b"], ["X", "Y"])])
    model = CRF(whole.vocab, whole.labels)
    model.fit(part, part, context())
    chances = np.exp(model.predict(whole, probabilities=True)["log_probs"])
    assert chances[:, whole.labels.ids["Z"] - FIRST].tolist() == [0, 0, 0] and chances.sum(1) == pytest.approx(1)


def test_no_label_at_all_is_an_error_of_the_data() -> None:
    (train,) = corpora([(["a"], ["<unk>"])])
    with pytest.raises(DataError, match="data: no training token has a label"):
        fitted(train)


def test_500_labels() -> None:
    (train,) = corpora([([f"word{i}", f"word{i + 250}"], [f"L{i}", f"L{i + 250}"]) for i in range(250)])
    model = fitted(train, max_iterations=3, unseen="transitions", affixes=0, window=0)
    some = train.select(np.arange(10))
    answers = model.predict(some, probabilities=True)
    assert np.mean(answers["label"] == some.targets.values[some.targets.inner]) > 0.5
    assert answers["log_probs"].shape == (20, 500)
    assert np.exp(answers["log_probs"]).sum(1) == pytest.approx(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_a_forked_process_predicts_the_same() -> None:
    train, test = corpora(tagged_rows(1, 40), tagged_rows(2, 10))
    model = fitted(train)
    expected = model.predict(test)["label"].tobytes()
    busy = threading.Thread(target=lambda: [model.predict(test) for _ in range(20)])
    busy.start()
    child = os.fork()
    if not child:
        os._exit(0 if model.predict(test)["label"].tobytes() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
    busy.join()


@pytest.mark.slow
@pytest.mark.data
def test_the_english_web_treebank(real_data: Path, tmp_path: Path) -> None:
    result = core.run(task="pos", encoder="crf", data=str(real_data / "ud-en-ewt"), runs=tmp_path, quiet=True)
    assert result.score >= 94.9
