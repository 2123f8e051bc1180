"""Where a token is, relative to two marked spans: position embeddings (Zeng et al., 2014)."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from core.config.space import Search, Size
from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import ConfigError
from core.model.context import Context
from core.neural.base import Embedding
from core.neural.ops.collation import collate_tensors
from core.types import Int64s

NOWHERE = 0  # the row of a token in a row without spans; distances come after it


class Position(Embedding):
    """A trained vector for the distance of each token to e1, and one for the distance to e2.

    The distance is 0 within the span, negative before it, positive after it, and at most ``max_distance`` in size.
    The two vectors are concatenated. Alone they know no words: join them, as in ``embedding=random+position``
    (Zeng et al., 2014, section 3.4.2; Nguyen and Grishman, 2015; dos Santos et al., 2015).

    Args:
        vocab: the closed vocabulary.
        dim: the dimension of each of the two vectors.
        max_distance: greater distances count as this one.
        shared: whether both distances have the same table of vectors.
    """

    reads_spans: ClassVar[bool] = True

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0), Size(), Search(5, 100, log=True)] = 25,
        max_distance: Annotated[int, Ge(1), Search(10, 100, log=True)] = 30,
        shared: bool = False,
    ) -> None:
        super().__init__(vocab)
        self.output_size, self.max_distance = 2 * dim, max_distance
        bound = (3 / dim) ** 0.5  # vectors of length 1 on average
        shape = (1 if shared else 2, 2 * max_distance + 2, dim)
        self.tables = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Nothing is fitted.

        Raises:
            ConfigError: the task has no marked spans.
        """
        if corpus.spans is None:
            what = "position is the distance to two marked spans, and the rows of this task have none"
            raise ConfigError(what, where="embedding", remedy="leave it out, or choose task=relation")

    def collate(self, ids: Int64s, prepared: None = None, spans: Int64s | None = None) -> Int64s:
        """The row of each token's two distances in the tables (B, T, 2); ``NOWHERE`` without spans."""
        if spans is None:
            return np.full((*ids.shape, 2), NOWHERE, dtype=np.int64)
        at = np.arange(ids.shape[1])[:, None]  # (T, 1)
        starts, ends = spans[:, None, ::2], spans[:, None, 1::2]  # (B, 1, 2)
        distances = np.minimum(at - starts, 0) + np.maximum(at - (ends - 1), 0)  # (B, T, 2)
        return distances.clip(-self.max_distance, self.max_distance) + self.max_distance + 1

    def forward(self, ids: Tensor, prepared: None = None, collated: Tensor | None = None) -> Tensor:
        """Vectors: (B, T, 2 dim)."""
        rows = collate_tensors(self.collate, ids) if collated is None else collated  # (B, T, 2)
        first, second = self.tables[0], self.tables[-1]
        parts = [nn.functional.embedding(rows[..., 0], first), nn.functional.embedding(rows[..., 1], second)]
        return torch.cat(parts, -1)  # (B, T, 2 dim)
