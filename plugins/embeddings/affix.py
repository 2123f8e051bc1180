"""Vectors from the spelling of a word: the lower-cased word, its prefixes, suffixes and shape."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from core.config.space import Search, Size
from core.data.arrow_numpy import to_numpy, to_strings
from core.data.vocab import END, UNK, Vocab
from core.data.word_cache import WordCache
from core.errors import ConfigError
from core.neural.base import Embedding
from core.neural.ops.collation import distinct, to_device
from core.types import Float64s, Int64s

Rows = tuple[Int64s, Int64s]  # of the features of U words (U, kinds), and which word each token is (B, T)

SHAPES = (  # Unicode classes -> one letter each; other characters stay as they are
    (r"\p{Lu}", "X"),
    (r"\p{Ll}", "x"),
    (r"\p{Nd}", "d"),
    (r"\p{Lo}", "o"),
    ("XX+", "XX"),
    ("xx+", "xx"),
    ("dd+", "dd"),
    ("oo+", "oo"),
)
LONGEST_SHAPE = 12  # longer shapes are cut


def shapes(words: pa.Array) -> pa.Array:
    """The shapes of words, such as ``XX-dd`` for ``NASA-2003`` and ``xXxx`` for ``iPhone``."""
    for pattern, letter in SHAPES:
        words = pc.replace_substring_regex(words, pattern=pattern, replacement=letter)
    return pc.utf8_slice_codeunits(words, 0, LONGEST_SHAPE)


def spellings(words: Sequence[str], *, prefixes: int, suffixes: int, lower: bool, shape: bool) -> list[Any]:
    """The features of words: one array of strings (N,) for each kind of feature.

    Args:
        words: the words (N).
        prefixes: length of the longest prefix.
        suffixes: length of the longest suffix.
        lower: whether the lower-cased word is a feature.
        shape: whether the shape is a feature.
    """
    exact = to_strings(words)
    lowered = pc.utf8_lower(exact)
    features = [lowered] if lower else []
    features += [pc.utf8_slice_codeunits(lowered, 0, n) for n in range(1, prefixes + 1)]
    features += [pc.utf8_slice_codeunits(lowered, -n) for n in range(1, suffixes + 1)]
    return [*features, shapes(exact)] if shape else features


class Inventory:
    """The row of each feature: one for each frequent feature, and one per kind for all unknown features.

    Args:
        features: the features of the training words, as returned by ``spellings``.
        weights: float64 (N,), the training count of each word.
        min_count: features with a lower training count have no row of their own.
        buckets: the number of hash buckets for the features; None: list them.
    """

    def __init__(self, features: Sequence[Any], weights: Float64s, *, min_count: int, buckets: int | None) -> None:
        self.kinds, self.buckets = len(features), buckets
        self.listed = [] if buckets else [pc.unique(strings) for strings in features]
        self.starts = np.cumsum([0, *map(len, self.listed)])
        codes = self._codes(features)
        width = buckets or int(self.starts[-1])
        counts = np.bincount(codes.ravel(), weights.repeat(self.kinds), minlength=width)
        known = counts >= min_count
        self.places = np.where(known, self.kinds - 1 + np.cumsum(known), -1)  # code -> row
        self.counts = np.concatenate([np.zeros(self.kinds), counts[known]])  # per row, 0 for unknown features

    def rows(self, features: Sequence[Any]) -> Int64s:
        """The rows of the features of words: (N, kinds); row k is for the unknown features of kind k."""
        codes = self._codes(features)
        rows = np.where(codes < 0, -1, self.places[codes])
        return np.where(rows < 0, np.arange(self.kinds), rows)

    def _codes(self, features: Sequence[Any]) -> Int64s:
        """The number of each feature, -1 if it is not listed: (N, kinds)."""
        number = self._hashed if self.buckets else self._listed
        return np.stack([number(kind, strings) for kind, strings in enumerate(features)], 1)

    def _listed(self, kind: int, strings: Any) -> Int64s:
        places = pc.index_in(strings, value_set=self.listed[kind])
        codes = np.full(len(places), -1, dtype=np.int64)
        codes[to_numpy(places.is_valid())] = self.starts[kind] + to_numpy(places.drop_null())
        return codes

    def _hashed(self, kind: int, strings: Any) -> Int64s:
        types = pc.dictionary_encode(strings)
        hashes = [zlib.crc32(f"{kind}:{text}".encode()) for text in types.dictionary.to_pylist()]
        codes: Int64s = np.array(hashes, dtype=np.int64)[to_numpy(types.indices)] % (self.buckets or 1)
        return codes


class Affix(Embedding):
    """The vector of a word from its spelling, also for unknown words.

    The features of a word are the lower-cased word, its prefixes and suffixes of 1, 2, ... characters and its
    shape (Ratnaparkhi, 1996). Each feature has a vector; the vector of the word is their sum or their
    concatenation. Rare features share one vector per kind, that of the unknown features. It is trained by
    treating a feature with the training count n as unknown with probability a / (a + n).

    Args:
        vocab: the closed vocabulary.
        dim: the dimension of a feature vector.
        prefixes: length of the longest prefix; 0 for none.
        suffixes: length of the longest suffix; 0 for none.
        lower: whether the lower-cased word is a feature.
        shape: whether the shape is a feature, such as XX-dd for NASA-2003.
        join: sum adds the vectors of the features, concat concatenates them.
        features: listed: one vector per feature of the training words; hashed: one per hash bucket.
        min_count: features with a lower training count are unknown.
        buckets: the number of hash buckets (features=hashed).
        word_dropout: the a of a / (a + n); 0 never replaces a feature.
    """

    by_word: ClassVar[bool] = True
    table: Int64s  # (V, kinds), the rows of the features of the closed words

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0), Size(), Search(16, 128, log=True)] = 32,
        prefixes: Annotated[int, Ge(0)] = 3,
        suffixes: Annotated[int, Ge(0), Search(2, 5)] = 4,
        lower: bool = True,
        shape: bool = True,
        join: Literal["sum", "concat"] = "sum",
        features: Literal["listed", "hashed"] = "listed",
        min_count: Annotated[int, Gt(0)] = 3,
        buckets: Annotated[int, Gt(0)] = 16384,
        word_dropout: Annotated[float, Ge(0), Search(0.0, 1.0)] = 0.25,
    ) -> None:
        super().__init__(vocab)
        self.kinds: dict[str, Any] = {"prefixes": prefixes, "suffixes": suffixes, "lower": lower, "shape": shape}
        if not any(self.kinds.values()):
            remedy = "set lower=true, shape=true, or more than 0 prefixes or suffixes"
            raise ConfigError("all features are switched off", where="embedding.affix", remedy=remedy)
        self.join, self.word_dropout = join, word_dropout
        counts = self._list(min_count, buckets if features == "hashed" else None)
        self.open_rows = WordCache(self._rows)
        parts = self.table.shape[1]
        self.output_size = dim if join == "sum" else dim * parts
        bound = (3 / dim / parts) ** 0.5  # vectors of length 1 on average
        self.weights = nn.Parameter(torch.empty(len(counts), dim).uniform_(-bound, bound))
        rate = np.where(counts > 0, word_dropout / (word_dropout + np.maximum(counts, 1)), 0.0)
        self.rate = rate.astype(np.float32)

    def _list(self, min_count: int, buckets: int | None) -> Float64s:
        """Assign rows to the features of the closed words; returns the training count of each row."""
        weights = np.array(self.vocab.counts, dtype=np.float64)
        weights[[END, UNK]] = 0  # not words of the text
        features = spellings(self.vocab.words, **self.kinds)
        self.inventory = Inventory(features, weights, min_count=min_count, buckets=buckets)
        counts = np.append(self.inventory.counts, 0)  # the last row belongs to END
        rows = self.inventory.rows(features)
        rows[[END, UNK]] = np.arange(len(features))
        rows[END, 0] = len(counts) - 1
        self.table = rows
        return counts

    def _rows(self, words: Sequence[str]) -> Int64s:
        """The rows of the features of words: (N, kinds)."""
        return self.inventory.rows(spellings(words, **self.kinds))

    def prepare(self, words: Sequence[str]) -> Int64s:
        """The rows of the features of the open words: (O, kinds)."""
        return self.open_rows(words)

    def collate(self, ids: Int64s, prepared: Int64s | None = None) -> Rows:
        """The rows of the features of each distinct word, in training some dropped; which word each token is."""
        types, places = distinct(ids)  # (U,), ascending; (B, T)
        closed = np.searchsorted(types, self.vocab.size)  # the open words come last
        rows = self.table[types[:closed]]  # (U, kinds)
        if prepared is not None and closed < len(types):
            rows = np.concatenate([rows, prepared[types[closed:] - self.vocab.size]])
        if self.training and self.word_dropout:
            drawn = torch.rand(rows.shape).numpy()
            rows = np.where(drawn < self.rate[rows], np.arange(rows.shape[1]), rows)
        return rows, places

    def forward(
        self, ids: Tensor, prepared: Int64s | None = None, collated: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        if collated is None:
            collated = to_device(self.collate(ids.cpu().numpy(), prepared), ids.device)
        rows, places = collated  # (U, kinds), (B, T)
        if self.join == "sum":
            vectors = nn.functional.embedding_bag(rows, self.weights, mode="sum")  # (U, D)
        else:
            vectors = nn.functional.embedding(rows, self.weights).flatten(1)  # (U, kinds * D)
        return nn.functional.embedding(places, vectors)  # (B, T, output_size)
