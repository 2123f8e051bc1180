"""Which words of a text get vectors."""

from __future__ import annotations

import numpy as np

from core.errors import DataError
from core.types import Bools, Int64s
from plugins.embeddings.word2vec.text import KEY, Text


def choose_words(text: Text, min_count: int, max_vocab: int | None, known: Bools | None = None) -> Int64s:
    """The codes of the frequent words, by descending frequency: int64 (V,).

    Args:
        text: the text.
        min_count: rarer words are removed from the text.
        max_vocab: the maximum number of words.
        known: bool (codes,), words that are chosen whatever their frequency; None: none.

    Raises:
        DataError: fewer than two words are left.
    """
    order = np.argsort(-text.counts, kind="stable")
    frequent = text.counts >= max(1, min_count)
    if known is not None:
        frequent |= known & (text.counts > 0)
    chosen = order[frequent[order]][:max_vocab].astype(np.int64)
    if len(chosen) > 1:
        return chosen
    if np.count_nonzero(text.counts) < 2:
        remedy = "train on more text, or on other text with embedding.word2vec.corpus="
        raise DataError("the text has fewer than two different words", where=KEY, remedy=remedy)
    most = text.counts[order[1]]
    raise DataError(
        f"fewer than two words occur {min_count:,} times or more (the second most frequent: {most:,})",
        where=f"{KEY}.min_count",
        remedy="lower it, raise max_vocab, or train on more text",
    )
