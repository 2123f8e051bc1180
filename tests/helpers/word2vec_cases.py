"""Small texts and tables for the tests of word2vec."""

from __future__ import annotations

from typing import Any

import numpy as np

from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables, View
from plugins.embeddings.word2vec.text import Text

ROW = [0, 3, 1, 2, 0, 4, 1, 5, 5, 2, 6, 0]
DIM = 20  # not a multiple of 16
SIZE = 7
RATE = 1e-4
KINDS = [(model, output) for model in ("skipgram", "cbow") for output in ("negative", "hierarchical", "softmax")]


def small_tables(row: list[int] = ROW, **options: Any) -> tuple[Tables, View]:
    """Tables with vectors of typical size, and a view of them, for windows of one word per side."""
    text = Text(
        np.array(row, dtype=np.int32),
        np.array([0, len(row)]),
        [f"w{i}" for i in range(SIZE)],
        np.array([9, 7, 6, 4, 3, 2, 1]),
        "",
    )
    options = {"dim": DIM, "window": 1, "sample": 0.0, "alpha": RATE, "min_alpha": RATE, **options}
    tables = Tables(text, np.arange(SIZE), Settings(**options), seed=0)
    random = np.random.default_rng(1)
    tables.inputs[:SIZE, :DIM] = random.normal(0, 0.4, (SIZE, DIM))
    tables.outputs[:SIZE, :DIM] = random.normal(0, 0.4, (SIZE, DIM))
    if options.get("output") == "hierarchical":
        tables.outputs[SIZE - 1] = 0  # there are only SIZE - 1 inner nodes
    return tables, tables.view()


TOPIC = 10  # words of each of two topics


def text_of(rows: list[list[int]], words: int) -> Text:
    values = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Text(values, offsets, [f"w{i}" for i in range(words)], np.bincount(values, minlength=words), "")


def planted(rows: int = 1500) -> Text:
    """Rows of eight words of one topic; even codes belong to one topic, odd codes to the other."""
    random = np.random.default_rng(0)
    drawn = 2 * random.integers(0, TOPIC, (rows, 8)) + random.integers(0, 2, (rows, 1))
    return text_of(drawn.tolist(), 2 * TOPIC)


def check_separated(vectors: Any, topic: Any) -> None:
    """Every word is nearer to each word of its topic than to any word of the other topic."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found, same = unit @ unit.T, topic[:, None] == topic
    np.fill_diagonal(found, np.nan)
    for word in range(len(topic)):
        assert np.nanmin(found[word][same[word]]) > np.nanmax(found[word][~same[word]])
    assert np.nanmean(found[same]) - np.nanmean(found[~same]) > 0.5
