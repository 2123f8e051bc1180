"""Extracted phrase pairs against the definition, for every pair of spans."""

from __future__ import annotations

import numpy as np
import pytest
from channel_cases import ragged

from core.counting.alignment.bitext import Bitext
from core.counting.alignment.phrases import LONGEST, extract
from core.counting.alignment.symmetry import grow_diag_final_and


def consistent(links, rows, columns):
    """Whether two spans are a phrase pair: no link leaves them, and one is inside (Koehn, 2010, equation 5.1)."""
    inside = links[rows, columns]
    outside = links[rows].sum() + links[:, columns].sum() - 2 * inside.sum()
    return inside.any() and not outside


@pytest.mark.parametrize("longest", [1, 3, LONGEST])
def test_every_pair_of_spans_that_agrees_with_the_links(longest):
    draw, expected = np.random.default_rng(longest), []
    lengths = draw.integers(1, 9, (60, 2))
    forward = [draw.integers(0, given + 1, produced) for given, produced in lengths]
    backward = [draw.integers(0, produced + 1, given) for given, produced in lengths]
    bitext = Bitext(*(ragged([[2] * n for n in side]) for side in lengths.T.tolist()), (3, 3))
    for row, (f, b) in enumerate(zip(forward, backward, strict=True)):
        links = grow_diag_final_and(f.astype(np.int32), b.astype(np.int32))
        at, given_at = bitext.produced.offsets[row], bitext.given.offsets[row]
        for j, i in np.ndindex(links.shape):
            for m in range(1, min(longest, len(f) - j) + 1):
                for n in range(1, min(longest, len(b) - i) + 1):
                    if consistent(links, slice(j, j + m), slice(i, i + n)):
                        own = links[j : j + m, i : i + n]
                        bits = sum(1 << int(LONGEST * a + c) for a, c in zip(*np.nonzero(own), strict=True))
                        expected.append((int(at + j), m, int(given_at + i), n, bits))
    found = extract(bitext, *(np.concatenate(x).astype(np.int32) for x in (forward, backward)), longest)
    assert sorted(map(tuple, found.tolist())) == sorted(expected)
    assert len(expected) > 60
