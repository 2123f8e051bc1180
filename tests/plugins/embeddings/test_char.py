"""Vectors from characters, with a CNN or a BiLSTM."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.data.vocab import END, UNK, Vocab, build_vocab
from plugins.embeddings.char import LETTERS, START, STOP, UNKNOWN, Char

WORDS = {"the": 9, "café": 3, "日本": 2, "a": 4}
NETWORKS = [{"network": "cnn", "widths": [1, 2, 3]}, {"network": "bilstm"}]


def vocab() -> Vocab:
    return build_vocab(list(WORDS), np.array(list(WORDS.values())), rows=5)


def vectors(embedding: Char, words: list[str]) -> torch.Tensor:
    return embedding(embedding.vocab.size + torch.arange(len(words))[None], embedding.prepare(words))[0]


def letters(embedding: Char, word: str) -> list[int]:
    return embedding.prepare([word])[0].tolist()


def test_characters_are_counted_by_tokens_and_the_rare_ones_are_unknown() -> None:
    embedding = Char(vocab(), min_count=3)
    assert [chr(point) for point in embedding.alphabet] == sorted("thecafé")  # a: 7, e: 9, 日: 2
    coded = letters(embedding, "e日z☃")
    assert coded == [START, LETTERS + "acefhté".index("e"), UNKNOWN, UNKNOWN, UNKNOWN, STOP]


@pytest.mark.parametrize("options", NETWORKS)
def test_a_vector_depends_only_on_the_spelling(options: dict[str, Any]) -> None:
    embedding = Char(vocab(), **options).eval()
    many = vectors(embedding, ["the", "x" * 100_000, "", "naïve"])
    alone = embedding(torch.tensor([[embedding.vocab.ids["the"]]]))[0, 0]
    assert torch.allclose(many[0], alone, atol=1e-6)
    assert torch.isfinite(many).all()


def test_a_long_word_is_read_at_both_ends() -> None:
    embedding = Char(vocab(), longest=5, min_count=1)
    assert letters(embedding, "the" + "a" * 100_000 + "fé") == letters(embedding, "thefé")
    assert letters(embedding, "thefé") != letters(embedding, "thef")


def test_the_cnn_is_the_maximum_of_each_filter() -> None:
    embedding = Char(vocab(), widths=[2, 3], channels=4, min_count=1).eval()
    found = vectors(embedding, ["the", "日本a☃thecafé"])[0]
    ids = torch.tensor([START, *[LETTERS + embedding.alphabet.tolist().index(ord(c)) for c in "the"], STOP])
    inputs = embedding.vectors.weight[ids].detach()  # (5, D)
    expected = []
    for layer, width in zip(embedding.network.filters, (2, 3), strict=True):
        left, right = (width - 1) // 2, width // 2
        nothing = torch.zeros(1, inputs.shape[1])
        padded = torch.cat([nothing.repeat(left, 1), inputs, nothing.repeat(right, 1)])
        answers = [layer.weight @ padded[t : t + width].flatten() + layer.bias for t in range(len(inputs))]
        expected.append(torch.stack(answers).amax(0).relu())
    assert torch.allclose(found, torch.cat(expected), atol=1e-5)


def test_the_bilstm_concatenates_its_two_last_states() -> None:
    embedding = Char(vocab(), network="bilstm", hidden_size=3, min_count=1).eval()
    found = vectors(embedding, ["café", "日本a☃thecafé"])[0]
    inputs = embedding.vectors(torch.tensor([letters(embedding, "café")]))
    ahead = embedding.network.ahead(inputs)[1][0][0, 0]
    back = embedding.network.back(inputs.flip(1))[1][0][0, 0]
    assert torch.allclose(found, torch.cat([ahead, back]), atol=1e-6)


def test_each_distinct_word_is_computed_once() -> None:
    embedding, sizes = Char(vocab()), []
    embedding.network.register_forward_hook(lambda module, inputs, output: sizes.append(len(inputs[1])))
    embedding(torch.tensor([[2, 3, 2, 2], [3, 3, 3, 2]]))
    assert sizes == [2]


def test_the_unknown_character_is_trained_even_if_all_characters_are_known() -> None:
    embedding = Char(vocab(), min_count=1, char_dropout=0.5)
    torch.manual_seed(0)
    embedding(torch.arange(2, embedding.vocab.size)[None]).sum().backward()
    assert embedding.vectors.weight.grad[UNKNOWN].any()


def test_the_end_the_unknown_word_and_the_words_differ() -> None:
    embedding = Char(vocab()).eval()
    found = embedding(torch.tensor([[END, UNK, 2]]))[0]
    assert len({tuple(row.tolist()) for row in found}) == 3
