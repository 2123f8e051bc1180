"""A neural encoder that predicts each next token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from core.data.batching import Batch, Batches, Examples, StreamBatches, left_aligned
from core.data.corpus import Corpus
from core.model.interface import LanguageModel
from core.neural.base import Carry
from core.neural.model import ROWS, NeuralModel
from core.types import Floats, Int32s

STREAMS, CHUNK = 32, 64  # streams, and tokens of each, per batch of prediction


class NeuralLanguageModel(NeuralModel, LanguageModel):
    """A causal encoder; with ``task.mode=stream`` rows are one running text, and the state is carried on."""

    @property
    def stream(self) -> bool:  # type: ignore[override] # read only
        """Whether all rows are read as one running text."""
        return self.task.mode == "stream"

    def batches(self, corpus: Corpus, batch_size: int, bptt: int) -> Batches:
        """The training batches of a corpus: streams or rows."""
        if not self.stream:
            return super().batches(corpus, batch_size, bptt)
        return StreamBatches(self.kind.examples(corpus), batch_size, bptt)

    def prediction_batches(self, examples: Examples) -> Iterable[Batch]:
        """The batches of prediction: streams or rows."""
        if not self.stream:
            return super().prediction_batches(examples)
        batches = StreamBatches(examples, STREAMS, CHUNK, self.task.warmup)
        return map(batches.collate, batches.plan(0))

    def score(self, corpus: Corpus, *, independent: bool) -> Floats:
        """See ``LanguageModel.score``."""
        examples = self.kind.examples(corpus)
        batches = super().prediction_batches(examples) if independent else None
        return self.predict_examples(corpus, examples, batches)["log_prob"]

    def next_log_probs(self, histories: Int32s, prepared: Any = None) -> Floats:
        """See ``LanguageModel.next_log_probs``."""
        (ids, lengths), parts = left_aligned(histories), []
        for at in range(0, len(ids), ROWS):
            rows, sizes = self.put(ids[at : at + ROWS]), self.put(lengths[at : at + ROWS])
            with self.inference():
                states, _ = self.network(rows, sizes, None, prepared)
                last = states[torch.arange(len(rows), device=self.device), sizes - 1]  # (b, H)
                parts.append(self.network.head.log_probs(last).cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.vocab.size), dtype=np.float32)

    def advance(self, histories: Int32s, tokens: Int32s, carry: Carry, prepared: Any = None) -> tuple[Floats, Any]:
        """See ``LanguageModel.advance``."""
        ids = self.put((histories if carry is None else tokens).astype(np.int64))  # (B, t)
        with self.inference():
            states, carry = self.network(ids, torch.full_like(ids[:, 0], ids.shape[1]), carry, prepared)
            return self.network.head.log_probs(states[:, -1]).cpu().numpy(), carry

    def prepare(self, words: Sequence[str]) -> Any:
        """What the embedding needs of the open words; see ``LanguageModel.prepare``."""
        return self.network.embedding.prepare(words)
