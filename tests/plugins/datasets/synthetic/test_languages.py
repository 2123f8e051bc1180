"""``data=toy-languages``."""

from __future__ import annotations

import numpy as np
import pytest

from core.testing import check_dataset
from plugins.datasets.synthetic.languages import LANGUAGES, ToyLanguages, chains, draw, log_prob


def test_it_keeps_the_contract() -> None:
    check_dataset("toy-languages", rows=60)


def test_letter_pairs_are_probabilities_and_texts_are_scored_by_them() -> None:
    for chain in chains().values():
        assert np.allclose(chain.move.sum(axis=1), 1) and chain.move[-1, -1] == 0  # never two spaces
    chain = chains()["aldan"]
    a, b = chain.letters[0], chain.letters[1]
    expected = np.log(chain.start[0] * chain.move[0, 1] * chain.move[1, -1])
    assert log_prob(f"{a}{b} ", chain) == pytest.approx(expected)
    assert log_prob("ж", chain) == -np.inf


def test_relatives_can_be_confused_and_others_cannot() -> None:
    source = ToyLanguages(rows=1000)
    _, labels = draw(source.count("test"), "test", source)
    answers = source.oracle("row", "test", "both")["label"]
    wrong = [(a, b) for a, b in zip(labels, answers, strict=True) if a != b]
    assert 0 < len(wrong) < 0.1 * len(labels)
    letters = {name: own for name, (own, _) in LANGUAGES.items()}
    assert all(letters[a] == letters[b] for a, b in wrong)
