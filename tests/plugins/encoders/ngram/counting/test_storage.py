"""Amounts of memory, as users write them."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from plugins.encoders.ngram.counting.storage import bytes_of


@pytest.mark.parametrize(("text", "size"), [("2GB", 2 << 30), ("500 mb", 500 << 20), ("1.5gb", 3 << 29), ("7", 7)])
def test_an_amount_of_memory_is_parsed(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["much", "-1GB", "GB", "2 GiB/s"])
def test_text_that_is_not_an_amount_of_memory_is_rejected(text):
    with pytest.raises(ConfigError, match=r"encoder\.memory"):
        bytes_of(text)
