"""IBM model 1 against a textbook's table, and against the enumeration of all alignments."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from channel_cases import inner, ragged, random_bitext, words_of

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.ibm1 import log_likelihoods, train_model1
from core.counting.alignment.lexicon import NULL, Lexicon, cooccurring

# Koehn (2010), figure 4.5: t(e | f) after 1, 2 and 3 iterations, and when EM has converged
KOEHN = {
    ("das", "the"): (0.5, 0.6364, 0.7479, 1),
    ("das", "book"): (0.25, 0.1818, 0.1208, 0),
    ("das", "house"): (0.25, 0.1818, 0.1313, 0),
    ("buch", "the"): (0.25, 0.1818, 0.1208, 0),
    ("buch", "book"): (0.5, 0.6364, 0.7479, 1),
    ("buch", "a"): (0.25, 0.1818, 0.1313, 0),
    ("ein", "book"): (0.5, 0.4286, 0.3466, 0),
    ("ein", "a"): (0.5, 0.5714, 0.6534, 1),
    ("haus", "the"): (0.5, 0.4286, 0.3466, 0),
    ("haus", "house"): (0.5, 0.5714, 0.6534, 1),
}


def without_null(lexicon):
    """The lexicon in which the empty word produces nothing, as in the book's example."""
    first = lexicon.starts[NULL + 1]
    return Lexicon(np.maximum(lexicon.starts - first, 0), lexicon.words[first:], lexicon.probs[first:])


@pytest.mark.parametrize("column, iterations", list(enumerate((1, 2, 3, 500))))
def test_the_example_of_the_textbook(column, iterations):
    given, from_words = words_of(["das haus", "das buch", "ein buch"])
    produced, to_words = words_of(["the house", "the book", "a book"])
    bitext = Bitext(given, produced, (6, 6))
    lexicon = train_model1(bitext, without_null(cooccurring(bitext)), iterations)
    for (source, target), numbers in KOEHN.items():
        found = lexicon.find(np.array([from_words[source]]), np.array([to_words[target]]))
        assert found == pytest.approx(numbers[column], abs=2e-3 if iterations == 500 else 5e-5), (source, target)


def enumerated(bitext, t):
    """Expected counts and log-likelihoods from every alignment of every row, one by one."""
    counts, likelihoods = np.zeros_like(t), []
    for row in range(len(bitext)):
        given, produced = [NULL, *inner(bitext.given, row)], inner(bitext.produced, row)
        alignments = list(itertools.product(given, repeat=len(produced)))
        probs = np.array([np.prod([t[e, f] for e, f in zip(a, produced, strict=True)]) for a in alignments])
        for alignment, prob in zip(alignments, probs / probs.sum(), strict=True):
            for e, f in zip(alignment, produced, strict=True):
                counts[e, f] += prob
        likelihoods.append(np.log(probs.sum() / len(given) ** len(produced)))
    return counts, likelihoods


def dense(lexicon, sizes):
    table = np.zeros(sizes)
    for given in range(sizes[0]):
        own = slice(lexicon.starts[given], lexicon.starts[given + 1])
        table[given, lexicon.words[own]] = lexicon.probs[own]
    return table


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_an_iteration_sums_over_all_alignments(smoothing):
    bitext = random_bitext(1, 8)
    lexicon = train_model1(bitext, cooccurring(bitext), 1)
    counts, likelihoods = enumerated(bitext, dense(lexicon, bitext.sizes))
    np.testing.assert_allclose(log_likelihoods(bitext, lexicon), likelihoods)
    counts[dense(cooccurring(bitext), bitext.sizes) > 0] += smoothing
    seen = counts.sum(axis=1) > 0
    after = dense(train_model1(bitext, lexicon, 1, smoothing), bitext.sizes)
    np.testing.assert_allclose(after[seen], (counts / counts.sum(axis=1, keepdims=True).clip(1e-300))[seen])


def test_the_likelihood_never_falls():
    bitext = random_bitext(2, 60, (20, 25), 8)
    lexicon, found = cooccurring(bitext), []
    for _ in range(30):
        found.append(log_likelihoods(bitext, lexicon).sum())
        lexicon = train_model1(bitext, lexicon, 1)
    assert np.diff(found)[0] > 1
    assert (np.diff(found) >= -1e-9).all()


def test_rows_without_a_word_or_with_too_many_are_left_out():
    sides = ragged([[2], [], [2, 3, 2], [2, 3]]), ragged([[2, 3], [2], [3], []])
    bitext = Bitext(*sides, (4, 4))
    assert bitext.alignable(2).given.values.tolist() == [2, 0]
    assert bitext.alignable(9).produced.values.tolist() == [2, 3, 0, 3, 0]
