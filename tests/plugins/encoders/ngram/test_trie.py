"""The trie of n-grams: what it holds."""

from __future__ import annotations

from ngram_cases import START, count, fitted, grams_of, random_rows

ROWS = random_rows(11, 300, size=12)


def test_the_trie_holds_every_gram_once_sorted_with_its_count():
    levels = fitted(ROWS, 12, order=4, smoothing="witten-bell").trie.levels
    for k, (grams, raw) in enumerate(zip(grams_of(levels), count(ROWS, 4)[1:], strict=True), 1):
        assert grams == sorted(set(grams))
        known = {tuple(0 if w == START else w for w in gram): n for gram, n in raw.items()}
        assert {gram: n for gram, n in zip(grams, levels[k - 1].counts.tolist(), strict=True) if n} == known
