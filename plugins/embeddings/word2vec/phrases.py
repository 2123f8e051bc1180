"""Phrases: words that occur together more often than by chance become one word (Mikolov et al., 2013b, eq. 6)."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.types import Int64s
from plugins.embeddings.word2vec.text import Text

JOINT = "_"


def join_phrases(text: Text, min_count: int, threshold: float) -> Text:
    """The text with phrases as single words: ``new york`` becomes ``new_york``.

    A bigram is a phrase if (n_ab - min_count) / (n_a n_b) x N is above the threshold, where N is the number of
    words, as in word2phrase.c. Phrases are found from left to right and do not overlap. A second pass finds
    phrases of up to four words. All ids are in memory during a pass.

    Args:
        text: the text.
        min_count: the discount; rarer words are not part of any phrase.
        threshold: a higher threshold gives fewer phrases; word2phrase.c uses 100.
    """
    bigrams = _bigrams(text, min_count)  # (N - 1,)
    phrases = _phrases(text, bigrams, min_count, threshold)
    heads = _heads(bigrams, phrases)
    values = np.array(text.values)
    values[heads] = len(text.words) + np.searchsorted(phrases, bigrams[heads])
    kept = np.ones(len(values), dtype=bool)
    kept[heads + 1] = False
    offsets = np.concatenate([[0], np.cumsum(kept)])[text.offsets]
    values = values[kept]
    firsts, seconds = (part.tolist() for part in np.divmod(phrases, len(text.words)))
    joined = (f"{text.words[a]}{JOINT}{text.words[b]}" for a, b in zip(firsts, seconds, strict=True))
    words = [*text.words, *joined]
    counts = np.bincount(values, minlength=len(words)).astype(np.int64)
    counts[: len(text.words)][text.counts == 0] = 0
    return Text(values, offsets, words, counts, text.digest)


def _bigrams(text: Text, min_count: int) -> Int64s:
    """A number for each token and the next, -1 at the end of a row and next to rare words: int64 (N - 1,)."""
    known = text.counts >= max(1, min_count)
    pairs = text.values[:-1].astype(np.int64) * len(text.words) + text.values[1:]
    within = known[text.values[:-1]] & known[text.values[1:]]
    ends = text.offsets[1:-1]
    within[ends[(ends > 0) & (ends < len(text.values))] - 1] = False
    return np.where(within, pairs, -1)


def _phrases(text: Text, bigrams: Int64s, min_count: int, threshold: float) -> Int64s:
    """The numbers of the bigrams that are phrases, ascending."""
    numbers, together = np.unique(bigrams[bigrams >= 0], return_counts=True)
    firsts, seconds = np.divmod(numbers, len(text.words))
    alone: Any = text.counts[firsts].astype(np.float64) * text.counts[seconds]
    return numbers[(together - min_count) / alone * text.counts.sum() > threshold]


def _heads(bigrams: Int64s, phrases: Int64s) -> Int64s:
    """Where phrases start, from left to right; of overlapping ones every other."""
    hit = np.isin(bigrams, phrases)
    place = np.arange(len(hit))
    begins = hit & ~np.concatenate([[False], hit[:-1]])
    run = np.maximum.accumulate(np.where(begins, place, 0))  # where each run of hits starts
    return np.flatnonzero(hit & ((place - run) % 2 == 0))
