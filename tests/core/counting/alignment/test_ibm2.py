"""IBM model 2 against the enumeration of all alignments."""

from __future__ import annotations

import itertools

import numpy as np
from channel_cases import inner, random_bitext

from core.counting.alignment import ibm1
from core.counting.alignment.ibm2 import best_links, log_likelihoods, train_model2, uniform
from core.counting.alignment.lexicon import NULL, cooccurring


def trained(bitext, iterations):
    lexicon = ibm1.train_model1(bitext, cooccurring(bitext), 2)
    return train_model2(bitext, lexicon, uniform(bitext), iterations)


def t(lexicon, given, produced):
    return float(lexicon.find(np.array([given]), np.array([produced]))[0])


def alignments(bitext, row, lexicon, positions):
    """Every alignment of a row, the place of each produced word, with its probability."""
    given, produced = [NULL, *inner(bitext.given, row)], inner(bitext.produced, row)
    table = positions.table(len(given) - 1, len(produced))
    for places in itertools.product(range(len(given)), repeat=len(produced)):
        pairs = list(zip(places, produced, strict=True))
        yield places, float(np.prod([t(lexicon, given[i], f) * table[j, i] for j, (i, f) in enumerate(pairs)]))


def test_an_iteration_sums_over_all_alignments():
    bitext = random_bitext(3, 8)
    lexicon, positions = trained(bitext, 1)
    words, tables, likelihoods = {}, {}, []
    for row in range(len(bitext)):
        found = list(alignments(bitext, row, lexicon, positions))
        total = sum(prob for _, prob in found)
        likelihoods.append(np.log(total))
        given, produced = [NULL, *inner(bitext.given, row)], inner(bitext.produced, row)
        table = tables.setdefault((len(given) - 1, len(produced)), np.zeros((len(produced), len(given))))
        for places, prob in found:
            for j, i in enumerate(places):
                table[j, i] += prob / total
                words[given[i], produced[j]] = words.get((given[i], produced[j]), 0) + prob / total
    np.testing.assert_allclose(log_likelihoods(bitext, lexicon, positions), likelihoods)
    after, places = train_model2(bitext, lexicon, positions, 1)
    for shape, table in tables.items():
        np.testing.assert_allclose(places.table(*shape), table / table.sum(axis=1, keepdims=True))
    for (given, produced), count in words.items():
        total = sum(count for (other, _), count in words.items() if other == given)
        np.testing.assert_allclose(t(after, given, produced), count / total)


def test_with_equal_places_it_is_model_1():
    bitext = random_bitext(4, 20)
    lexicon = ibm1.train_model1(bitext, cooccurring(bitext), 3)
    np.testing.assert_allclose(
        log_likelihoods(bitext, lexicon, uniform(bitext)), ibm1.log_likelihoods(bitext, lexicon)
    )


def test_the_likelihood_never_falls():
    bitext = random_bitext(5, 60, (20, 25), 8)
    lexicon, positions, found = *trained(bitext, 0), []
    for _ in range(30):
        found.append(log_likelihoods(bitext, lexicon, positions).sum())
        lexicon, positions = train_model2(bitext, lexicon, positions, 1)
    assert np.diff(found)[0] > 1
    assert (np.diff(found) >= -1e-9).all()


def test_the_best_links_are_the_best_alignment():
    bitext = random_bitext(6, 30)
    lexicon, positions = trained(bitext, 3)
    links = np.split(best_links(bitext, lexicon, positions), np.cumsum(bitext.lengths[1])[:-1])
    for row, found in enumerate(links):
        probs = dict(alignments(bitext, row, lexicon, positions))
        np.testing.assert_allclose(probs[tuple(found.tolist())], max(probs.values()))


def test_lengths_that_did_not_occur_have_equal_places():
    bitext = random_bitext(7, 3)
    np.testing.assert_array_equal(uniform(bitext).table(9, 2), np.full((2, 10), 0.1))
