"""Perplexities on the Penn Treebank, as published or as computed by KenLM."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from ngram_cases import quiet, ragged

from plugins.encoders.ngram import NGram
from plugins.encoders.ngram.estimation import smoothing

TABLE = {
    "laplace": (824.0316, 3307.9177, 6580.1347),
    "lidstone": (273.1279, 950.8612, 3970.3158),
    "jelinek-mercer order": (206.5554, 174.1574, 165.5430),
    "jelinek-mercer": (198.1354, 164.5245, 156.8439),
    "witten-bell": (199.8363, 186.3114, 209.1973),
    "absolute": (195.2747, 166.4915, 165.8574),
    "katz": (194.4972, 166.5769, 173.6680),
    "kneser-ney": (186.7958, 150.6023, 143.5117),
    "modified-kneser-ney": (185.7047, 148.2813, 141.1861),
}
ORDERS = (2, 3, 5)
EXPECTED = [(name, order, value) for name, row in TABLE.items() for order, value in zip(ORDERS, row, strict=True)]
DELTAS = {2: 0.0079, 3: 0.0025, 5: 0.0006}


@pytest.fixture
def ptb(real_data):
    return read(real_data / "ptb")


@cache
def read(folder):
    words = {"</s>": 0, "<unk>": 1}
    rows = []
    for split in ("train", "valid", "test"):
        lines = (folder / f"{split}.txt").read_text().splitlines()
        rows.append([[words.setdefault(word, len(words)) for word in line.split()] for line in lines])
    return [ragged(split) for split in rows], len(words)


def perplexity(ptb, **options):
    (train, valid, test), size = ptb
    model = NGram(size, **options)
    model.fit(train, valid, quiet())
    log_probs = model.log_probs(test)
    assert size == 10_000 and len(log_probs) == 82_430
    return model, float(np.exp(-log_probs.mean()))


@pytest.mark.data
def test_kneser_ney_of_order_5_has_the_published_perplexity_of_141_2(ptb):
    model, found = perplexity(ptb, order=5, smoothing="modified-kneser-ney")
    assert found == pytest.approx(141.1861, abs=1e-3)
    assert model.facts()["grams"] == [10_000, 264_990, 586_558, 717_733, 737_952]


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(("name", "order", "expected"), EXPECTED)
def test_each_smoothing_has_its_expected_perplexity(ptb, name, order, expected):
    smoothing, _, weights = name.partition(" ")
    model, found = perplexity(ptb, order=order, smoothing=smoothing, weights=weights or "bucket")
    assert found == pytest.approx(expected, rel=1e-6)
    if name == "lidstone":
        assert round(model.facts()["delta"], 4) == DELTAS[order]


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "options", "expected"),
    [
        (3, {"prune": [0, 0, 1]}, 153.2384),
        (5, {"prune": [0, 0, 1]}, 147.4003),
        (5, {"prune": [0, 1, 1, 2]}, 160.4093),
    ],
)
def test_pruned_models_have_the_perplexity_of_kenlm(ptb, order, options, expected):
    _, found = perplexity(ptb, order=order, smoothing="modified-kneser-ney", **options)
    assert found == pytest.approx(expected, rel=3e-6)


@pytest.mark.data
@pytest.mark.slow
def test_without_interpolated_unigrams_the_difference_to_kenlm_is_one_count(ptb, monkeypatch):
    """lmplz counts the last new type ("unilab") with its 6 occurrences, not with its 4 left neighbours."""
    options = {"order": 5, "smoothing": "modified-kneser-ney", "interpolate_unigrams": False}
    model, found = perplexity(ptb, **options)
    assert found == pytest.approx(142.8862, abs=5e-5) and model.discounts[0, 2] == pytest.approx(1.26227, abs=5e-6)
    tally = smoothing.counts_of_counts

    def without_it(counts, most):
        return tally(counts, most) - np.array([0, 0, 0, 0, 1]) * (len(counts) == 10_000)

    monkeypatch.setattr(smoothing, "counts_of_counts", without_it)
    model, found = perplexity(ptb, **options)
    assert found == pytest.approx(142.8900, abs=5e-5) and model.discounts[0, 2] == pytest.approx(1.26492, abs=5e-6)


@pytest.mark.data
def test_order_1_alone_falls_back_and_notes_it(ptb):
    (train, valid, _), size = ptb
    notes = []
    model = NGram(size, order=1, smoothing="modified-kneser-ney")
    model.fit(train, valid, quiet(notify=lambda event, **facts: notes.append(facts["text"])))
    assert len(notes) == 1 and "order 1 has the discounts 0.517, -0.771" in notes[0]
