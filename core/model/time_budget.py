"""The seconds of training that a run may spend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core import processes


@dataclass(frozen=True)
class TimeBudget:
    """The seconds of training that a run may spend, and those that it has spent.

    They are those of ``Model.fit``, which the record has as ``train_seconds``: training steps, the evaluations of
    dev and what the embeddings learn before. Reading, compiling, the final predictions and saving do not count.
    Those of earlier processes of a resumed run count, up to the checkpoint that it resumes from.

    Args:
        seconds: the budget.
        spent: returns the seconds spent so far.
        resumed: whether some of them were spent by an earlier process.
    """

    seconds: float
    spent: Callable[[], float]
    resumed: bool = False

    @property
    def may_reuse(self) -> bool:
        """Whether a part may take what an earlier training has stored: else other runs would pay for this one."""
        return self.resumed or processes.rank() > 0
