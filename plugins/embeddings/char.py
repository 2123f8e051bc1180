"""Vectors of words from their characters, computed by a small CNN or BiLSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from core.data.vocab import END, UNK, Vocab
from core.neural.base import Embedding
from core.types import Int32s, Int64s

PAD, UNKNOWN, START, STOP, LETTERS = range(5)  # ids of characters; those of the training words follow
GROUPS = 4  # groups of words of similar length
NONCHARACTER = "\ufffe"  # the spelling of the unknown word: one unknown character (END is an empty word)


class Char(Embedding):
    """The vector of a word from its characters, also for unknown words.

    The network is a convolution with max pooling over the positions (dos Santos and Zadrozny, 2014; Kim et al.,
    2016), or an LSTM per direction whose last states are concatenated (Ling et al., 2015). Each distinct word of
    a batch is computed once. The unknown character is trained by replacing characters at random.

    Args:
        vocab: the closed vocabulary.
        network: cnn or bilstm.
        dim: the dimension of a character vector.
        widths: cnn: the number of characters that the filters span.
        channels: cnn: filters per width.
        hidden_size: bilstm: the size of a state, per direction.
        min_count: characters with a lower training count are unknown.
        longest: the maximum number of characters; of a longer word the first and last halves are read.
        char_dropout: the share of characters that are replaced by the unknown character in training.
    """

    letters: Tensor
    offsets: Tensor

    def __init__(
        self,
        vocab: Vocab,
        *,
        network: Literal["cnn", "bilstm"] = "cnn",
        dim: Annotated[int, Gt(0)] = 25,
        widths: list[Annotated[int, Gt(0)]] = [2, 3, 4],  # noqa: B006 - copied, never changed
        channels: Annotated[int, Gt(0)] = 50,
        hidden_size: Annotated[int, Gt(0)] = 25,
        min_count: Annotated[int, Gt(0)] = 3,
        longest: Annotated[int, Gt(1)] = 24,
        char_dropout: Annotated[float, Ge(0), Lt(1)] = 0.01,
    ) -> None:
        super().__init__(vocab)
        self.longest, self.char_dropout = longest, char_dropout
        words = [*vocab.words]
        words[END], words[UNK] = "", NONCHARACTER
        points, offsets = _points(words, longest)
        self.alphabet = _alphabet(
            points, np.repeat(_weights(vocab), np.diff(offsets)), min_count
        )  # (A,), ascending
        self.vectors = nn.Embedding(LETTERS + len(self.alphabet), dim, padding_idx=PAD)
        self.network: Filters | Ends = (
            Filters(dim, tuple(widths), channels) if network == "cnn" else Ends(dim, hidden_size)
        )
        self.output_size = self.network.output_size
        for name, part in zip(("letters", "offsets"), self._coded(points, offsets), strict=True):
            self.register_buffer(name, torch.from_numpy(part), persistent=False)  # (N,), (V + 1,)

    def prepare(self, words: Sequence[str]) -> tuple[Tensor, Tensor]:
        """The characters of the open words, end to end, and where each word starts: int32 (N,), int64 (O + 1,)."""
        letters, offsets = self._coded(*_points(words, self.longest))
        device = self.letters.device
        return torch.from_numpy(letters).to(device), torch.from_numpy(offsets).to(device)

    def forward(self, ids: Tensor, prepared: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        if not ids.numel():
            return self.vectors.weight.new_zeros(*ids.shape, self.output_size)  # (B, T, H)
        types, places = torch.unique(ids, return_inverse=True)  # (U,), ascending; (B, T)
        letters, lengths = self._letters_of(types, prepared)
        if self.training and self.char_dropout:
            dropped = torch.rand(letters.shape, device=letters.device) < self.char_dropout
            letters = letters.masked_fill(dropped & (letters >= LETTERS), UNKNOWN)
        vectors = self.network(self.vectors(letters), lengths)  # (U, H)
        return nn.functional.embedding(places, vectors)  # (B, T, H)

    def _letters_of(self, types: Tensor, prepared: tuple[Tensor, Tensor] | None) -> tuple[Tensor, Tensor]:
        """The characters of ascending ids with their marks, end to end, and their numbers: int64 (N,), (U,)."""
        if prepared is None:
            return _letters(self.letters, self.offsets, types)
        closed = types[types < self.vocab.size]
        own = _letters(self.letters, self.offsets, closed)
        others = _letters(*prepared, types[len(closed) :] - self.vocab.size)
        return torch.cat([own[0], others[0]]), torch.cat([own[1], others[1]])

    def _coded(self, points: Int64s, offsets: Int64s) -> tuple[Int32s, Int64s]:
        """Ids of characters for code points, with a start and a stop mark around each word."""
        places = np.searchsorted(self.alphabet, points)
        letters = np.full(len(points), UNKNOWN, dtype=np.int32)
        if len(self.alphabet):
            known = self.alphabet[np.minimum(places, len(self.alphabet) - 1)] == points
            letters[known] = places[known] + LETTERS
        words = np.arange(len(offsets) - 1)
        marked = np.empty(len(points) + 2 * len(words), dtype=np.int32)
        starts = offsets + 2 * np.arange(len(offsets))
        marked[np.arange(len(points)) + 2 * np.repeat(words, np.diff(offsets)) + 1] = letters
        marked[starts[:-1]], marked[starts[1:] - 1] = START, STOP
        return marked, starts


class Filters(nn.Module):
    """The maximum of each filter over the word.

    Words are stored end to end and a window never leaves its word, so no time is spent on padding.

    Args:
        dim: the dimension of a character vector.
        widths: the number of characters that the filters span.
        channels: filters per width.
    """

    def __init__(self, dim: int, widths: Sequence[int], channels: int) -> None:
        super().__init__()
        self.widths = tuple(widths)
        self.filters = nn.ModuleList(nn.Linear(width * dim, channels) for width in widths)
        self.output_size = channels * len(widths)

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Words: characters (N, D) end to end, lengths (U,) at least 1 -> (U, output_size)."""
        words, steps = _walk(lengths)
        rows = torch.arange(len(characters), device=lengths.device)
        left, right = steps, lengths[words] - 1 - steps  # characters of the word on each side
        padded = nn.functional.pad(characters, (0, 0, 0, 1))  # (N + 1, D): the last row is zeros
        outputs = []
        for width, layer in zip(self.widths, self.filters, strict=True):
            shifts = torch.arange(width, device=lengths.device) - (width - 1) // 2
            inside = (-shifts <= left[:, None]) & (shifts <= right[:, None])
            windows = torch.where(inside, rows[:, None] + shifts, len(rows))  # (N, width)
            outputs.append(layer(nn.functional.embedding(windows, padded).flatten(1)))  # (N, C)
        joined = torch.cat(outputs, 1).float()  # (N, H)
        highest: Tensor = torch.segment_reduce(joined, "max", lengths=lengths, axis=0)  # (U, H)
        return highest.relu()


class Ends(nn.Module):
    """The last states of two LSTMs, one from the left and one from the right.

    Words are computed in groups of similar length, so little time is spent on padding.

    Args:
        dim: the dimension of a character vector.
        hidden_size: the size of a state.
    """

    def __init__(self, dim: int, hidden_size: int) -> None:
        super().__init__()
        self.ahead = nn.LSTM(dim, hidden_size, batch_first=True)
        self.back = nn.LSTM(dim, hidden_size, batch_first=True)
        self.output_size = 2 * hidden_size

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Words: characters (N, D) end to end, lengths (U,) at least 1 -> (U, output_size)."""
        order = lengths.argsort()
        starts = lengths.cumsum(0) - lengths
        ends = torch.cat([self._ends(characters, starts[some], lengths[some]) for some in order.chunk(GROUPS)])
        return ends[order.argsort()]  # (U, 2 H)

    def _ends(self, characters: Tensor, starts: Tensor, lengths: Tensor) -> Tensor:
        steps = torch.arange(int(lengths.max()), device=lengths.device)  # (L,)
        last, rows = lengths[:, None] - 1, torch.arange(len(lengths), device=lengths.device)
        ahead, _ = self.ahead(characters[starts[:, None] + torch.minimum(steps, last)])  # (u, L, H)
        back, _ = self.back(characters[starts[:, None] + (last - steps).clamp(min=0)])
        return torch.cat([ahead[rows, lengths - 1], back[rows, lengths - 1]], -1)  # (u, 2 H)


def _letters(letters: Tensor, offsets: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
    """The characters of some words, end to end, and their numbers: int64 (N,), (U,)."""
    starts = offsets[words]
    lengths = offsets[words + 1] - starts
    index, steps = _walk(lengths)
    return letters[starts[index] + steps].long(), lengths


def _walk(lengths: Tensor) -> tuple[Tensor, Tensor]:
    """For words end to end, the word of each character and its position in it: 2 x int64 (N,)."""
    words = torch.repeat_interleave(torch.arange(len(lengths), device=lengths.device), lengths)
    starts = lengths.cumsum(0) - lengths
    return words, torch.arange(len(words), device=lengths.device) - starts[words]


def _points(words: Sequence[str], longest: int) -> tuple[Int64s, Int64s]:
    """The code points of words, shortened, end to end, and where each word starts: int64 (N,), (W + 1,)."""
    half = longest // 2
    cut = [word if len(word) <= longest else word[: longest - half] + word[-half:] for word in words]
    offsets = np.concatenate([[0], np.cumsum([len(word) for word in cut])]).astype(np.int64)
    data = "".join(cut).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(data, dtype=np.uint32).astype(np.int64), offsets


def _weights(vocab: Vocab) -> Int64s:
    """The training count of each word, 0 for END and UNK."""
    weights = np.array(vocab.counts, dtype=np.int64)
    weights[[END, UNK]] = 0
    return weights


def _alphabet(points: Int64s, weights: Int64s, min_count: int) -> Int64s:
    """The frequent code points, ascending."""
    unique, places = np.unique(points, return_inverse=True)
    return unique[np.bincount(places, weights, minlength=len(unique)) >= min_count]
