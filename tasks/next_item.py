"""Next item: what follows in a session or a purchase, ranked among all items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from annotated_types import Ge

from core.data.corpus import Corpus
from core.kinds.next_item import NextItem as Kind
from core.kinds.ranks import gains, hits, reciprocals
from core.task import Task
from core.types import Arrays


class NextItem(Task):
    """Each next item of a row from the items before it; scored by the mean reciprocal rank (MRR).

    A row is a session or a basket, and each token an item. The first item of a row is read and not predicted.
    Items are ranked among all items of training; of items with the same score the mean over all orders is taken,
    and an item that training lacks comes last.

    Args:
        k: hit@k and NDCG@k look at the first k items.
        positions: all scores each item after the first of its row, last only the last one.
    """

    kind = "item"
    primary = "mrr"
    end = False
    # every input item is a trained item
    defaults: ClassVar[dict[str, Any]] = {"data": "sessions", "embedding.word_dropout": "0"}

    def __init__(
        self,
        *,
        k: Annotated[int, Ge(1)] = 10,
        positions: Literal["all", "last"] = "all",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.k, self.positions = k, positions

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """MRR, hit@k and NDCG@k, in percent."""
        scored = Kind().scored_tokens(self, corpus)
        ranks = {name: predictions[name][scored] for name in ("above", "ties")}
        each = {
            "mrr": reciprocals(ranks),
            f"hit@{self.k}": hits(ranks, self.k),
            f"ndcg@{self.k}": gains(ranks, self.k),
        }
        return {name: 100.0 * float(np.mean(v)) if len(v) else float("nan") for name, v in each.items()}
