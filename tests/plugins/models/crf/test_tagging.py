"""Labels and marginal probabilities against all label sequences, and against CRFsuite used directly."""

from __future__ import annotations

import itertools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite
import pytest
from counting_cases import context, corpora, tagged_rows

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from plugins.models.crf import rows
from plugins.models.crf.features import Templates
from plugins.models.crf.model import CRF

TRAIN = tagged_rows(1, 60)
TEST = [*tagged_rows(2, 12), ([], []), (["unseen", "w3", "Other-9"], ["T1", "T1", "T1"])]


def fitted(train: Corpus, **options: Any) -> CRF:
    model = CRF(train.vocab, train.labels, **options)
    model.fit(train, train, context())
    return model


def all_paths(model: CRF, words: list[str]) -> tuple[tuple[int, ...], np.ndarray]:
    """The best sequence of label ids, and P(label of each token), summed over all sequences: (T, L)."""
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(model.weights)
    dump, size = tagger.info(), model.labels.size - FIRST
    items = model.templates.items(words, 0, len(words))
    state = np.zeros((len(words), size))
    for t, item in enumerate(items):
        for attribute, label in itertools.product(set(item), range(size)):
            state[t, label] += dump.state_features.get((attribute.decode(), str(label + FIRST)), 0)
    scores = {}
    for path in itertools.product(range(size), repeat=len(words)):
        score = sum(state[t, label] for t, label in enumerate(path))
        for pair in itertools.pairwise(path):
            score += dump.transitions.get((str(pair[0] + FIRST), str(pair[1] + FIRST)), 0)
        scores[path] = score
    total = np.logaddexp.reduce(list(scores.values()))
    chances = np.zeros((len(words), size))
    for path, score in scores.items():
        chances[range(len(words)), path] += np.exp(score - total)
    return tuple(label + FIRST for label in max(scores, key=lambda path: scores[path])), chances


@pytest.mark.parametrize("algorithm", ["ap", "lbfgs", "l2sgd"])
def test_labels_and_marginals_are_those_of_all_sequences(algorithm: str) -> None:
    train, test = corpora(TRAIN, [(words[:5], tags[:5]) for words, tags in TEST])
    model = fitted(train, algorithm=algorithm, max_iterations=4, window=1, affixes=1)
    answers = model.predict(test, probabilities=True)
    assert answers["label"].dtype == np.int32 and answers["log_probs"].dtype == np.float64
    start = 0
    for words, _ in TEST:
        if not words:
            continue
        path, chances = all_paths(model, words[:5])
        own = slice(start, start + len(path))
        assert tuple(answers["label"][own]) == path
        assert np.exp(answers["log_probs"][own]) == pytest.approx(chances, abs=1e-5)  # CRFsuite shows 6 digits
        start += len(path)
    assert start == len(answers["label"])
    assert np.exp(answers["log_probs"]).sum(1) == pytest.approx(1)
    assert np.array_equal(model.predict(test)["label"], answers["label"])


def test_the_model_is_that_of_crfsuite_with_the_same_features() -> None:
    train, test = corpora(TRAIN, TEST)
    model = fitted(train, algorithm="lbfgs", max_iterations=30, c1=0.1, c2=0.01, min_count=2)
    templates = Templates(2, 5, 3)
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.1, "c2": 0.01, "num_memories": 30, "max_iterations": 30, "feature.minfreq": 2})
    for words, tags in TRAIN:
        items = [[name.decode() for name in item] for item in templates.items(words, 0, len(words))]
        trainer.append(items, tags)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "direct"))
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
    expected = [tag for words, _ in TEST for tag in tagger.tag(templates.items(words, 0, len(words)))]
    assert [train.labels.words[i] for i in model.predict(test)["label"]] == expected
    assert len(set(expected)) > 1


def test_a_long_row_is_read_in_pieces_with_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    long = tagged_rows(3, 150)
    row = [([w for words, _ in long for w in words], [t for _, tags in long for t in tags])]
    train, test = corpora(TRAIN, row)
    model = fitted(train, algorithm="lbfgs", max_iterations=20)
    whole = model.predict(test, probabilities=True)
    monkeypatch.setattr(rows, "CONTEXT", 40)
    monkeypatch.setattr(rows, "LONGEST", 50)
    sizes = [len(piece.items) for piece in rows.prediction_pieces(test, model.templates)]
    assert max(sizes) == 130 and len(sizes) > 6
    pieces = model.predict(test, probabilities=True)
    assert np.array_equal(pieces["label"], whole["label"])
    assert pieces["log_probs"] == pytest.approx(whole["log_probs"], abs=1e-6)


def test_scores_beyond_the_largest_number_leave_no_doubt() -> None:
    train, test = corpora(TRAIN, TEST)
    model = fitted(train, max_iterations=3)
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(model.weights)
    many = [[*item] * 200 for item in model.templates.items(TRAIN[0][0], 0, len(TRAIN[0][0]))]  # weights x 200
    tagger.set(many)
    assert not np.isfinite([tagger.marginal(name, 0) for name in tagger.labels()]).all(), "CRFsuite has no answer"
    once = model.templates.items
    model.templates.items = lambda *place: [[*item] * 200 for item in once(*place)]  # type: ignore[method-assign] # a stub
    answers = model.predict(test, probabilities=True)
    chances = np.exp(answers["log_probs"])
    assert np.isfinite(chances).all() and chances.sum(1) == pytest.approx(1)
    assert np.array_equal(chances.argmax(1) + FIRST, answers["label"])


def test_threads_predict_at_once() -> None:
    train, test = corpora(TRAIN, TEST)
    model = fitted(train)
    expected = model.predict(test, probabilities=True)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: model.predict(test, probabilities=True), range(24)))
    for answer in answers:
        assert all(np.array_equal(answer[name], expected[name]) for name in expected)
