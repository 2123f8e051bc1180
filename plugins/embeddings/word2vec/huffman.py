"""The Huffman tree of hierarchical softmax, in which frequent words have short paths (Huffman, 1952)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from core.types import Float32s, Int32s, Int64s


class Tree(NamedTuple):
    """The path from the root to each word.

    Args:
        starts: int64 (V + 1,), the path of word w has entries ``starts[w]`` to ``starts[w + 1]``.
        nodes: int32, the inner node of each entry, 0 to V - 2.
        turns: float32, +1 if the path goes left there, -1 if it goes right, 0 for padding.
    """

    starts: Int64s
    nodes: Int32s
    turns: Float32s


def huffman(counts: Int64s, multiple: int = 1) -> Tree:
    """The tree with the least expected path length.

    Args:
        counts: int64 (V,), descending, V > 1.
        multiple: paths are padded to a multiple of this length, with V - 1, which is not a node.
    """
    parents, turns = _grow(counts)
    lengths = _depths(parents)
    starts = np.concatenate([[0], np.cumsum(-(-lengths // multiple) * multiple)]).astype(np.int64)
    nodes = np.full(starts[-1], len(counts) - 1, dtype=np.int32)
    signs = np.zeros(starts[-1], dtype=np.float32)
    _walk(parents, turns, lengths, starts, nodes, signs)
    return Tree(starts, nodes, signs)


def _grow(counts: Any) -> Any:
    """The parent of each node (words 0 to V - 1, then inner nodes in order of creation, root last), and its turn.

    Words are taken from the rarest up and inner nodes in order of creation, so the weights of both queues ascend
    and the two lightest nodes are at their heads (van Leeuwen, 1976).
    """
    size = len(counts)
    weights = np.empty(2 * size - 1, dtype=np.int64)
    weights[:size] = counts
    parents, turns = np.zeros(2 * size - 1, dtype=np.int64), np.ones(2 * size - 1, dtype=np.float32)
    word, inner = size - 1, size
    for made in range(size, 2 * size - 1):
        weights[made] = 0
        for side in range(2):
            if word >= 0 and (inner == made or weights[word] < weights[inner]):
                lightest, word = word, word - 1
            else:
                lightest, inner = inner, inner + 1
            weights[made] += weights[lightest]
            parents[lightest] = made
            turns[lightest] = 1 - 2 * side
    return parents, turns


def _depths(parents: Any) -> Any:
    """The number of turns to each word: int64 (V,)."""
    size = (len(parents) + 1) // 2
    depths = np.zeros(len(parents), dtype=np.int64)
    for node in range(len(parents) - 2, -1, -1):
        depths[node] = depths[parents[node]] + 1
    return depths[:size]


def _walk(parents: Any, turns: Any, lengths: Any, starts: Any, nodes: Any, signs: Any) -> None:
    """Write the path of each word, from the root down."""
    size = len(lengths)
    for word in range(size):
        node = word
        for at in range(starts[word] + lengths[word] - 1, starts[word] - 1, -1):
            signs[at] = turns[node]
            node = parents[node]
            nodes[at] = node - size


_grow = numba.njit(cache=True)(_grow)
_depths = numba.njit(cache=True)(_depths)
_walk = numba.njit(cache=True)(_walk)
