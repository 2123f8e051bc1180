"""What each encoder of a comparison may spend: ``budget=parameters:1M``, ``time:60s`` or ``trials:20``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import ConfigError

KEY = "budget"
COUNTS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}  # units of parameters, in any case
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}  # units of time
UNITS = {"parameters": COUNTS, "time": SECONDS, "trials": {"": 1}}
MOST = {"parameters": 10**12, "time": 10**12, "trials": 10**4}
PART = re.compile(r"\s*([a-z]+)\s*:\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]?)\s*", re.IGNORECASE)
# codes of notes: the solved sizes; no parameters to solve; what seconds have bought; that machines differ
SIZES, FREE, BOUGHT, MACHINE = "budget.sizes", "budget.free", "training.budget", "budget.machine"
SHAPE = "write parameters:1M, time:60s or trials:20, joined by +, such as parameters:1M+trials:20"


@dataclass(frozen=True)
class Budget:
    """What an encoder may spend; None where there is no limit.

    Args:
        parameters: the number of trained parameters.
        seconds: the seconds of training.
        trials: the number of trials of a search.
    """

    parameters: int | None = None
    seconds: float | None = None
    trials: int | None = None

    def __str__(self) -> str:
        """The text that ``parse_budget`` reads: ``parameters:1M+trials:20``; empty without limits."""
        parts = [] if self.parameters is None else [f"parameters:{count_text(self.parameters)}"]
        parts += [] if self.seconds is None else [f"time:{seconds_text(self.seconds)}"]
        return "+".join(parts + ([] if self.trials is None else [f"trials:{self.trials}"]))

    @property
    def words(self) -> str:
        """The limits, for people: ``1M parameters, 60s of training``; empty without limits."""
        parts = [] if self.parameters is None else [f"{count_text(self.parameters)} parameters"]
        parts += [] if self.seconds is None else [f"{seconds_text(self.seconds)} of training"]
        return ", ".join(parts + ([] if self.trials is None else [f"{self.trials:,} trials"]))

    @property
    def of_run(self) -> str:
        """The limits of one run, as text: all but the number of trials, which says nothing about a trial."""
        return str(Budget(self.parameters, self.seconds))


def parse_budget(text: str | None) -> Budget:
    """Read ``parameters:1M+time:60s``; None is a budget without limits.

    Raises:
        ConfigError: it is not understood.
    """
    if text is None:
        return Budget()
    found: dict[str, Decimal] = {}
    for part in str(text).split("+"):
        match = PART.fullmatch(part)
        name = match[1].lower() if match else ""
        if match is None or match[3].lower() not in UNITS.get(name, {}):
            raise ConfigError(f"'{part.strip()}' is not a budget", where=KEY, remedy=SHAPE)
        if name in found:
            raise ConfigError(f"'{text}' limits {name} twice", where=KEY, remedy="give one limit of each kind")
        found[name] = Decimal(match[2]) * UNITS[name][match[3].lower()]
        is_whole = name == "time" or found[name] == int(found[name])
        if not (0 < found[name] <= MOST[name] and is_whole):
            what = f"'{part.strip()}' is not a {'positive' if is_whole else 'whole'} number up to {MOST[name]:,}"
            raise ConfigError(what, where=KEY, remedy=SHAPE)
    numbers = {name: int(value) for name, value in found.items() if name != "time"}
    return Budget(seconds=float(found["time"]) if "time" in found else None, **numbers)


class AsBudget:
    """In an annotation: the option is read by ``budget_text``; pydantic's own way would import pydantic here."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """See pydantic, "Customizing validation with __get_pydantic_core_schema__"."""
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(budget_text, handler(source))


def budget_text(value: Any) -> str | None:
    """The canonical text of a budget, of which there is one per meaning; None for none.

    Args:
        value: text, or a list of texts.

    Raises:
        ConfigError: it is not understood.
    """
    if value is None or isinstance(value, Budget):
        return None if value is None else str(value) or None
    return str(parse_budget("+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)))


def count_text(count: int) -> str:
    """A number of parameters, exactly: 1500000 -> 1.5M, 1234567 -> 1234567."""
    for unit in ("g", "m", "k"):
        if count >= COUNTS[unit] and count * 100 % COUNTS[unit] == 0:
            return f"{Decimal(count) / COUNTS[unit]:f}{unit.upper() if unit != 'k' else unit}"
    return str(count)


def seconds_text(seconds: float) -> str:
    """Seconds in the largest unit that is exact: 300 -> 5m, 60 -> 60s, 2.5 -> 2.5s."""
    for unit, least in (("h", 3600), ("m", 120)):
        if seconds >= least and seconds % SECONDS[unit] == 0:
            return f"{seconds / SECONDS[unit]:.0f}{unit}"
    return f"{Decimal(repr(seconds)):f}".removesuffix(".0") + "s"
