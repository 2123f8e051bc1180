"""Scores of spans against ``seqeval`` and against conlleval's arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conlleval import scores as conlleval
from kinds_cases import spec_of
from memory_source import Rows

from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.vocab import FIRST
from core.evaluation import spans
from core.evaluation.event_hash import event_hash
from core.kinds import find_kind
from core.types import Arrays
from tasks.ner import NamedEntities

Labels = list[list[str]]
PREFIXES = {"bio": "BI", "iob1": "BI", "bioes": "BIES"}
SEQEVAL = {"bio": "IOB2", "iob1": "IOB1", "bioes": "IOBES"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))


def case(gold: Labels, predicted: Labels, scheme: str) -> tuple[Corpus, Arrays, Labels]:
    """The test split, the predictions as ids, and the true labels as they are after reading."""
    every = sorted({label for row in [*gold, *predicted] for label in row} | {"O"})
    tokens = [(["w"] * len(row), row) for row in gold]
    train = [(["w"], [label]) for label in every] + tokens
    spec = spec_of(NamedEntities(scheme=scheme))  # type: ignore[arg-type] # any text here
    corpus = prepare(Rows(train=train, dev=tokens, test=tokens), spec, DataOptions()).splits["test"]
    ids = {name: place for place, name in enumerate(corpus.label_names)}
    extra = sorted({label for row in predicted for label in row} - ids.keys())
    wider = Corpus(corpus.vocab, corpus.columns, corpus.words, corpus.labels, [*corpus.label_words, *extra])
    ids |= {name: place for place, name in enumerate(wider.label_names)}
    names, targets = wider.label_names, wider.targets
    read = [[names[i] for i in targets[row][:-1].tolist()] for row in range(len(targets))]
    flat = np.array([ids[label] for row in predicted for label in row], dtype=np.int32)
    return wider, {"label": flat}, read


def random_case(seed: int, scheme: str) -> tuple[Corpus, Arrays, Labels, Labels]:
    random = np.random.default_rng(seed)
    labels = ["O", "O", *(f"{prefix}-{kind}" for prefix in PREFIXES[scheme] for kind in ("X", "Y", "Z"))]
    gold = [random.choice(labels, length).tolist() for length in random.integers(1, 15, 60)]
    # half of the labels are right, so that some spans are
    corpus, _, read = case(gold, gold, scheme)
    predicted = [[own if random.random() < 0.7 else str(random.choice(labels)) for own in row] for row in read]
    corpus, arrays, read = case(gold, predicted, scheme)
    return corpus, arrays, read, predicted


@pytest.mark.parametrize("scheme", PREFIXES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_scores_are_those_of_conlleval_on_random_labels(seed: int, scheme: str) -> None:
    corpus, arrays, gold, predicted = random_case(seed, scheme)
    found = NamedEntities().metrics(arrays, corpus)
    expected = conlleval(gold, predicted)
    assert expected[2] > 10
    assert np.allclose([found["precision"], found["recall"], found["f1"]], expected)


@pytest.mark.parametrize("scheme", PREFIXES)
@pytest.mark.parametrize("seed", [0, 1])
def test_scores_are_those_of_seqeval_lenient_and_strict_each_type_too(seed: int, scheme: str) -> None:
    seqeval = pytest.importorskip("seqeval.metrics", reason="a reference of the extra compare")
    schemes = pytest.importorskip("seqeval.scheme", reason="a reference of the extra compare")
    corpus, arrays, gold, predicted = random_case(seed, scheme)
    ways = {False: {}, True: {"mode": "strict", "scheme": getattr(schemes, SEQEVAL[scheme])}}
    for strict, options in ways.items():
        if strict and scheme == "iob1":  # of labels that are not valid, seqeval has other spans than IOB1's rules
            predicted = case(predicted, predicted, scheme)[2]
            corpus, arrays, gold = case(gold, predicted, scheme)
        task = NamedEntities(strict=strict)
        report = seqeval.classification_report(gold, predicted, output_dict=True, zero_division=0, **options)
        found, own = task.metrics(arrays, corpus), report["micro avg"]
        assert np.allclose(
            [found["precision"], found["recall"], found["f1"], found["macro_f1"]],
            100 * np.array([own["precision"], own["recall"], own["f1-score"], report["macro avg"]["f1-score"]]),
        )
        table = task.report(arrays, corpus)[0]
        for kind, true, _, _, precision, recall, f1 in table.rows:
            theirs = report[kind]
            assert true == theirs["support"]
            scores = (theirs["precision"], theirs["recall"], theirs["f1-score"])
            assert np.allclose((precision, recall, f1), [100 * score for score in scores])


HAND = [  # true, predicted, and what is right, true and predicted
    ("B-X I-X O", "B-X I-X O", (1, 1, 1)),
    ("B-X I-X O", "B-X O O", (0, 1, 1)),
    ("B-X I-X O", "B-Y I-Y O", (0, 1, 1)),
    ("B-X I-X I-X", "B-X B-X I-X", (0, 1, 2)),
    ("B-X O B-Y", "I-X O I-Y", (2, 2, 2)),  # repaired
    ("B-X I-X", "B-X I-Y", (0, 1, 2)),
    ("O O", "O O", (0, 0, 0)),
]


def test_hand_made_rows_have_their_numbers_and_add_up_by_row() -> None:
    gold, predicted = [row[0].split() for row in HAND], [row[1].split() for row in HAND]
    corpus, arrays, _ = case(gold, predicted, "bio")
    pairs = spans.span_pairs(arrays, corpus)
    assert pairs.row_sums(len(corpus)).tolist() == [list(row[2]) for row in HAND]
    assert np.stack(pairs.counts()).sum(axis=1).tolist() == [3, 7, 9]
    sums = NamedEntities().row_sums("f1", arrays, corpus)
    assert sums is not None and sums.score == NamedEntities().metrics(arrays, corpus)["f1"] == 100 * 2 * 3 / 16
    assert NamedEntities().row_sums("accuracy", arrays, corpus) is None


def test_strict_spans_must_be_valid_in_the_scheme() -> None:
    corpus, arrays, _ = case([["B-X", "O", "B-Y"]], [["I-X", "O", "B-Y"]], "bio")
    assert NamedEntities().metrics(arrays, corpus)["f1"] == 100
    assert NamedEntities(strict=True).metrics(arrays, corpus)["recall"] == 50


def test_strict_scores_and_lenient_ones_never_share_a_table() -> None:
    corpus, _, _ = case([["B-X", "O"]], [["B-X", "O"]], "bio")
    hashes = [event_hash(find_kind("token"), NamedEntities(strict=strict), corpus) for strict in (False, True)]
    assert hashes[0] != hashes[1]


def test_true_spans_are_sorted_by_what_became_of_them() -> None:
    gold = "B-X I-X O B-X O B-X I-X O B-X O B-Y O O".split()
    predicted = "B-X I-X O B-Y O B-X O O O O O O B-X".split()
    corpus, arrays, _ = case([gold], [predicted], "bio")
    table = spans.mistake_table(spans.span_pairs(arrays, corpus))
    assert table.header == ("type", "right", "other type", "other borders", "both", "missed", "spurious")
    assert table.rows == [("X", 1, 1, 1, 0, 1, 1), ("Y", 0, 0, 0, 0, 1, 0)]
    corpus, arrays, _ = case([["B-X", "I-X"]], [["O", "B-Y"]], "bio")
    assert spans.mistake_table(spans.span_pairs(arrays, corpus)).rows == [("X", 0, 0, 0, 1, 0, 0)]


def test_a_score_without_spans_is_zero_as_in_conlleval() -> None:
    corpus, arrays, gold = case([["O", "O"]], [["O", "O"]], "bio")
    found = NamedEntities().metrics(arrays, corpus)
    assert (found["f1"], found["precision"], found["recall"], found["macro_f1"]) == (0, 0, 0, 0)
    assert found["accuracy"] == 100 and conlleval(gold, gold) == (0, 0, 0)


def test_spans_do_not_cross_rows_and_labels_that_training_lacks_count() -> None:
    corpus, arrays, _ = case([["B-X"], ["I-X"]], [["B-X"], ["I-X"]], "bio")
    assert spans.span_pairs(arrays, corpus).true.begins.tolist() == [0, 1]
    tokens = [(["w", "w"], ["B-Q", "I-Q"])]
    data = prepare(
        Rows(train=[(["w"], ["B-X"])], dev=tokens, test=tokens), spec_of(NamedEntities()), DataOptions()
    )
    found = NamedEntities().metrics({"label": np.array([FIRST, FIRST], dtype=np.int32)}, data.splits["test"])
    assert found["recall"] == 0 and found["macro_f1"] == 0
