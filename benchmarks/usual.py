"""The usual plain PyTorch loops, as a baseline for seqlab.

Rows are lists of ids, shuffled and padded to the longest row of their batch; Adam has its default options; a
language model computes all logits and their cross-entropy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

Rows = Sequence[tuple[Tensor, Tensor]]  # ids (T,), and labels (T,) or one label ()
IGNORED = -100  # cross_entropy's own


class Tagger(nn.Module):
    """Embedding, two-way LSTM, linear map.

    Args:
        words: the size of the vocabulary.
        labels: the number of labels.
        packed: whether rows are packed or read with their padding.
    """

    def __init__(self, words: int, labels: int, packed: bool, dim: int = 100, hidden: int = 128) -> None:
        super().__init__()
        self.packed = packed
        self.embedding = nn.Embedding(words, dim)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(2 * hidden, labels)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Scores (B, T, labels)."""
        vectors = self.embedding(ids)
        if self.packed:
            states, _ = self.lstm(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
            return self.linear(pad_packed_sequence(states, batch_first=True)[0])
        return self.linear(self.lstm(vectors)[0])


class TextCNN(nn.Module):
    """Kim (2014): filters of three widths, the maximum of each over time, dropout, linear map."""

    def __init__(self, words: int, labels: int, dim: int = 300, channels: int = 100) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, dim)
        self.filters = nn.ModuleList(nn.Conv1d(dim, channels, width, padding=width - 1) for width in (2, 3, 4))
        self.linear, self.dropout = nn.Linear(3 * channels, labels), nn.Dropout(0.5)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Scores (B, labels)."""
        vectors = self.embedding(ids).transpose(1, 2)  # (B, D, T)
        outputs = [torch.relu(layer(vectors)).amax(2) for layer in self.filters]
        return self.linear(self.dropout(torch.cat(outputs, 1)))


class LanguageModel(nn.Module):
    """Embedding, LSTM of two layers, linear map onto the vocabulary, dropout between them."""

    def __init__(self, words: int, dim: int = 200, dropout: float = 0.2) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.embedding = nn.Embedding(words, dim)
        self.lstm = nn.LSTM(dim, dim, 2, dropout=dropout)
        self.linear = nn.Linear(dim, words)

    def forward(self, ids: Tensor, carry: Any = None) -> tuple[Tensor, Any]:
        """Logits (T, B, V) of ids (T, B), and the state."""
        states, carry = self.lstm(self.dropout(self.embedding(ids)), carry)
        return self.linear(self.dropout(states)), carry


def batches(rows: Rows, size: int, shuffled: bool = True) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Padded ids (B, T), lengths (B,) and labels, in a new random order."""
    order = torch.randperm(len(rows)).tolist() if shuffled else range(len(rows))
    for at in range(0, len(rows), size):
        some = [rows[i] for i in order[at : at + size]]
        lengths = torch.tensor([len(ids) for ids, _ in some])
        labels = [label for _, label in some]
        gold = torch.stack(labels) if labels[0].dim() == 0 else pad_sequence(labels, True, IGNORED)
        yield pad_sequence([ids for ids, _ in some], True), lengths, gold


def train_rows(model: nn.Module, rows: Rows, size: int, optimizer: torch.optim.Optimizer) -> None:
    """One epoch."""
    model.train()
    device = next(model.parameters()).device
    for ids, lengths, gold in batches(rows, size):
        optimizer.zero_grad()
        scores, gold = model(ids.to(device), lengths).flatten(0, -2), gold.to(device).flatten()
        cross_entropy(scores, gold, ignore_index=IGNORED).backward()
        optimizer.step()


class RowTraining:
    """Training on rows, step by step.

    Args:
        model: the model.
        rows: the training rows.
        size: the number of rows per step.
    """

    def __init__(self, model: nn.Module, rows: Rows, size: int) -> None:
        self.model, self.rows, self.size = model, rows, size
        self.optimizer, self.batches = torch.optim.Adam(model.parameters()), iter(())

    def steps(self, count: int) -> None:
        """Train for some steps, starting over in a new order at the end of the rows."""
        self.model.train()
        for _ in range(count):
            if (batch := next(self.batches, None)) is None:
                self.batches = batches(self.rows, self.size)
                batch = next(self.batches)
            ids, lengths, gold = batch
            self.optimizer.zero_grad()
            scores = self.model(ids, lengths).flatten(0, -2)
            cross_entropy(scores, gold.flatten(), ignore_index=IGNORED).backward()
            self.optimizer.step()


def predict_rows(model: nn.Module, rows: Rows, size: int) -> list[list[int]]:
    """The best label of each token, in the order of the rows."""
    model.eval()
    outputs = []
    with torch.no_grad():
        for ids, lengths, _ in batches(rows, size, shuffled=False):
            best = model(ids, lengths).argmax(-1).tolist()
            outputs += [row[:length] for row, length in zip(best, lengths.tolist(), strict=True)]
    return outputs


class Stream:
    """Training of a language model on one running text, step by step.

    Args:
        model: the model.
        ids: (N,), the text.
        streams: B.
        bptt: tokens per stream and step.
        rate: the learning rate of plain SGD.
        clip: the maximum norm of the gradient.
    """

    def __init__(
        self, model: LanguageModel, ids: Tensor, streams: int, bptt: int, rate: float, clip: float
    ) -> None:
        length = (len(ids) - 1) // streams
        self.inputs = ids[: length * streams].view(streams, length).t().contiguous()  # (length, B)
        self.answers = ids[1 : length * streams + 1].view(streams, length).t().contiguous()
        self.model, self.bptt, self.rate, self.clip, self.at, self.carry = model, bptt, rate, clip, 0, None

    def steps(self, count: int) -> None:
        """Train for some steps, starting over at the end of the text."""
        self.model.train()
        for _ in range(count):
            if self.at >= len(self.inputs):
                self.at, self.carry = 0, None
            piece = slice(self.at, self.at + self.bptt)
            if self.carry is not None:
                self.carry = tuple(part.detach() for part in self.carry)
            self.model.zero_grad()
            logits, self.carry = self.model(self.inputs[piece], self.carry)
            cross_entropy(logits.flatten(0, 1), self.answers[piece].flatten()).backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
            with torch.no_grad():
                for weight in self.model.parameters():
                    weight.add_(weight.grad, alpha=-self.rate)
            self.at += self.bptt


def perplexity(model: LanguageModel, ids: Tensor, chunk: int = 512) -> float:
    """The perplexity of a text read from its start as one stream."""
    model.eval()
    total, carry = 0.0, None
    with torch.no_grad():
        for at in range(0, len(ids) - 1, chunk):
            piece, answers = ids[at : at + chunk], ids[at + 1 : at + chunk + 1]
            logits, carry = model(piece[: len(answers), None], carry)
            total += float(cross_entropy(logits[:, 0], answers, reduction="sum"))
    return float(torch.tensor(total / (len(ids) - 1)).exp())
