"""What the annotation of an option says for budgets and searches: ``Annotated[int, Size(), Search(50, 500)]``."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        is_range = self.low is not None and self.high is not None and self.low < self.high
        if is_range == bool(self.choices) or (self.log and not (self.low or 0) > 0):
            raise ValueError("Search takes a range (LOW < HIGH, LOW > 0 where log=True) or choices=(A, B, ...)")
