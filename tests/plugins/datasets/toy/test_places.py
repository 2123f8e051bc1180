"""The true word at each place against the enumeration of all hidden states, for a tiny language."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from plugins.datasets.toy import Toy, places
from plugins.datasets.toy.hmm import Language, Sample
from plugins.datasets.toy.places import word_truth

CLASSES, STATES, WORDS = 2, 3, 4


def tiny() -> Language:
    random = np.random.default_rng(4)

    def table(*shape: int) -> np.ndarray:
        values = random.random(shape)
        return values / values.sum(-1, keepdims=True)

    words, states = tuple(f"w{i}" for i in range(WORDS)), tuple(range(STATES))
    tags, classes = ("A",), ("x", "y")
    parts = table(CLASSES), table(STATES), table(STATES, STATES + 1), table(CLASSES, STATES, WORDS)
    return Language(words, tags, classes, states, np.zeros(STATES, np.int32), *parts)  # type: ignore[arg-type]


def row_probability(model: Language, row: list[int], end: bool) -> float:
    """P(row), and that it ends, summed over all classes and paths of states."""
    total = 0.0
    for c in range(CLASSES):
        for path in product(range(STATES), repeat=len(row)):
            p = model.prior[c] * model.start[path[0]] * model.emit[c, path[0], row[0]]
            for before, state, word in zip(path, path[1:], row[1:], strict=False):
                p *= model.move[before, state] * model.emit[c, state, word]
            total += p * (model.move[path[-1], -1] if end else 1)
    return total


@pytest.mark.parametrize("ahead", [False, True])
def test_the_truth_is_that_of_all_paths(ahead: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "CHUNK", 2)
    model, rows = tiny(), [[0, 3, 1], [2], [1, 1, 0, 2]]
    offsets = np.cumsum([0, *map(len, rows)])
    flat = np.array(sum(rows, []), dtype=np.int32)
    found = word_truth(model, Sample(offsets, flat, flat * 0, np.zeros(3, np.int32)), ahead=ahead)
    event = 0
    for row in rows:
        for at, right in enumerate(row):
            seen = row if ahead else row[: at + 1]
            weights = [row_probability(model, [*seen[:at], w, *seen[at + 1 :]], ahead) for w in range(WORDS)]
            expected = np.array(weights) / sum(weights)
            assert np.exp(found["log_prob"][event]) == pytest.approx(expected[right])
            assert found["best"][event] == expected.argmax()
            assert found["above"][event] == (expected > expected[right]).sum() and found["ties"][event] == 1
            event += 1


def test_the_toy_knows_more_from_both_sides() -> None:
    left, both = (Toy().oracle("word", "dev", sees) for sees in ("left", "both"))
    assert left and both and len(both["word"]) == len(both["log_prob"])
    perplexities = [np.exp(-truth["log_prob"].mean()) for truth in (left, both)]
    assert 27 < perplexities[0] < 30 and 10 < perplexities[1] < 11
    right = [(truth["above"] == 0).mean() for truth in (left, both)]
    assert right[1] > right[0] + 0.05
