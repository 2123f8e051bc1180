"""Vectors of a word's spelling: the word in lower case, its first and last letters, its shape."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from core.data.vocab import END, UNK, Vocab
from core.errors import ConfigError
from core.neural.base import Embedding

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SHAPES = (  # Unicode classes -> one letter each; what is no letter or digit stays as it is
    (r"\p{Lu}", "X"),
    (r"\p{Ll}", "x"),
    (r"\p{Nd}", "d"),
    (r"\p{Lo}", "o"),
    ("XX+", "XX"),
    ("xx+", "xx"),
    ("dd+", "dd"),
    ("oo+", "oo"),
)
LONGEST_SHAPE = 12  # letters of a shape that count: more never repeat


def shapes(words: pa.Array) -> pa.Array:
    """The shapes of words: ``NASA-2003`` is ``XX-dd``, ``iPhone`` is ``xXxx``."""
    for pattern, letter in SHAPES:
        words = pc.replace_substring_regex(words, pattern=pattern, replacement=letter)
    return pc.utf8_slice_codeunits(words, 0, LONGEST_SHAPE)


def spellings(words: Sequence[str], *, prefixes: int, suffixes: int, lower: bool, shape: bool) -> list[Any]:
    """The features of words, a string array of the words' length for each kind of feature.

    Args:
        words: the words.
        prefixes: letters of the longest prefix.
        suffixes: letters of the longest suffix.
        lower: whether the lower-cased word is a feature.
        shape: whether the shape is a feature.
    """
    exact = pa.array(words, pa.string())
    lowered = pc.utf8_lower(exact)
    found = [lowered] if lower else []
    found += [pc.utf8_slice_codeunits(lowered, 0, n) for n in range(1, prefixes + 1)]
    found += [pc.utf8_slice_codeunits(lowered, -n) for n in range(1, suffixes + 1)]
    return [*found, shapes(exact)] if shape else found


class Inventory:
    """The row of each feature: those of the training words that are frequent enough, one for the others of a kind.

    Args:
        found: the training words' features, as ``spellings`` gives them.
        weights: float64 (N,), how often training has each word.
        min_count: a feature that training has fewer times has no row of its own.
        buckets: hash the features into so many numbers instead of listing them.
    """

    def __init__(self, found: Sequence[Any], weights: Floats, *, min_count: int, buckets: int | None) -> None:
        self.kinds, self.buckets = len(found), buckets
        self.listed = [] if buckets else [pc.unique(strings) for strings in found]
        self.starts = np.cumsum([0, *map(len, self.listed)])
        codes = self._codes(found)
        width = buckets or int(self.starts[-1])
        counts = np.bincount(codes.ravel(), weights.repeat(self.kinds), minlength=width)
        known = counts >= min_count
        self.places = np.where(known, self.kinds - 1 + np.cumsum(known), -1)  # code -> row
        self.counts = np.concatenate([np.zeros(self.kinds), counts[known]])  # of each row, 0 for the unknown ones

    def rows(self, found: Sequence[Any]) -> Rows:
        """The rows of words' features: (N, kinds); row k is that of the unknown features of kind k."""
        codes = self._codes(found)
        rows = np.where(codes < 0, -1, self.places[codes])
        return np.where(rows < 0, np.arange(self.kinds), rows)

    def _codes(self, found: Sequence[Any]) -> Rows:
        """A number a feature, -1 for those that are not listed: (N, kinds)."""
        make = self._hashed if self.buckets else self._listed
        return np.stack([make(kind, strings) for kind, strings in enumerate(found)], 1)

    def _listed(self, kind: int, strings: Any) -> Rows:
        places = pc.index_in(strings, value_set=self.listed[kind]).fill_null(-1).to_numpy()
        return np.where(places < 0, -1, places + self.starts[kind])

    def _hashed(self, kind: int, strings: Any) -> Rows:
        types = pc.dictionary_encode(strings)
        hashes = [zlib.crc32(f"{kind}:{text}".encode()) for text in types.dictionary.to_pylist()]
        codes: Rows = np.array(hashes, dtype=np.int64)[types.indices.to_numpy()] % (self.buckets or 1)
        return codes


class Affix(Embedding):
    """A vector a word from what it looks like, so that a word never seen has one too.

    Each word has the features lower-cased word, prefixes of 1, 2, ... letters, suffixes of 1, 2, ... letters
    (both of the lower-cased word) and shape; each feature has a row of numbers, and the vector is their sum,
    or the rows side by side. A feature that training hardly has shares the row of the unknown ones of its
    kind; this row is trained on rare features, by reading a feature that was seen n times as unknown with
    probability a / (a + n). The features are those of Ratnaparkhi (1996).

    Args:
        vocab: the closed vocabulary.
        dim: numbers a feature.
        prefixes: letters of the longest prefix; 0 for none.
        suffixes: letters of the longest suffix; 0 for none.
        lower: whether the lower-cased word is a feature.
        shape: whether the shape is a feature.
        join: whether the features' rows are added up, or put side by side.
        features: a row for each feature of the training words, or for each hash of a feature.
        min_count: a feature that training has fewer times counts as unknown.
        buckets: rows that features are hashed into.
        word_dropout: the a of a / (a + n); 0 never replaces a feature.
    """

    table: Tensor
    rate: Tensor

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0)] = 32,
        prefixes: Annotated[int, Ge(0)] = 3,
        suffixes: Annotated[int, Ge(0)] = 4,
        lower: bool = True,
        shape: bool = True,
        join: Literal["sum", "concat"] = "sum",
        features: Literal["listed", "hashed"] = "listed",
        min_count: Annotated[int, Gt(0)] = 3,
        buckets: Annotated[int, Gt(0)] = 16384,
        word_dropout: Annotated[float, Ge(0)] = 0.25,
    ) -> None:
        super().__init__(vocab)
        self.kinds: dict[str, Any] = {"prefixes": prefixes, "suffixes": suffixes, "lower": lower, "shape": shape}
        if not any(self.kinds.values()):
            remedy = "set lower=true, shape=true, or more than 0 prefixes or suffixes"
            raise ConfigError("no feature is left", where="embedding.affix", remedy=remedy)
        self.join, self.word_dropout = join, word_dropout
        counts = self._list(min_count, buckets if features == "hashed" else None)
        parts = self.table.shape[1]
        self.output_size = dim if join == "sum" else dim * parts
        bound = (3 / dim / parts) ** 0.5  # vectors of length 1 on average
        self.weights = nn.Parameter(torch.empty(len(counts), dim).uniform_(-bound, bound))
        rate = np.where(counts > 0, word_dropout / (word_dropout + np.maximum(counts, 1)), 0.0)
        self.register_buffer("rate", torch.from_numpy(rate).float(), persistent=False)

    def _list(self, min_count: int, buckets: int | None) -> Floats:
        """Give each feature of the closed words its row; how often training has each row's, 0 for unknown ones."""
        weights = np.array(self.vocab.counts, dtype=np.float64)
        weights[[END, UNK]] = 0  # not words of the text
        found = spellings(self.vocab.words, **self.kinds)
        self.inventory = Inventory(found, weights, min_count=min_count, buckets=buckets)
        counts = np.append(self.inventory.counts, 0)  # and END's own row
        rows = self.inventory.rows(found)
        rows[[END, UNK]] = np.arange(len(found))
        rows[END, 0] = len(counts) - 1
        # the rows of closed words, and after them of open ones: (V + O, kinds)
        self.register_buffer("table", torch.from_numpy(rows), persistent=False)
        return counts

    def spell(self, words: Sequence[str]) -> None:
        """Look up the features of the open words."""
        rows = torch.from_numpy(self.inventory.rows(spellings(words, **self.kinds)))
        self.table = torch.cat([self.table[: self.vocab.size], rows.to(self.table.device)])  # (V + O, kinds)

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        types, places = torch.unique(ids, return_inverse=True)  # (U,), (B, T)
        rows = self.table[types]  # (U, kinds)
        if self.training and self.word_dropout:
            rate = self.rate[rows]
            rows = torch.where(torch.rand_like(rate) < rate, torch.arange(rows.shape[1], device=rows.device), rows)
        if self.join == "sum":
            vectors = nn.functional.embedding_bag(rows, self.weights, mode="sum")  # (U, D)
        else:
            vectors = nn.functional.embedding(rows, self.weights).flatten(1)  # (U, kinds * D)
        return nn.functional.embedding(places, vectors)  # (B, T, output_size)
