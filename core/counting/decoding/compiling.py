"""Compiles what learning a channel and searching need, before anything is timed."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.channel import Settings, learn_channel
from core.counting.base import CountModel
from core.counting.decoding.beam import Decoder
from core.counting.decoding.output import outputs
from core.data.corpus import Ragged
from core.data.vocab import END, FIRST
from core.types import Float64s


class _Uniform(CountModel):
    """A language model to which all words are equally likely."""

    context_size = 1

    def log_probs(self, rows: Ragged) -> Float64s:
        return np.zeros(len(rows.values))


@cache
def compile_kernels() -> None:
    """Translate one word: the first call in a process compiles the kernels, or reads them from numba's cache."""
    row = Ragged(np.array([FIRST, END], dtype=np.int32), np.array([0, 2]))
    table = learn_channel(Bitext(row, row, (FIRST + 1, FIRST + 1)), Settings(1, 1, 0.0, 1, 1, 1.0, 1))
    outputs(Decoder(table, _Uniform(FIRST + 1)).translate(row), table)
