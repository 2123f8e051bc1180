"""What is drawn, against the stated distributions; and the Huffman tree against heapq."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from scipy import stats

from plugins.embeddings.word2vec.huffman import huffman
from plugins.embeddings.word2vec.order import cut
from plugins.embeddings.word2vec.sampling import WHOLE, alias_table, keep_chances
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables
from plugins.embeddings.word2vec.text import Text

COUNTS = np.array([4000, 900, 500, 100, 40, 30, 7, 7, 2, 1])
SIZE = len(COUNTS)


def tables(values: list[int], **options: object) -> Tables:
    text = Text(
        np.array(values, dtype=np.int32), np.array([0, len(values)]), [str(i) for i in range(SIZE)], COUNTS, ""
    )
    return Tables(text, np.arange(SIZE), Settings(dim=4, window=1, **options), seed=0)  # type: ignore[arg-type] # any option


def test_the_alias_table_holds_its_distribution_exactly() -> None:
    weights = np.random.default_rng(0).pareto(1, 1000) + 1e-3
    accept, alias = alias_table(weights)
    own = accept / WHOLE
    found = own + np.bincount(alias, 1 - own, minlength=1000)
    np.testing.assert_allclose(found / 1000, weights / weights.sum(), atol=1e-9)


def test_noise_is_f_to_the_three_quarters_without_the_word_itself() -> None:
    made = tables([2] * 1000, sample=0.0)
    view = made.view()
    drawn = np.zeros(SIZE)
    for seed in range(20):
        view.state[:] = seed * 99_991
        view.train(cut(made.text.offsets), 0)
        negatives = view.arrays["rows"].reshape(-1, view.plan.padded)[:1000, 1:6]
        drawn += np.bincount(negatives.ravel(), minlength=SIZE)
    assert drawn[2] == 0
    rates = np.delete(COUNTS**0.75, 2)
    expected = rates / rates.sum() * drawn.sum()
    assert drawn.sum() == 100_000
    assert stats.chisquare(np.delete(drawn, 2), expected).pvalue > 1e-3
    assert stats.chisquare(np.delete(drawn, 2), np.full(SIZE - 1, drawn.sum() / (SIZE - 1))).pvalue < 1e-9


@pytest.mark.parametrize("formula", ["paper", "word2vec"])
def test_frequent_words_are_kept_as_often_as_the_formula_says(formula: str) -> None:
    values = np.tile(np.arange(SIZE), 100).tolist()
    made = tables(values, sample=1e-2, subsampling=formula)
    view = made.view()
    kept, trials = np.zeros(SIZE), 200
    for seed in range(trials):
        view.state[:] = seed * 99_991
        view.arrays["words"][:] = SIZE
        view.train(cut(made.text.offsets), 0)
        kept += np.bincount(view.arrays["words"], minlength=SIZE + 1)[:SIZE]
    share = COUNTS / COUNTS.sum()
    chance = np.sqrt(1e-2 / share) + (1e-2 / share if formula == "word2vec" else 0)
    assert (chance < 1).sum() >= 3
    for word in range(SIZE):
        if chance[word] >= 1:
            assert kept[word] == 100 * trials
        else:
            observed = [kept[word], 100 * trials - kept[word]]
            expected = [100 * trials * chance[word], 100 * trials * (1 - chance[word])]
            assert stats.chisquare(observed, expected).pvalue > 1e-3


def test_without_a_threshold_every_occurrence_is_kept() -> None:
    assert (keep_chances(COUNTS, 0.0, "paper") == 1).all()


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


def test_padding_points_to_the_row_that_is_no_node() -> None:
    tree, plain = huffman(COUNTS, 6), huffman(COUNTS)
    assert (np.diff(tree.starts) % 6 == 0).all()
    assert (tree.nodes[tree.turns == 0] == SIZE - 1).all()
    assert (tree.nodes[tree.turns != 0] == plain.nodes).all()


def test_hierarchical_softmax_sums_to_one() -> None:
    tree, random = huffman(COUNTS), np.random.default_rng(0)
    scores = random.normal(0, 2, SIZE)
    chances = 1 / (1 + np.exp(-tree.turns * scores[tree.nodes]))
    assert np.multiply.reduceat(chances, tree.starts[:-1]).sum() == pytest.approx(1)
