"""Viterbi compiled ahead of time, so that no run's clock counts the compiler."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from core.counting.hmm.viterbi import Lattice, best_tags
from core.data.vocab import FIRST


class _Flat:
    """A transition model in which everything is as likely as everything else."""

    vocab_size, context_size = FIRST + 1, 1

    def next_log_probs(self, histories: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        return np.zeros((len(histories), self.vocab_size))


@cache
def compile_kernels() -> None:
    """Tag one token: the first time in a process this compiles the kernels, or reads them from numba's cache."""
    none, bounds = np.zeros(1, dtype=np.int64), np.arange(2)
    lattice = Lattice(none, bounds, bounds, np.ones(1, dtype=np.int64), np.zeros(1))
    best_tags(lattice, _Flat())  # type: ignore[arg-type] # it has all that Viterbi asks of a model
