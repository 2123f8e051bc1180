"""The Huffman tree, compared with heapq."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from plugins.embeddings.word2vec.huffman import huffman

COUNTS = np.array([4000, 900, 500, 100, 40, 30, 7, 7, 2, 1])
SIZE = len(COUNTS)


def best_cost(counts: list[int]) -> int:
    """The cost of an optimal prefix code, by repeatedly joining the two lightest."""
    heap, cost = list(counts), 0
    heapq.heapify(heap)
    while len(heap) > 1:
        joined = heapq.heappop(heap) + heapq.heappop(heap)
        cost += joined
        heapq.heappush(heap, joined)
    return cost


@pytest.mark.parametrize("size", [2, 3, 10, 1000])
def test_the_huffman_tree_costs_what_heapq_says_and_is_a_prefix_code(size: int) -> None:
    counts = np.sort(np.random.default_rng(size).zipf(1.3, size).clip(max=10**9))[::-1]
    tree = huffman(counts)
    lengths = np.diff(tree.starts)
    assert int((lengths * counts).sum()) == best_cost(counts.tolist())
    assert sum(2.0 ** -lengths.astype(float)) == 1
    paths = [
        tuple(zip(tree.nodes[a:b].tolist(), tree.turns[a:b].tolist(), strict=True))
        for a, b in zip(tree.starts, tree.starts[1:], strict=False)
    ]
    assert len(set(paths)) == size
    assert {path[0][0] for path in paths} == {size - 2}, "every path starts at the root"
    assert set(tree.nodes.tolist()) == set(range(size - 1))


def test_padding_points_to_the_spare_row() -> None:
    tree, plain = huffman(COUNTS, 6), huffman(COUNTS)
    assert (np.diff(tree.starts) % 6 == 0).all()
    assert (tree.nodes[tree.turns == 0] == SIZE - 1).all()
    assert (tree.nodes[tree.turns != 0] == plain.nodes).all()


def test_hierarchical_softmax_sums_to_one() -> None:
    tree, random = huffman(COUNTS), np.random.default_rng(0)
    scores = random.normal(0, 2, SIZE)
    chances = 1 / (1 + np.exp(-tree.turns * scores[tree.nodes]))
    assert np.multiply.reduceat(chances, tree.starts[:-1]).sum() == pytest.approx(1)
