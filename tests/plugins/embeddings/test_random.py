from __future__ import annotations

import numpy as np
import torch

from core.data.vocab import END, UNK, Vocab
from plugins.embeddings.random import Random

VOCAB = Vocab(["</s>", "<unk>", "often", "once"], np.array([9, 0, 1000, 1]))


def test_an_open_id_has_the_unknown_words_vector():
    embedding = Random(VOCAB, dim=3).eval()
    vectors = embedding(torch.tensor([[2, 4, 99]]))
    assert torch.equal(vectors[0, 0], embedding.weight[2])
    assert torch.equal(vectors[0, 1], embedding.weight[UNK]) and torch.equal(vectors[0, 2], embedding.weight[UNK])


def test_training_replaces_a_word_at_the_rate_of_its_rarity_and_never_end():
    torch.manual_seed(0)
    embedding = Random(VOCAB, dim=1, word_dropout=0.25)
    ids = torch.tensor([END, 2, 3]).repeat(20_000, 1)
    unknown = (embedding(ids)[..., 0] == embedding.weight[UNK, 0]).float().mean(0)
    assert unknown[0] == 0 and unknown[1] < 0.002
    assert abs(unknown[2] - 0.25 / 1.25) < 0.01


def test_nothing_is_replaced_in_prediction_or_at_rate_zero():
    ids = torch.full((50, 50), 3)
    for embedding in (Random(VOCAB, dim=2).eval(), Random(VOCAB, dim=2, word_dropout=0)):
        assert torch.equal(embedding(ids), embedding.weight[3].expand(50, 50, 2))
