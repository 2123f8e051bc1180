"""How long a training is: what ``auto`` means for the batch size, the epochs and the patience."""

from __future__ import annotations

from core.neural.trainer_state import Progress
from core.types import Int64s

BATCH_SIZES = ((1_000, 16), (50_000, 32), (200_000, 64))  # with fewer rows than this -> rows per batch
LARGEST_BATCH_SIZE = 128
TOKENS, LEAST_BATCH_SIZE = 8_192, 8  # the mean number of tokens per batch, at most; but no fewer rows
PATIENCE, LEAST_PATIENCE = 2, 6  # one of so many epochs (the rate falls to 0 at the end), and the least number


def batch_size_for(lengths: Int64s) -> int:
    """The batch size for training rows with so many tokens each: int64 (R,)."""
    size = next((size for below, size in BATCH_SIZES if len(lengths) < below), LARGEST_BATCH_SIZE)
    tokens = float(lengths.mean()) if len(lengths) else 0.0
    return min(size, max(LEAST_BATCH_SIZE, int(TOKENS / max(1.0, tokens))))


def epochs_for(steps: int, steps_per_epoch: int, least: int, most: int) -> int:
    """The number of epochs that takes at least ``steps`` steps, but not below ``least`` or above ``most``."""
    return min(most, max(least, -(-steps // max(1, steps_per_epoch))))


def patience_for(epochs: int) -> int:
    """The patience for a number of epochs: half of them, rounded up, and at least 6."""
    return max(LEAST_PATIENCE, -(-epochs // PATIENCE))


class Length:
    """How long a training is; ``batches``: the steps of this epoch."""

    def start(self, progress: Progress) -> None:
        """Training begins or resumes."""

    def step_ended(self, progress: Progress) -> None:
        """A step of the optimiser is complete."""

    def evaluated(self, progress: Progress) -> None:
        """An evaluation of dev, which began right after a step, is complete."""

    def is_over(self, progress: Progress) -> bool:
        """Whether no further step is taken; in the middle of an epoch dev is still evaluated."""
        raise NotImplementedError

    def fraction(self, progress: Progress, batches: int) -> float:
        """Which part of the training is behind it, from 0 to 1; schedules follow it."""
        raise NotImplementedError

    def expected(self, progress: Progress, batches: int) -> tuple[int, int]:
        """The number of all steps and of all epochs, where they are not known an estimate."""
        raise NotImplementedError

    def place(self, progress: Progress) -> dict[str, int]:
        """Where the training is, for people."""
        raise NotImplementedError

    def bought(self, progress: Progress) -> dict[str, float]:
        """The steps and epochs that a budget has bought; empty without one."""
        return {}


class Epochs(Length):
    """A given number of passes over the training split.

    Args:
        number: of passes.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    def is_over(self, progress: Progress) -> bool:
        """See ``Length.is_over``."""
        return progress.epoch >= self.number

    def fraction(self, progress: Progress, batches: int) -> float:
        """See ``Length.fraction``."""
        return (progress.epoch + progress.batch / batches) / self.number

    def expected(self, progress: Progress, batches: int) -> tuple[int, int]:
        """See ``Length.expected``."""
        return batches * self.number, self.number

    def place(self, progress: Progress) -> dict[str, int]:
        """See ``Length.place``."""
        return {"epoch": min(progress.epoch + 1, self.number), "epochs": self.number, "step": progress.step}
