"""The options of a run that a search tries, and the value that a number between 0 and 1 stands for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from core.config.changed import values_of
from core.config.run_config import RunConfig
from core.config.schema import Schema
from core.config.searched import searched_options
from core.config.space import Search, search_of

DIGITS = 3  # significant digits of a drawn number, so that it can be read and typed


@dataclass(frozen=True)
class Dimension:
    """One option of a space.

    Args:
        key: its full key.
        choices: its values; empty for a range.
        low: the smallest value of a range.
        high: the largest value.
        log: whether the logarithm is drawn evenly.
        is_whole: whether the values are integers.
        when: a key and its values with which this option is searched; None: always.
    """

    key: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    is_whole: bool = False
    when: tuple[str, tuple[Any, ...]] | None = None

    def value(self, unit: float) -> Any:
        """The value that a number in [0, 1) stands for; even numbers give even values, or logarithms of values."""
        if self.choices:
            return self.choices[int(unit * len(self.choices))]
        margin = 0.5 if self.is_whole else 0.0  # each integer has the same share: that of the numbers around it
        low, high = self.low - margin, self.high + margin
        drawn = low * (high / low) ** unit if self.log else low + unit * (high - low)
        if self.is_whole:
            return min(max(math.floor(drawn + 0.5), int(self.low)), int(self.high))
        return self.rounded(drawn)

    def rounded(self, drawn: float) -> float:
        """A drawn number with few digits, within the range."""
        return min(max(float(f"{drawn:.{DIGITS}g}"), self.low), self.high)

    @property
    def text(self) -> str:
        """The values in short: ``32 to 512, logarithmic``."""
        if self.choices:
            return ", ".join(map(str, self.choices))
        return f"{self.low:g} to {self.high:g}" + (", logarithmic" if self.log else "")


Space = tuple[Dimension, ...]


def space_of(config: RunConfig) -> Space:
    """The options of a run that are searched, in the order of its keys."""
    return dimensions(searched_options(config), values_of(config))


def dimensions(options: Schema, defaults: Mapping[str, Any]) -> Space:
    """The dimensions of the options that declare a ``Search``.

    Args:
        options: key -> option.
        defaults: key -> value, which a ``relative`` range is a multiple of.
    """
    found = (
        _dimension(key, search, option.annotation, defaults[key])
        for key, option in options.items()
        if (search := search_of(option.annotation)) is not None
    )
    return tuple(dimension for dimension in found if dimension is not None)


def _dimension(key: str, search: Search, annotation: Any, default: Any) -> Dimension | None:
    """The dimension of an option; None where its range is relative to a default that is not a number."""
    section = key.rpartition(".")[0]
    when = search.when and (f"{section}.{search.when[0]}".lstrip("."), search.when[1])
    if search.choices:
        return Dimension(key, choices=search.choices, when=when)
    factor = default if search.relative else 1
    if not isinstance(factor, int | float):
        return None
    low, high = float(search.low or 0) * factor, float(search.high or 0) * factor
    return Dimension(key, low=low, high=high, log=search.log, is_whole=_is_whole(annotation), when=when)


def _is_whole(annotation: Any) -> bool:
    """Whether the numbers that an annotation allows are integers."""
    numbers = set(_types(annotation))
    return int in numbers and float not in numbers


def _types(annotation: Any) -> list[Any]:
    arguments = () if get_origin(annotation) is Literal else get_args(annotation)
    return [annotation, *(found for argument in arguments for found in _types(argument))]
