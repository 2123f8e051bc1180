"""Words as points: names do not overlap, and a seed decides where t-SNE begins."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

from core.view.plots.style import SMALL, text_width  # noqa: E402 - it needs matplotlib
from core.view.plots.words import INNER, _ends, _places, points_of  # noqa: E402 - after the skip

RANDOM = np.random.default_rng(0)
WORDS = ["".join(RANDOM.choice(list("abcmwil"), size)) for size in RANDOM.integers(1, 14, 150)]
POINTS = RANDOM.normal(size=(150, 2)).astype(np.float32)


def test_names_do_not_overlap_and_do_not_leave_the_picture() -> None:
    ends = [_ends(POINTS[:, axis]) for axis in (0, 1)]
    boxes = []
    for word, point, place in zip(WORDS, POINTS, _places(WORDS, POINTS, ends), strict=True):
        if place is None:
            continue
        x, y = (INNER[axis] * (point[axis] - ends[axis][0]) / (ends[axis][1] - ends[axis][0]) for axis in (0, 1))
        wide = text_width(word, SMALL)
        left = x + place.dx - {"left": 0, "center": wide / 2, "right": wide}[place.align]
        boxes.append((left, y + place.dy - SMALL / 2, left + wide, y + place.dy + SMALL / 2))
    assert len(boxes) > 75  # the most frequent, and most of the others
    assert all(left >= 0 and low >= 0 and right <= INNER[0] and up <= INNER[1] for left, low, right, up in boxes)
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_a_seed_decides_where_tsne_begins() -> None:
    vectors = RANDOM.normal(size=(12, 4)).astype(np.float32)
    first, again, other = (points_of(vectors, "tsne", seed) for seed in (1, 1, 2))
    assert first.shape == (12, 2) and np.array_equal(first, again) and not np.allclose(first, other)
