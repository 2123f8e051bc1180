"""grow-diag-final-and against a slow version of the book's pseudo-code."""

from __future__ import annotations

import numpy as np

from core.counting.alignment.symmetry import grow_diag_final_and


def reference(of_produced, of_given):
    """Koehn (2010), figure 4.14, with sets."""
    forward = {(j, i - 1) for j, i in enumerate(of_produced) if i}
    backward = {(j - 1, i) for i, j in enumerate(of_given) if j}
    links = forward & backward
    neighbours = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)]

    def free(j, i):
        return j not in {a for a, _ in links}, i not in {b for _, b in links}

    before = None
    while before != len(links):
        before = len(links)
        for j in range(len(of_produced)):
            for i in range(len(of_given)):
                for a, b in neighbours if (j, i) in links else ():
                    new = (j + a, i + b)
                    if new in forward | backward and any(free(*new)):
                        links.add(new)
    for direction in (sorted(forward), sorted(backward, key=lambda link: link[1])):
        for link in direction:
            if all(free(*link)):
                links.add(link)
    return links


def test_as_the_book_says():
    draw, grown = np.random.default_rng(0), 0
    for _ in range(400):
        produced, given = draw.integers(1, 8, 2)
        forward, backward = draw.integers(0, given + 1, produced), draw.integers(0, produced + 1, given)
        expected = reference(forward.tolist(), backward.tolist())
        found = grow_diag_final_and(forward.astype(np.int32), backward.astype(np.int32))
        assert set(zip(*(axis.tolist() for axis in np.nonzero(found)), strict=True)) == expected
        both = {(j, i - 1) for j, i in enumerate(forward.tolist()) if i and backward[i - 1] == j + 1}
        grown += len(expected) > len(both)
    assert grown > 200


def test_a_neighbour_of_a_link_joins_it():
    # both alignments have 0-0; one of them also links the second produced word to the first given one
    found = grow_diag_final_and(np.array([1, 1], np.int32), np.array([1], np.int32))
    assert found.tolist() == [[True], [True]]


def test_a_word_that_is_far_from_all_links_joins_if_both_words_are_free():
    found = grow_diag_final_and(np.array([1, 0, 3], np.int32), np.array([1, 0, 0], np.int32))
    assert found.tolist() == [[True, False, False], [False, False, False], [False, False, True]]
