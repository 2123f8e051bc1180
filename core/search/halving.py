"""Successive halving (Jamieson and Talwalkar, 2016): many short trials, and the best of them longer."""

from __future__ import annotations

import math

from core.search.points import DEFAULT
from core.search.study import Study, Trial, Tried

FACTOR = 3  # of a rung, a third goes on, with three times the training
LENGTHS = (1 / 9, 1 / 3, 1.0)


class HalvingStudy(Study):
    """Rungs of a ninth, a third and all of the training; the best third of a rung goes on, and the default always.

    A rung is trained from the start, not from the checkpoint of the one below, since schedules follow the length.
    A rung waits for all of its trials, so the order in which they finish does not matter.
    """

    def ask(self) -> list[Trial]:
        """See ``Study``."""
        if not self.is_halved or not self.space:
            return super().ask()
        done = len({tried.trial.length for tried in self.tried})
        if done == len(LENGTHS):
            return []
        numbers = self.promoted(LENGTHS[done - 1]) if done else list(range(self.size))
        drawn = map(self.draw, numbers)
        return [Trial(trial.number, trial.options, LENGTHS[done]) for trial in drawn]

    def promoted(self, length: float) -> list[int]:
        """The numbers of the trials of a rung that go on: the best third, of equal ones the first, and trial 0."""
        rung = [tried for tried in self.tried if tried.trial.length == length]
        ranked = sorted(rung, key=self._rank)
        chosen = {
            tried.trial.number for tried in ranked[: math.ceil(len(rung) / FACTOR)] if math.isfinite(tried.score)
        }
        return sorted(chosen | {DEFAULT})

    def _rank(self, tried: Tried) -> tuple[bool, float, int]:
        sign = 1 if self.minimize else -1
        score = tried.score if math.isfinite(tried.score) else 0.0
        return not math.isfinite(tried.score), sign * score, tried.trial.number
