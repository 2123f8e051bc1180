"""Vectors of words from their characters, computed by a small CNN or BiLSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from core.config.space import Search, Size
from core.data.vocab import END, UNK, Vocab
from core.neural.base import Embedding
from core.neural.ops.collation import distinct, to_device
from core.types import Int32s, Int64s

Coded = tuple[Int32s, Int64s]  # characters of W words end to end (N,), and where each word starts (W + 1,)

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

    by_word: ClassVar[bool] = True

    def __init__(
        self,
        vocab: Vocab,
        *,
        network: Literal["cnn", "bilstm"] = "cnn",
        dim: Annotated[int, Gt(0), Size(), Search(10, 50, log=True)] = 25,
        widths: list[Annotated[int, Gt(0)]] = [2, 3, 4],  # noqa: B006 - copied, never changed
        channels: Annotated[int, Gt(0), Size(), Search(25, 100, log=True, when=("network", ("cnn",)))] = 50,
        hidden_size: Annotated[int, Gt(0), Size(), Search(15, 60, log=True, when=("network", ("bilstm",)))] = 25,
        min_count: Annotated[int, Gt(0)] = 3,
        longest: Annotated[int, Gt(1)] = 24,
        char_dropout: Annotated[float, Ge(0), Lt(1), Search(0.0, 0.1)] = 0.01,
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
        self.coded = self._coded(points, offsets)

    def prepare(self, words: Sequence[str]) -> Coded:
        """The characters of the open words, end to end, and where each word starts: int32 (N,), int64 (O + 1,)."""
        return self._coded(*_points(words, self.longest))

    def collate(self, ids: Int64s, prepared: Coded | None = None) -> tuple[Any, ...]:
        """The characters of the distinct words (N,), a ``plan`` of the network, the word of each token (B, T)."""
        types, places = distinct(ids)  # (U,), ascending; (B, T)
        letters, lengths = self._letters_of(types, prepared)
        if self.training and self.char_dropout:
            drawn = torch.rand(letters.shape).numpy()
            letters[(drawn < self.char_dropout) & (letters >= LETTERS)] = UNKNOWN
        return letters, self.network.plan(lengths), places

    def forward(
        self, ids: Tensor, prepared: Coded | None = None, collated: tuple[Any, ...] | None = None
    ) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        if not ids.numel():
            return self.vectors.weight.new_zeros(*ids.shape, self.output_size)  # (B, T, H)
        if collated is None:
            collated = to_device(self.collate(ids.cpu().numpy(), prepared), ids.device)
        letters, plan, places = collated
        vectors = self.network(self.vectors(letters), *plan)  # (U, H)
        return nn.functional.embedding(places, vectors)  # (B, T, H)

    def _letters_of(self, types: Int64s, prepared: Coded | None) -> tuple[Int64s, Int64s]:
        """The characters of ascending ids with their marks, end to end, and their numbers: int64 (N,), (U,)."""
        if prepared is None:
            return _letters(*self.coded, types)
        closed = np.searchsorted(types, self.vocab.size)  # the open words come last
        own = _letters(*self.coded, types[:closed])
        others = _letters(*prepared, types[closed:] - self.vocab.size)
        return np.concatenate([own[0], others[0]]), np.concatenate([own[1], others[1]])

    def _coded(self, points: Int64s, offsets: Int64s) -> Coded:
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

    def plan(self, lengths: Int64s) -> tuple[Any, ...]:
        """The lengths of words (U,), at least 1, and for each width the characters of the windows (N, width)."""
        words, steps = _walk(lengths)
        rows = np.arange(len(words))
        left, right = steps[:, None], (lengths[words] - 1 - steps)[:, None]  # characters of the word on each side
        windows = []
        for width in self.widths:
            shifts = np.arange(width) - (width - 1) // 2
            inside = (-shifts <= left) & (shifts <= right)
            windows.append(np.where(inside, rows[:, None] + shifts, len(rows)))  # (N, width), N: none
        return lengths, tuple(windows)

    def forward(self, characters: Tensor, lengths: Tensor, windows: Sequence[Tensor]) -> Tensor:
        """Words: characters (N, D) end to end, and their ``plan`` -> (U, output_size)."""
        padded = nn.functional.pad(characters, (0, 0, 0, 1))  # (N + 1, D): the last row is zeros
        outputs = [
            layer(nn.functional.embedding(places, padded).flatten(1))  # (N, C)
            for places, layer in zip(windows, self.filters, strict=True)
        ]
        joined = torch.cat(outputs, 1).float()  # (N, H)
        highest: Tensor = torch.segment_reduce(
            joined, "max", lengths=lengths, axis=0, unsafe=True
        )  # (U, H); unsafe: the lengths are not checked, which a GPU would be waited for
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

    def plan(self, lengths: Int64s) -> tuple[Any, ...]:
        """The place of each word (U,) in the order of lengths, and for each group in this order its characters.

        The characters are those read from the left (u, L) and from the right (u, L), and the last step (u,).
        """
        order = torch.from_numpy(lengths).argsort().numpy()  # NumPy's puts equal lengths in another order
        places, starts = np.empty_like(order), lengths.cumsum() - lengths
        places[order] = np.arange(len(order))
        size = -(-len(order) // GROUPS)
        groups = [order[at : at + size] for at in range(0, len(order), size)]
        return places, tuple(_ends(starts[some], lengths[some]) for some in groups)

    def forward(
        self, characters: Tensor, places: Tensor, groups: Sequence[tuple[Tensor, Tensor, Tensor]]
    ) -> Tensor:
        """Words: characters (N, D) end to end, and their ``plan`` -> (U, output_size)."""
        return torch.cat([self._states(characters, *group) for group in groups])[places]  # (U, 2 H)

    def _states(self, characters: Tensor, right: Tensor, left: Tensor, last: Tensor) -> Tensor:
        rows = torch.arange(len(last), device=last.device)
        ahead, _ = self.ahead(characters[right])  # (u, L, H)
        back, _ = self.back(characters[left])
        return torch.cat([ahead[rows, last], back[rows, last]], -1)  # (u, 2 H)


def _ends(starts: Int64s, lengths: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """The characters of words from the left and from the right (u, L), and the last step of each (u,)."""
    steps, last = np.arange(lengths.max()), lengths - 1
    right = starts[:, None] + np.minimum(steps, last[:, None])
    return right, starts[:, None] + (last[:, None] - steps).clip(min=0), last


def _letters(letters: Int32s, offsets: Int64s, words: Int64s) -> tuple[Int64s, Int64s]:
    """The characters of some words, end to end, and their numbers: int64 (N,), (U,)."""
    starts = offsets[words]
    lengths = offsets[words + 1] - starts
    index, steps = _walk(lengths)
    return letters[starts[index] + steps].astype(np.int64), lengths


def _walk(lengths: Int64s) -> tuple[Int64s, Int64s]:
    """For words end to end, the word of each character and its position in it: 2 x int64 (N,)."""
    words = np.repeat(np.arange(len(lengths)), lengths)
    return words, np.arange(len(words)) - (lengths.cumsum() - lengths)[words]


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
