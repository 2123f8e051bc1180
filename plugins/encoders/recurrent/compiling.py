"""What an LSTM compiles before a run is measured: tiny batches are read as those of the run will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from plugins.encoders.recurrent.fused import LARGE, FastLSTM

if TYPE_CHECKING:
    from plugins.encoders.recurrent import LSTM

SIZE = 2  # of each dimension


def compile_lstm(make: type[LSTM], options: dict[str, Any], precision: str, tokens: int) -> None:
    """Compile what an encoder uses; see ``Compiling.compile_kernels``."""
    small = {"num_layers": 1, "hidden_size": SIZE, "proj_size": options["proj_size"] and 1}
    with torch.random.fork_rng(devices=[]):  # the random numbers of the process stay as they are
        encoder = make(SIZE, make.directions == 1, **options | small)
    lengths, words = torch.full((SIZE,), SIZE), torch.zeros(SIZE, SIZE, dtype=torch.int64)
    if encoder.reads_words(tokens):
        with torch.inference_mode():
            encoder.forward_words(torch.zeros(SIZE, SIZE), words, lengths)
    is_fused = isinstance(encoder.layers[0][0], FastLSTM) and not encoder.proj_size
    if precision == "bf16" and is_fused and options["hidden_size"] >= LARGE:
        _compile_half(encoder.layers[0][0])


def _compile_half(cell: FastLSTM) -> None:
    """Train one step in bfloat16."""
    from core.neural.ops.half_lstm import half_lstm  # imports numba

    state = torch.zeros(SIZE, SIZE)
    weights = cell.weight_ih_l0, cell.weight_hh_l0, cell.bias_ih_l0 + cell.bias_hh_l0
    half_lstm(torch.zeros(SIZE, SIZE, SIZE), state, state, *weights)[0].sum().backward()
