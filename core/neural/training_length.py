"""How long a training is: what ``auto`` means for the batch size, the epochs and the patience."""

from __future__ import annotations

from core.errors import ConfigError

BATCH_SIZES = ((1_000, 16), (50_000, 32), (200_000, 64))  # with fewer rows than this -> rows per batch
LARGEST_BATCH_SIZE = 128
PATIENCE, LEAST_PATIENCE = 4, 3  # one of so many epochs, and the least number of them


def batch_size_for(rows: int) -> int:
    """The batch size for a number of training rows."""
    return next((size for below, size in BATCH_SIZES if rows < below), LARGEST_BATCH_SIZE)


def epochs_for(steps: int, steps_per_epoch: int, least: int, most: int) -> int:
    """The number of epochs that takes at least ``steps`` steps, but not below ``least`` or above ``most``.

    Raises:
        ConfigError: ``least`` is above ``most``.
    """
    if least > most:
        what, remedy = f"{least} is above train.max_epochs={most}", "lower one or raise the other"
        raise ConfigError(what, where="train.min_epochs", remedy=remedy)
    return min(most, max(least, -(-steps // max(1, steps_per_epoch))))


def patience_for(epochs: int) -> int:
    """The patience for a number of epochs: a quarter of them, rounded up, and at least 3."""
    return max(LEAST_PATIENCE, -(-epochs // PATIENCE))
