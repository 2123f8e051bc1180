"""The probe of a run finds an encoder, or an embedding, that reads the word it should predict."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from neural_cases import WORDS, context, corpus, vocab
from torch import Tensor

from core.errors import PluginError
from core.kinds.cloze import Cloze
from core.neural.base import Carry, Embedding, Encoder
from core.neural.design import Design
from core.neural.model import NeuralModel
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import BiLSTM
from tasks.cloze import Cloze as Task


class Ahead(Encoder):
    """Says that it can read left to right, and reads one word ahead."""

    def __init__(self, input_size: int, causal: bool) -> None:
        super().__init__(input_size, causal)
        self.output_size = input_size
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        inside = torch.arange(inputs.shape[1]) < lengths[:, None]
        inputs = torch.where(inside[..., None], inputs, 0)
        return self.weight * torch.cat([inputs[:, 1:], inputs[:, :1] * 0], 1), None


class Neighbours(Embedding):
    """A vector that depends on the other words of the batch."""

    def __init__(self, vocab: Any) -> None:
        super().__init__(vocab)
        self.output_size, self.table = 4, torch.nn.Embedding(vocab.size, 4)

    def forward(self, ids: Tensor, prepared: Any = None) -> Tensor:
        vectors = self.table(ids)
        return vectors + vectors.sum(1, keepdim=True)


def fit(encoder: type[Encoder], embedding: type[Embedding], sees: str) -> None:
    options = {"hidden_size": 4} if encoder is BiLSTM else {}
    design = Design((encoder, options), {"one": (embedding, {})}, {}, {}, {"epochs": 1}, sees)
    rows = corpus("next", rows=30)
    NeuralModel(Cloze(), Task(), design, vocab(WORDS), None).fit(rows, rows, context())


@pytest.mark.parametrize(
    ("encoder", "embedding", "sees", "part"),
    [(Ahead, Random, "either", "encoder"), (BiLSTM, Neighbours, "both", "embedding")],
)
def test_reading_the_word_is_refused_before_training(encoder: Any, embedding: Any, sees: str, part: str) -> None:
    with pytest.raises(PluginError, match="place: .* change") as error:
        fit(encoder, embedding, sees)
    assert error.value.where == part
