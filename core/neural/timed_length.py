"""A training that lasts for a number of seconds, whatever number of steps they buy."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.model.time_budget import TimeBudget
from core.neural.trainer_state import Progress
from core.neural.training_length import Epochs, Length, patience_for


class Seconds(Length):
    """A budget of seconds, of which the last evaluation of dev is kept in reserve.

    Dev is evaluated after each epoch, and when the budget is over. What the last evaluation and the last step took
    is kept in reserve; before the first evaluation, half of what steps on the tokens of dev would take at the best
    speed so far, which is more than prediction takes. Where it was too large, the next epoch begins. At least one
    step is taken. The seconds that an embedding has trained before belong to the budget, but schedules begin with
    the first step.

    Args:
        seconds: the budget.
        spent: returns the seconds spent so far, the same in all processes.
        dev_tokens: the number of tokens of dev.
    """

    def __init__(self, seconds: float, spent: Callable[[], float], dev_tokens: int) -> None:
        self.seconds, self.spent, self.dev_tokens = seconds, spent, dev_tokens
        self.now = self.step = 0.0  # seconds spent at the end of the last step, and those of this step
        self.tokens = 0  # read up to the end of the last step
        self.pace = math.inf  # the fewest seconds per token of a step

    def start(self, progress: Progress) -> None:
        """See ``Length.start``."""
        self.now, self.tokens = self.spent(), 0
        if not progress.step:
            progress.began = self.now

    def step_ended(self, progress: Progress) -> None:
        """See ``Length.step_ended``."""
        before, self.now = self.now, self.spent()
        self.step, tokens = self.now - before, progress.tokens - self.tokens
        if self.tokens and tokens:  # the first step of a process is slower than the others
            self.pace = min(self.pace, self.step / tokens)
        self.tokens = progress.tokens

    def evaluated(self, progress: Progress) -> None:
        """See ``Length.evaluated``."""
        before, self.now = self.now, self.spent()
        progress.evaluation = self.now - before

    def is_over(self, progress: Progress) -> bool:
        """See ``Length.is_over``."""
        begun = progress.step > 0 or progress.epoch > 0
        return begun and self.now + self.step + self._reserve(progress) >= self.seconds

    def fraction(self, progress: Progress, batches: int) -> float:
        """See ``Length.fraction``."""
        if not progress.step:
            return 0.0
        whole = self.seconds - self._reserve(progress) - progress.began
        return min(1.0, (self.now - progress.began) / whole) if whole > 0 else 1.0

    def expected(self, progress: Progress, batches: int) -> tuple[int, int]:
        """See ``Length.expected``."""
        fraction = self.fraction(progress, batches)
        steps = round(progress.step / fraction) if fraction else progress.step
        return steps, max(progress.epoch + 1, math.ceil(steps / batches))

    def place(self, progress: Progress) -> dict[str, int]:
        """See ``Length.place``."""
        return {"epoch": progress.epoch + 1, "step": progress.step}

    def bought(self, progress: Progress) -> dict[str, float]:
        """See ``Length.bought``."""
        return {"steps": progress.step, "epochs": round(progress.passes, 2)}

    def _reserve(self, progress: Progress) -> float:
        """The seconds that are kept for the last evaluation of dev."""
        if progress.evaluation is not None:
            return progress.evaluation
        return self.pace * self.dev_tokens / 2 if math.isfinite(self.pace) else 0.0


def length_of(
    epochs: int, time: TimeBudget | None, spent: Callable[[], float], dev_tokens: int
) -> tuple[Length, dict[str, int | None]]:
    """How long a training is: by its budget of seconds if it has one, else by a number of epochs.

    Args:
        epochs: the number of epochs.
        time: the budget.
        spent, dev_tokens: see ``Seconds``.

    Returns:
        The length, and what follows from it for the options ``epochs`` and ``patience``.
    """
    if time is None:
        return Epochs(epochs), {"epochs": epochs, "patience": patience_for(epochs)}
    return Seconds(time.seconds, spent, dev_tokens), {"patience": None}
