"""``data=toy-labels``."""

from __future__ import annotations

import numpy as np

from core.testing import check_dataset
from plugins.datasets.synthetic.label_sets import LABELS, NOISE, ToyLabels, draw, lexicon


def test_it_keeps_the_contract() -> None:
    check_dataset("toy-labels", rows=100)


def test_the_words_decide_the_truth_and_the_data_differs_from_it_by_noise() -> None:
    source = ToyLabels(rows=2000)
    rows, (own, _) = draw(source.count("train"), "train", source), lexicon()
    of_word = {word: label for label, names in enumerate(own) for word in names}
    for tokens, truth in zip(rows.tokens[:200], rows.truth, strict=False):
        said = [of_word[b] for a, b in zip(["", *tokens], tokens, strict=False) if b in of_word and a != "no"]
        assert sorted(set(said)) == np.flatnonzero(truth).tolist()
    assert abs(np.mean(rows.truth != rows.labels) - NOISE) < 0.005
    assert (~rows.labels.any(axis=1)).any()  # some sets are empty
    answers = source.oracle("set", "train", "both")["label"]
    assert answers[0] == [LABELS[i] for i in np.flatnonzero(rows.truth[0])]
