"""Posterior probabilities of tags, and Viterbi in spans, against all tag sequences of short rows."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from core.counting.hmm import posterior, viterbi
from core.counting.hmm.posterior import tag_posteriors
from core.counting.hmm.transitions import Lattice, Transitions
from core.counting.hmm.viterbi import best_tags
from core.data.vocab import END, FIRST
from core.types import Float64s, Int32s

TAGS = 3


class Random:
    """Transitions that depend on the last ``order - 1`` symbols, drawn at random."""

    def __init__(self, order: int) -> None:
        self.vocab_size, self.context_size = FIRST + TAGS, order - 1

    def next_log_probs(self, histories: Int32s) -> Float64s:
        rows = []
        for history in histories[:, histories.shape[1] - self.context_size :].tolist():
            starts = [i for i, symbol in enumerate(history) if symbol == END]
            seed = [7, *history[max(starts, default=0) :]]
            rows.append(np.log(np.random.default_rng(seed).dirichlet(np.ones(self.vocab_size))))
        return np.array(rows)


def lattice(lengths: list[int]) -> Lattice:
    """Rows of forms: form ``f`` can have the first ``f + 1`` tags."""
    random = np.random.default_rng(len(lengths))
    forms = random.integers(0, TAGS, sum(lengths))
    offsets = np.cumsum([0, *lengths])
    starts = np.array([0, 1, 3, 6])
    tags = np.array([1, 1, 2, 1, 2, 3])
    return Lattice(forms, offsets, starts, tags, np.log(random.random(len(tags))))


def paths(given: Lattice, model: Any, row: int) -> dict[tuple[int, ...], float]:
    """The log-probability of each tag sequence of a row."""
    forms = given.forms[given.offsets[row] : given.offsets[row + 1]].tolist()
    spans = [range(given.starts[form], given.starts[form + 1]) for form in forms]
    scores = {}
    for places in itertools.product(*spans):
        tags = [int(given.tags[place]) for place in places]
        history, score = [END], 0.0
        for place, tag in zip([*places, -1], [*tags, 0], strict=True):
            before = np.array([[END] * model.context_size + history], dtype=np.int32)
            score += model.next_log_probs(before)[0, tag + FIRST - 1 if tag else END]
            score += given.emissions[place] if tag else 0.0
            history.append(tag + FIRST - 1)
        scores[tuple(tags)] = score
    return scores


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("span", [1, 2, 3, 1024])
def test_marginals_and_best_tags_are_those_of_all_sequences(
    order: int, span: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (viterbi, posterior):
        monkeypatch.setattr(module, "SPAN", span)
    given, model = lattice([5, 0, 1, 6, 3]), Random(order)
    moves = Transitions(model)  # type: ignore[arg-type] # it has all that is needed
    best = best_tags(given, moves)
    tokens, tags, log_probs = tag_posteriors(given, moves)
    found = {(int(t), int(tag)): float(np.exp(p)) for t, tag, p in zip(tokens, tags, log_probs, strict=True)}
    for row in range(len(given.offsets) - 1):
        scores, first = paths(given, model, row), int(given.offsets[row])
        assert tuple(best[first : int(given.offsets[row + 1])].tolist()) == max(scores, key=scores.__getitem__)
        total = np.logaddexp.reduce(list(scores.values()))
        for t, tag in ((t, tag) for t in range(len(next(iter(scores)))) for tag in range(1, TAGS + 1)):
            wanted = sum(np.exp(score - total) for path, score in scores.items() if path[t] == tag)
            assert found.get((first + t, tag), 0.0) == pytest.approx(wanted, abs=1e-12)
