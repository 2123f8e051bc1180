"""Beam search against exhaustive search, greedy search, and itself in other batches."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from core.data.vocab import END
from core.neural.heads.beam import beam_search as search

WORDS = 3  # END, UNK and one more


def beam_search(model, limits, beam, penalty):
    return search(model, limits, beam, penalty, torch.float64)


class Markov:
    """Each row has its own random distribution of a word given the two before it."""

    def __init__(self, rows, seed=0, words=WORDS):
        torch.manual_seed(seed)
        self.table = (2 * torch.randn(rows, words, words, words, dtype=torch.float64)).log_softmax(-1)
        self.rows, self.last = torch.arange(rows), torch.full((rows, 1), END)
        self.before = self.last

    def only(self, rows):
        self.rows, self.before = self.rows[rows], self.before[rows]
        return self

    def step(self, words):
        self.last = words
        rows = self.rows[:, None].expand_as(words)
        return self.table[rows, self.before, words], self.before * 0 + rows

    def select(self, rows, texts):
        self.rows, self.before = self.rows[rows], self.last[rows[:, None], texts]

    def log_prob(self, row, text):
        total, first, second = 0.0, END, END
        for word in (*text, END):
            total += float(self.table[row, first, second, word])
            first, second = second, word
        return total


def exhaustive(model, row, limit, penalty):
    """The best of all texts of up to ``limit`` words."""
    texts = [text for n in range(limit + 1) for text in product(range(1, WORDS), repeat=n)]
    return max(texts, key=lambda text: model.log_prob(row, text) / (len(text) + 1) ** penalty)


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0, 2.0])
def test_a_wide_beam_finds_the_best_of_all_texts(penalty):
    limits, model = torch.tensor([4, 0, 2, 5, 5, 5, 5, 5]), Markov(8)
    found = beam_search(Markov(8), limits, 200, penalty)
    lengths = set()
    for row, limit in enumerate(limits.tolist()):
        best = exhaustive(model, row, limit, penalty)
        assert tuple(found.words[row][found.words[row] != END].tolist()) == best
        score = model.log_prob(row, best) / (len(best) + 1) ** penalty
        assert float(found.scores[row]) == pytest.approx(score)
        assert found.places[row].tolist() == [row] * len(best) + [-1] * (found.words.shape[1] - len(best))
        lengths.add(len(best))
    assert len(lengths) > 1


def test_a_beam_of_one_takes_the_most_probable_word_at_each_step():
    model = Markov(20, seed=1)
    found = beam_search(Markov(20, seed=1), torch.full((20,), 6), 1, 1.0)
    for row in range(20):
        text, first, second = [], END, END
        while len(text) < 6 and (word := int(model.table[row, first, second].argmax())) != END:
            text.append(word)
            first, second = second, word
        assert found.words[row][found.words[row] != END].tolist() == text


@pytest.mark.parametrize("beam", [1, 2, 3])
def test_a_row_does_not_depend_on_the_others(beam):
    limits = torch.arange(12) % 7
    together = beam_search(Markov(12, seed=2), limits, beam, 0.8)
    for row in range(12):
        alone = beam_search(Markov(12, seed=2).only(torch.tensor([row])), limits[[row]], beam, 0.8)
        width = alone.words.shape[1]
        assert together.words[row, :width].tolist() == alone.words[0].tolist()
        assert not together.words[row, width:].any()
        assert float(together.scores[row]) == float(alone.scores[0])


def test_a_wider_beam_is_never_worse_here_and_sometimes_better():
    limits = torch.full((50,), 6)
    scores = [beam_search(Markov(50, seed=3), limits, beam, 1.0).scores for beam in (1, 4, 200)]
    assert (scores[2] >= scores[1] - 1e-12).all() and (scores[2] >= scores[0] - 1e-12).all()
    assert (scores[2] > scores[0] + 1e-6).any()


def test_no_rows():
    found = beam_search(Markov(0), torch.zeros(0, dtype=torch.int64), 3, 1.0)
    assert found.words.shape == (0, 0)
