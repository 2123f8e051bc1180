"""A training resumes where an earlier process of the same run saved its state."""

from __future__ import annotations

from core.errors import StoreError
from core.neural.trainer import Trainer


def restore_training(trainer: Trainer) -> None:
    """Put a new trainer into the state of the newest checkpoint, if there is one.

    Raises:
        StoreError: it does not fit this network.
    """
    if (state := trainer.checkpoints.restore()) is None:
        return
    try:
        trainer.load_state_dict(state)
    except (RuntimeError, KeyError, ValueError, TypeError) as error:
        what = f"the checkpoint does not fit this model ({str(error).splitlines()[0]})"
        raise StoreError(what, where="train", remedy="start over with fresh=true") from error
