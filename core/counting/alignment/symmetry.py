"""One alignment out of two: grow-diag-final-and (Koehn, Och and Marcu, 2003; Koehn, 2010, section 4.5.3)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np


@numba.njit(cache=True)
def grow_diag_final_and(of_produced: Any, of_given: Any) -> Any:
    """The links in both alignments, grown by neighbours that are in one, then by words that have no link.

    Args:
        of_produced: int (m,), the given word that each produced word comes from, counted from 1; 0 is NULL.
        of_given: int (l,), the same of the other direction.

    Returns:
        bool (m, l), the links.
    """
    produced, given = len(of_produced), len(of_given)
    either = np.zeros((produced, given), dtype=np.bool_)
    links = np.zeros((produced, given), dtype=np.bool_)
    for j in range(produced):
        if of_produced[j] > 0:
            either[j, of_produced[j] - 1] = True
            links[j, of_produced[j] - 1] = of_given[of_produced[j] - 1] == j + 1
    for i in range(given):
        if of_given[i] > 0:
            either[of_given[i] - 1, i] = True
    rows, columns = np.zeros(produced, dtype=np.int64), np.zeros(given, dtype=np.int64)  # links of each word
    for j in range(produced):
        for i in range(given):
            rows[j] += links[j, i]
            columns[i] += links[j, i]
    _grow(links, either, rows, columns)
    for j in range(produced):
        i = of_produced[j] - 1
        if i >= 0 and rows[j] == 0 and columns[i] == 0:
            links[j, i], rows[j], columns[i] = True, 1, 1
    for i in range(given):
        j = of_given[i] - 1
        if j >= 0 and rows[j] == 0 and columns[i] == 0:
            links[j, i], rows[j], columns[i] = True, 1, 1
    return links


@numba.njit(cache=True)
def _grow(links: Any, either: Any, rows: Any, columns: Any) -> None:
    """Add neighbours of links, also diagonal ones, that link a word without a link, until there are no more."""
    grown = True
    while grown:
        grown = False
        for j in range(links.shape[0]):
            for i in range(links.shape[1]):
                if not links[j, i]:
                    continue
                for other_j in range(max(0, j - 1), min(links.shape[0], j + 2)):
                    for other_i in range(max(0, i - 1), min(links.shape[1], i + 2)):
                        free = rows[other_j] == 0 or columns[other_i] == 0
                        if either[other_j, other_i] and not links[other_j, other_i] and free:
                            links[other_j, other_i] = grown = True
                            rows[other_j] += 1
                            columns[other_i] += 1
