"""The checks of the counting family's contract catch the models that break it, and say what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.counting.base import CountModel
from core.data.vocab import END
from core.testing.counting import check_count_model
from core.types import Arrays


class Pairs(CountModel):
    """Pairs of symbols with one added to each count; breaks one rule, by name.

    Args:
        fault: the rule.
    """

    def __init__(self, vocab_size: int, *, fault: str = "") -> None:
        super().__init__(vocab_size)
        self.fault, self.context_size = fault, 0 if fault == "context" else 1

    def fit(self, rows: Any, dev: Any, context: Any) -> None:
        """Count."""
        counts = np.ones((self.vocab_size, self.vocab_size))
        np.add.at(counts, (self.before(rows), rows.values), 1)
        if self.fault == "draws":
            counts += np.random.default_rng(context.runtime.seed).random(counts.shape)
        self.table = np.log(counts / counts.sum(1, keepdims=True))  # (V, V)

    def before(self, rows: Any) -> Any:
        """The symbol before each one."""
        moved = np.concatenate([[END], rows.values[:-1]])
        return np.roll(rows.values, 2) if self.fault == "leaves" else moved

    def log_probs(self, rows: Any) -> Any:
        """One a symbol."""
        found = self.table[self.before(rows), rows.values]
        return found[rows.inner] if self.fault == "ends" else found

    def next_log_probs(self, histories: Any) -> Any:
        """The last symbol counts."""
        if self.fault == "aligned":
            return self.table[histories[:, 0]]
        found = self.table[histories[:, -1]]
        if self.fault != "before":
            return found
        tilted = found + 0.1 * (histories[:, :1] > END) * np.arange(self.vocab_size)
        return tilted - np.log(np.exp(tilted).sum(1, keepdims=True))

    def arrays(self) -> Arrays:
        """The table."""
        return {"table": self.table}

    def restore(self, arrays: Arrays) -> None:
        """The table."""
        self.table = arrays["table"]


MESSAGES = {
    "ends": "log_probs: one number per token, END included",
    "aligned": r"next_log_probs: after \[0, \d.*\] symbol \d has .* a history is aligned on the right and its row",
    "before": "next_log_probs: symbols before the last END of a history change a probability",
    "context": "context_size: it is 0, but a symbol further back changes a probability",
    "draws": "fit: another seed gives another model",
    "leaves": "next_log_probs: after ",
}


def test_a_correct_count_model_passes() -> None:
    check_count_model(Pairs, {})


@pytest.mark.parametrize("fault", MESSAGES)
def test_a_count_model_that_breaks_a_rule_is_caught(fault: str) -> None:
    with pytest.raises(AssertionError, match=f"^{MESSAGES[fault]}"):
        check_count_model(Pairs, {"fault": fault})
