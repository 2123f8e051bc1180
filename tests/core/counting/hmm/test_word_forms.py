"""Shapes of words."""

from __future__ import annotations

import pytest

from core.counting.hmm.word_forms import shape


@pytest.mark.parametrize(
    ("word", "initial", "expected"),
    [("me@home.org", False, "a"), ("http://x.org/7", True, "a"), ("www.x.org", False, "a")]
    + [("1990s", False, "d"), ("B2B", False, "m"), ("...", False, "p"), ("USA", True, "u")]
    + [("Paris", False, "c"), ("Paris", True, "i"), ("well-made", False, "h"), ("word", True, "l")],
)
def test_the_shape_shows_digits_capitals_and_hyphens(word, initial, expected):
    assert shape(word, initial) == expected
