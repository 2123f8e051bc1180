"""Transitions between states: tabulated once, within a limit, with the same rows whatever was asked before."""

from __future__ import annotations

import numpy as np
import pytest

from core.counting.hmm import transitions
from core.counting.hmm.transitions import Lattice, Transitions
from core.data.vocab import FIRST
from core.errors import ConfigError
from core.types import Float64s, Int32s

TAGS = 4


class Counted:
    """Transitions that are a function of the history, and the number of histories that were asked for."""

    vocab_size, context_size = FIRST + TAGS, 2

    def __init__(self) -> None:
        self.asked = 0

    def next_log_probs(self, histories: Int32s) -> Float64s:
        self.asked += len(histories)
        return np.sin(histories @ np.array([7.0, 3.0]))[:, None] * np.arange(1, self.vocab_size + 1)


def lattice(forms: list[int]) -> Lattice:
    """One row; form ``f`` can only have tag ``f + 1``."""
    states = np.arange(TAGS)
    return Lattice(
        np.array(forms, dtype=np.int64), np.array([0, len(forms)]), np.arange(TAGS + 1), states + 1, np.zeros(TAGS)
    )


@pytest.mark.parametrize("limit", [1 << 22, 20, 1])
def test_a_state_is_tabulated_once_within_the_limit(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "KEPT", limit)
    model = Counted()
    moves = Transitions(model)  # type: ignore[arg-type] # it has all that is needed
    for forms in ([0, 1], [2, 3, 2], [0, 1], [], [3, 3, 3, 0, 1]):
        table, fresh = moves.table(lattice(forms)), Transitions(Counted()).table(lattice(forms))  # type: ignore[arg-type] # a stub
        reached = np.flatnonzero(fresh.index >= 0)
        assert (table.log_probs[table.index[reached]] == fresh.log_probs[fresh.index[reached]]).all()
        assert moves.kept is None or moves.kept.log_probs.size <= limit
    if limit > 1000:
        assert moves.kept is not None and model.asked == len(moves.kept.log_probs)


def test_a_context_that_is_too_long_is_refused() -> None:
    model = Counted()
    model.context_size = 40
    with pytest.raises(ConfigError, match="make too many states"):
        Transitions(model).table(lattice([0]))  # type: ignore[arg-type] # it has all that is needed
