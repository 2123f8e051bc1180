"""The ``data.*`` options that every source shares."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Gt, Lt


class DataOptions:
    """The ``data.*`` options that every source shares.

    Args:
        limit: maximum number of training rows: the first rows of a running text, else a random sample; a larger
            limit adds rows to the sample.
        split_seed: seed of the random samples: the rows of limit, and of a missing dev or test split. Running text
            is never sampled: a missing split is its end. Several values are one more level of variance, beside
            the seeds.
        resplit: whether the splits of the data are joined and cut again at random by split_seed, each with as
            many rows as it had.
        fraction: share of the training rows that becomes a missing dev or test split.
        lower: whether all words are converted to lower case.
        max_length: maximum number of tokens per row; the rest of a longer row is dropped, in every split.
    """

    def __init__(
        self,
        *,
        limit: Annotated[int, Ge(1)] | None = None,
        split_seed: Annotated[int, Ge(0)] = 0,
        resplit: bool = False,
        fraction: Annotated[float, Gt(0), Lt(1)] = 0.1,
        lower: bool = False,
        max_length: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        self.limit, self.split_seed, self.resplit, self.fraction = limit, split_seed, resplit, fraction
        self.lower, self.max_length = lower, max_length
