"""The head of kind ``item``: as that of kind ``next``, and the rank of the right item among all items."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from core.data.vocab import FIRST
from core.neural.heads.language import LanguageHead
from core.neural.heads.ranking import rank_events
from core.types import Arrays


class ItemHead(LanguageHead):
    """A linear map onto the items and a softmax; see ``LanguageHead``."""

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.2,
        "head.dropout": 0.2,
        "train.optimizer": "adamw",
        "train.learning_rate": 2e-3,
        "train.schedule": "linear",
        "train.batch_size": 64,
        "train.steps": 1500,
        "train.min_epochs": 3,
    }

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = False
    ) -> Arrays:
        """Log-probability and rank of each target; the rank is that among the items alone."""
        if targets is None:
            raise ValueError("predict of kind item scores the targets: pass targets")
        scored = targets >= 0
        found, arrays = rank_events(self, states[scored], targets[scored], FIRST), dict[str, np.ndarray]()
        for name, other in (("log_prob", 0), ("above", 0), ("ties", 1)):
            every = torch.full(targets.shape, other, dtype=found[name].dtype, device=targets.device)
            every[scored] = found[name]
            arrays[name] = every.cpu().numpy()
        return arrays
