"""Which row of a table a word reads."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.vocab import END, UNK, Vocab
from plugins.embeddings.word_dropout import WordDropout

VOCAB = Vocab(["</s>", "<unk>", "often", "once"], np.array([9, 0, 1000, 1]))


def test_prediction_reads_the_own_row_of_a_known_word_and_the_unknown_row_of_others() -> None:
    ids = np.array([[END, 2, 3, 4, 99]])
    assert WordDropout(VOCAB, 0.25).eval()(ids).tolist() == [[END, 2, 3, UNK, UNK]]


@pytest.mark.parametrize(("strength", "share"), [(0.25, 0.2), (3.0, 0.75), (0.0, 0.0)])
def test_training_replaces_a_word_at_the_rate_of_its_rarity(strength: float, share: float) -> None:
    torch.manual_seed(0)
    ids = np.tile([END, 3], (20_000, 1))
    replaced = (WordDropout(VOCAB, strength)(ids) == UNK).mean(0).tolist()
    assert replaced == [0, pytest.approx(share, abs=0.01)]
