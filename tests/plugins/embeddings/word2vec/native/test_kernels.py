"""The windows that the kernels train on."""

from __future__ import annotations

import numpy as np
import pytest
from word2vec_cases import text_of

from plugins.embeddings.word2vec.native.plan import PIECE
from plugins.embeddings.word2vec.schedule import all_pieces
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables


def test_rows_of_any_length_are_read_whole_and_windows_cross_pieces() -> None:
    length = 5 * PIECE + 17
    text = text_of([[0, 1] * (length // 2) + [1]], 2)
    tables = Tables(text, np.arange(2), Settings(dim=4, window=1, sample=0.0), seed=0)
    _, predictions = tables.view().train(all_pieces(text.offsets), 0)
    assert predictions == 2 * (len(text.values) - 1)


def test_windows_skip_words_without_a_vector() -> None:
    text = text_of([[0, 2, 1]] * 50 + [[2]] + [[0, 1]], 3)
    tables = Tables(text, np.array([0, 1]), Settings(dim=4, window=1, sample=0.0), seed=0)
    _, predictions = tables.view().train(all_pieces(text.offsets), 0)
    assert predictions == 2 * 51


def test_all_window_sizes_are_equally_likely() -> None:
    text = text_of([[0, 1] * 500], 2)
    tables = Tables(text, np.arange(2), Settings(dim=4, window=5, sample=0.0), seed=0)
    _, predictions = tables.view().train(all_pieces(text.offsets), 0)
    assert predictions / 1000 == pytest.approx(2 * 3, rel=0.05)
