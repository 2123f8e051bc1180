"""The ``data.*`` options that every source shares."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Gt, Lt


class DataOptions:
    """The ``data.*`` options that every source shares.

    Args:
        limit: at most so many training rows (a text: the first ones; else a sample that grows with the limit).
        split_seed: decides which rows a missing dev or test split is cut from.
        fraction: the share of the training rows that a missing dev or test split gets.
        lower: whether all words are read in lower case.
        max_length: tokens of a row that are read, at most; what is beyond is left out in every split, and said.
    """

    def __init__(
        self,
        *,
        limit: Annotated[int, Ge(1)] | None = None,
        split_seed: Annotated[int, Ge(0)] = 0,
        fraction: Annotated[float, Gt(0), Lt(1)] = 0.1,
        lower: bool = False,
        max_length: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        self.limit, self.split_seed, self.fraction = limit, split_seed, fraction
        self.lower, self.max_length = lower, max_length
