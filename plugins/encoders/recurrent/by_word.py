"""A first layer of LSTMs in both directions that predicts on a CPU from the distinct words of a batch.

The products of the words' vectors and weights are computed once per word, not once per token, and padding is not
read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.neural.ops.masking import inside
from core.types import Int64s
from plugins.encoders.recurrent.cells import State


class Rows(NamedTuple):
    """The rows of a batch, the longest first.

    Args:
        words: int64 (T, B), the number of the word at each position.
        active: the number of rows that are longer than t, for each t.
        order: int64 (B,), which row of the batch each is.
    """

    words: Int64s
    active: list[int]
    order: Tensor


def is_by_word(cell: nn.Module) -> bool:
    """Whether ``read_words`` has the cell."""
    if not isinstance(cell, nn.LSTM) or cell.proj_size:
        return False
    return cell.weight_hh_l0.dtype == torch.float32 and cell.weight_hh_l0.device.type == "cpu"


def longest_first(words: Tensor, lengths: Tensor) -> Rows:
    """Sort rows: words int64 (B, T), lengths int64 (B,)."""
    order = lengths.argsort(descending=True, stable=True)
    active = (lengths[:, None] > torch.arange(words.shape[1])).sum(0)  # (T,)
    return Rows(words[order].t().contiguous().numpy(), active.tolist(), order)


def read_words(cells: Sequence[nn.LSTM], vectors: Tensor, words: Tensor, lengths: Tensor, first: State) -> Tensor:
    """Read rows in both directions, without gradients.

    Args:
        cells: of each direction, in float32.
        vectors: (U, D), those of the distinct words.
        words: int64 (B, T), the number of the word at each position.
        lengths: int64 (B,).
        first: h and c before the first token, (2, B, H) each.

    Returns:
        (B, T, 2 H), zeros beyond the lengths.
    """
    rows, size = longest_first(words, lengths), cells[0].hidden_size
    states = vectors.new_empty(*words.shape, len(cells) * size)  # (B, T, 2 H)
    states[~inside(lengths, words.shape[1])] = 0.0
    hs, cs = (part[:, rows.order] for part in first)  # (2, B, H) each, replaced step by step
    for number, cell in enumerate(cells):
        steps = range(words.shape[1]) if number == 0 else reversed(range(words.shape[1]))
        _read(cell, vectors, rows, steps, hs[number], cs[number], states, number * size)
    return states


def _read(
    cell: nn.LSTM,
    vectors: Tensor,
    rows: Rows,
    steps: Iterable[int],
    h: Tensor,
    c: Tensor,
    states: Tensor,
    begin: int,
) -> None:
    """Read rows in one direction, and write the states from column ``begin`` on.

    Every array is contiguous whatever its sizes, so that one compiled version of the kernel serves all batches.
    """
    from core.neural.ops.kernels import lstm_step_of_words  # imports numba

    products = torch.addmm(cell.bias_ih_l0 + cell.bias_hh_l0, vectors, cell.weight_ih_l0.t())  # (U, 4 H)
    weight, sums = cell.weight_hh_l0.t().contiguous(), products.new_empty(len(h), 4 * cell.hidden_size)
    order, given, memory, state, found = (part.numpy() for part in (rows.order, products, c, h, states))
    work = sums.numpy()
    for t in steps:
        n = rows.active[t]
        torch.mm(h[:n], weight, out=sums[:n])
        lstm_step_of_words(work, given, rows.words[t, :n], memory, state, order, found, t, begin)
