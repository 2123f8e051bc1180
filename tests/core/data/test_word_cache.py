"""A cache of what an embedding computes per word: right rows, bounded, shared by threads."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.data import word_cache
from core.data.word_cache import WordCache
from core.types import Int64s


def lengths(words: Sequence[str]) -> Int64s:
    return np.array([[len(word), ord(word[0])] for word in words], dtype=np.int64).reshape(-1, 2)


def test_a_word_is_computed_once_and_repeated_words_have_their_rows() -> None:
    asked: list[str] = []

    def counted(words: Sequence[str]) -> Int64s:
        asked.extend(words)
        return lengths(words)

    cache = WordCache(counted)
    for words in (["a", "bb"], ["bb", "a", "bb"], ["ccc", "a"]):
        assert cache(words).tolist() == lengths(words).tolist()
    assert asked == ["a", "bb", "ccc"] and cache([]).shape == (0, 2)


def test_the_cache_is_bounded_in_words_and_in_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_cache, "WORDS", 10)
    cache = WordCache(lengths)
    for number in range(100):
        words = [f"w{number}", "x" * 1000]
        assert cache(words).tolist() == lengths(words).tolist()
        assert len(cache.rows) <= 10 and all(len(word) <= word_cache.LETTERS for word in cache.rows)
    many = [f"m{number}" for number in range(word_cache.BULK + 1)]
    assert cache(many).tolist() == lengths(many).tolist() and len(cache.rows) <= 10


def test_threads_that_fill_and_empty_a_cache_get_their_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_cache, "WORDS", 5)
    cache = WordCache(lengths)
    calls = [[f"{'x' * (number % 7 + 1)}{i}" for i in range(number % 5 + 1)] for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(cache, calls))
    assert [rows.tolist() for rows in found] == [lengths(words).tolist() for words in calls]


def test_a_copied_cache_is_its_own() -> None:
    cache = WordCache(lengths)
    cache(["a"])
    other = copy.deepcopy(cache)
    other(["bb"])
    assert list(cache.rows) == ["a"] and list(other.rows) == ["a", "bb"]
