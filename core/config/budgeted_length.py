"""A budget of seconds and the options that say how long a training is, of which one counts."""

from __future__ import annotations

from typing import Any

from core.config.budget import KEY, parse_budget
from core.config.selection import ARGUMENT, Settings
from core.errors import ConfigError

EPOCHS = "train.epochs"
OF_AUTO = ("train.steps", "train.min_epochs", "train.max_epochs")  # what ``train.epochs=auto`` aims at
TWICE = "budget.length"  # the code of the error that both are given


def settle_length(values: dict[str, Any], settings: Settings) -> None:
    """With a budget of seconds, set ``train.epochs`` to auto, in place, unless the user decides both.

    Args:
        values: full key -> checked value.
        settings: what the user gives. A budget replaces what a preset or file below its own level says; a saved
            config has all options, so in a file only a number of epochs contradicts it.

    Raises:
        ConfigError: the user gives both, or the length of training over the budget.
    """
    if EPOCHS not in values or parse_budget(values[KEY]).seconds is None:
        return
    level = settings[KEY].level
    given = [EPOCHS] if values[EPOCHS] != "auto" and _level(settings, EPOCHS) == level else []
    given += [key for key in (EPOCHS, *OF_AUTO) if _level(settings, key) > level]
    given += [key for key in OF_AUTO if _level(settings, key) == level == ARGUMENT]
    for key in given:
        what = f"the length of training is given twice, here and by {KEY}={values[KEY]}"
        raise ConfigError(what, where=settings[key].where, remedy=f"leave one out, or set {KEY}=none", code=TWICE)
    values[EPOCHS] = "auto"


def _level(settings: Settings, key: str) -> int:
    return settings[key].level if key in settings else -1
