"""IBM model 1: each produced word comes from one given word or from NULL, all places being equally likely.

P(f | e) = product over j of 1 / (l + 1) * sum over i of t(f_j | e_i), i = 0 being NULL (Brown et al., 1993; Koehn,
2010, section 4.2).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.lexicon import NULL, Lexicon, normalise, place_of
from core.types import Float64s


def train_model1(bitext: Bitext, lexicon: Lexicon, iterations: int, smoothing: float = 0.0) -> Lexicon:
    """Some iterations of EM; without smoothing the likelihood never falls.

    Args:
        bitext: rows with at least one word each.
        lexicon: where it starts, such as ``cooccurring``.
        iterations: of EM.
        smoothing: what is added to the expected count of each pair, against rare words that attract too many
            others (Moore, 2004).
    """
    probs = lexicon.probs.copy()
    for _ in range(iterations):
        counts = np.zeros(len(probs))
        _expect(*bitext.arrays(), lexicon.starts, lexicon.words, probs, counts)
        normalise(lexicon.starts, counts, smoothing, probs)
    return Lexicon(lexicon.starts, lexicon.words, probs)


def log_likelihoods(bitext: Bitext, lexicon: Lexicon) -> Float64s:
    """The natural logarithm of P(produced | given) of each row, without the factor of its length: float64 (R,)."""
    counts = np.zeros(len(lexicon.probs))
    return np.asarray(_expect(*bitext.arrays(), lexicon.starts, lexicon.words, lexicon.probs, counts))


@numba.njit(cache=True)
def _expect(
    given: Any, given_at: Any, produced: Any, produced_at: Any, starts: Any, words: Any, probs: Any, counts: Any
) -> Any:
    """The E step: adds the expected count of each pair, and returns the log-likelihood of each row."""
    result = np.zeros(len(given_at) - 1)
    for row in range(len(given_at) - 1):
        first, size = given_at[row], given_at[row + 1] - 1 - given_at[row]
        places = np.empty(size + 1, dtype=np.int64)
        for j in range(produced_at[row], produced_at[row + 1] - 1):
            total = 0.0
            for i in range(size + 1):
                word = NULL if i == 0 else given[first + i - 1]
                places[i] = place_of(word, produced[j], starts, words)
                if places[i] >= 0:
                    total += probs[places[i]]
            result[row] += np.log(total / (size + 1)) if total > 0 else -np.inf
            for i in range(size + 1):
                if places[i] >= 0 and total > 0:
                    counts[places[i]] += probs[places[i]] / total
    return result
