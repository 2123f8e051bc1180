"""Phrases compared with the loop of word2phrase.c."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.embeddings.word2vec.phrases import join_phrases
from plugins.embeddings.word2vec.text import Text


def text_of(rows: list[list[str]]) -> Text:
    words = ["</s>", *dict.fromkeys(word for row in rows for word in row)]
    codes = {word: i for i, word in enumerate(words)}
    ended = [[*(codes[word] for word in row), 0] for row in rows]
    values = np.array([code for row in ended for code in row], dtype=np.int32)
    counts = np.bincount(values, minlength=len(words))
    counts[0] = 0
    return Text(values, np.cumsum([0, *map(len, ended)]), words, counts, "")


def rows_of(text: Text) -> list[list[str]]:
    rows = zip(text.offsets, text.offsets[1:], strict=False)
    return [[text.words[code] for code in text.values[a:b].tolist() if code] for a, b in rows]


def word2phrase(rows: list[list[str]], min_count: int, threshold: float) -> list[list[str]]:
    alone: dict[str, int] = {}
    together: dict[tuple[str, str], int] = {}
    for row in rows:
        for i, word in enumerate(row):
            alone[word] = alone.get(word, 0) + 1
            if i:
                together[row[i - 1], word] = together.get((row[i - 1], word), 0) + 1
    total, found = sum(alone.values()), []
    for row in rows:
        joined: list[str] = []
        before = None  # the word that a phrase may start with
        for word in row:
            score = 0.0
            if before is not None and min(alone[before], alone[word]) >= min_count:
                score = (together[before, word] - min_count) / alone[before] / alone[word] * total
            if score > threshold:
                joined[-1] += "_" + word
                before = None
            else:
                joined.append(word)
                before = word
        found.append(joined)
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("min_count", "threshold"), [(1, 1.1), (3, 0.9), (5, 0.8)])
def test_phrases_are_those_of_word2phrase(seed: int, min_count: int, threshold: float) -> None:
    random = np.random.default_rng(seed)
    rows = [[f"w{w}" for w in random.zipf(1.5, random.integers(0, 9)).clip(max=9)] for _ in range(300)]
    expected = word2phrase(rows, min_count, threshold)
    assert any("_" in word for row in expected for word in row)
    found = join_phrases(text_of(rows), min_count, threshold)
    assert rows_of(found) == expected
    counts = {word: int(count) for word, count in zip(found.words, found.counts, strict=True) if count}
    flat = [word for row in expected for word in row]
    assert counts == {word: flat.count(word) for word in set(flat)}


def test_a_second_pass_finds_longer_phrases() -> None:
    rows = [["new", "york", "times", f"x{i}"] for i in range(20)] + [["a", f"y{i}", "b"] for i in range(200)]
    once = join_phrases(text_of(rows), 2, 5.0)
    assert rows_of(once)[0] == ["new_york", "times", "x0"]
    assert rows_of(join_phrases(once, 2, 5.0))[0] == ["new_york_times", "x0"]


def test_without_phrases_the_text_does_not_change() -> None:
    text = text_of([["a", "b"], [], ["b", "a"]])
    assert rows_of(join_phrases(text, 1, 1e9)) == [["a", "b"], [], ["b", "a"]]
