"""What the training loop needs of a model."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from core.data.batching import Batch, Batches, Examples
from core.data.corpus import Corpus
from core.kinds.base import Kind
from core.model.runtime import Runtime
from core.neural.base import Carry
from core.neural.concat_embedding import Prepared
from core.neural.mean_loss import MeanLoss
from core.neural.network import Network
from core.types import Arrays


class Trainable(Protocol):
    """What the training loop needs of a model."""

    kind: Kind
    network: Network
    device: torch.device
    runtime: Runtime

    def batches(self, examples: Examples, batch_size: int, bptt: int, max_tokens: int) -> Batches:
        """The training batches of examples."""

    def loss(
        self, batch: Batch, carry: Carry = None, prepared: Prepared | None = None
    ) -> tuple[Tensor, Tensor, Carry]:
        """The summed loss of a batch, the number of its events, and the state to carry on."""

    def predict_examples(self, corpus: Corpus, examples: Examples, *, loss: MeanLoss | None = None) -> Arrays:
        """Predictions for a corpus whose examples exist already; ``loss`` adds up the losses of its batches."""
