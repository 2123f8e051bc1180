"""Whether a difference between two runs is larger than chance explains."""

from __future__ import annotations


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value of McNemar's test (1947): a sign test on the events that only one run has right.

    The test treats events as independent, which the tokens of one sentence are only approximately.

    Args:
        only_first: events that only the first run has right.
        only_second: events that only the second run has right.
    """
    from scipy.stats import binomtest

    n = int(only_first) + int(only_second)
    return float(binomtest(int(only_first), n).pvalue) if n else 1.0
