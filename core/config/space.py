"""What the annotation of an option says for budgets and searches: ``Annotated[int, Size(), Search(50, 500)]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.config.overrides import render


@dataclass(frozen=True)
class Size:
    """Marks an option that scales the number of parameters, such as ``hidden_size``; a budget may solve it."""


@dataclass(frozen=True)
class Search:
    """The values of an option that a search tries.

    Args:
        low: the smallest value; None where ``choices`` are given.
        high: the largest value, included.
        log: whether values are spread evenly over the logarithm.
        choices: the values of an option without order, instead of a range.
        when: another option of the same constructor and its values with which this one is searched, as in
            ``("num_layers", (2,))``; with any other value this one keeps its default. None: always.
        relative: whether ``low`` and ``high`` are factors of the default, which tasks and encoders set.
    """

    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[object, ...] = ()
    when: tuple[str, tuple[object, ...]] | None = None
    relative: bool = False

    def __post_init__(self) -> None:
        is_range = self.low is not None and self.high is not None and self.low < self.high
        if is_range == bool(self.choices) or ((self.log or self.relative) and not (self.low or 0) > 0):
            what = (
                "Search takes a range (LOW < HIGH, LOW > 0 where log=True or relative=True) or choices=(A, B, ...)"
            )
            raise ValueError(what)

    @property
    def values(self) -> tuple[object, ...]:
        """The ends of the range, or all choices."""
        return self.choices or (self.low, self.high)

    @property
    def text(self) -> str:
        """What is tried, in short: ``32 to 512, log``; ``if`` names the option and the values it depends on."""
        if self.choices:
            text = "|".join(map(render, self.choices))
        else:
            times = " x default" if self.relative else ""
            text = f"{self.low:g} to {self.high:g}{times}{', log' if self.log else ''}"
        return text if self.when is None else f"{text}, if {self.when[0]}={'|'.join(map(render, self.when[1]))}"


def search_of(annotation: Any) -> Search | None:
    """What a resolved annotation says about a search; None where the option is not searched."""
    return next((meta for meta in getattr(annotation, "__metadata__", ()) if isinstance(meta, Search)), None)


def is_size(annotation: Any) -> bool:
    """Whether a resolved annotation marks an option that scales the number of parameters."""
    return any(isinstance(meta, Size) for meta in getattr(annotation, "__metadata__", ()))
