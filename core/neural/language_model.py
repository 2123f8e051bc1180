"""A neural encoder that predicts each next token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core import processes
from core.data.batching import Batch, Batches, Examples, StreamBatches, left_aligned
from core.data.corpus import Corpus
from core.model.interface import LanguageModel
from core.neural.base import Carry
from core.neural.model import ROWS, NeuralModel
from core.neural.pieces import read_in_pieces
from core.types import Floats, Int32s, Int64s

STREAMS, CHUNK = 32, 64  # streams, and tokens of each, per batch of prediction


class NeuralLanguageModel(NeuralModel, LanguageModel):
    """A causal encoder; with ``task.mode=stream`` rows are one running text, and the state is carried on."""

    @property
    def stream(self) -> bool:  # type: ignore[override] # read only
        """Whether all rows are read as one running text."""
        return self.task.mode == "stream"

    def batches(self, examples: Examples, batch_size: int, bptt: int, max_tokens: int) -> Batches:
        """The training batches of examples: streams or rows."""
        if not self.stream:
            return super().batches(examples, batch_size, bptt, max_tokens)
        return StreamBatches(examples, batch_size, bptt)

    def prediction_batches(self, examples: Examples) -> Iterable[Batch]:
        """The batches of prediction: streams or rows."""
        if not self.stream:
            return super().prediction_batches(examples)
        chunk = max(1, min(CHUNK, self.max_tokens // STREAMS))
        batches = StreamBatches(examples, STREAMS, chunk, self.task.warmup)
        if self.runtime.processes > 1:
            batches = batches.share(processes.rank(), self.runtime.processes)
        return map(batches.collate, batches.plan(0))

    def score(self, corpus: Corpus, *, independent: bool) -> Floats:
        """See ``LanguageModel.score``."""
        examples = self.kind.examples(corpus)
        batches = super().prediction_batches(examples) if independent else None
        return self.predict_examples(corpus, examples, batches)["log_prob"]

    def next_log_probs(self, histories: Int32s, prepared: Any = None) -> Floats:
        """See ``LanguageModel.next_log_probs``."""
        (ids, lengths), parts = left_aligned(histories), []
        size = max(1, min(ROWS, self.max_tokens // ids.shape[1]))
        for at in range(0, len(ids), size):
            with self.inference():
                last = self._last_states(ids[at : at + size], lengths[at : at + size], prepared)  # (b, H)
                parts.append(self.network.head.log_probs(last).cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.vocab.size), dtype=np.float32)

    def _last_states(self, ids: Int64s, lengths: Int64s, prepared: Any) -> Tensor:
        """The state after each history, left-aligned: (B, T), (B,) -> (B, H); one too long is read in pieces."""
        if len(ids) == 1 and lengths[0] > self.max_tokens:
            parts = (self.network, ids[0, : lengths[0]], self.max_tokens, prepared, self.device)
            for states in read_in_pieces(*parts):  # (1, t, H)
                last: Tensor = states[:, -1]  # (1, H)
            return last
        sizes = self.put(lengths)
        states, _ = self.network(self.put(ids), sizes, None, prepared)
        last = states[torch.arange(len(ids), device=self.device), sizes - 1]
        return last  # (B, H)

    def advance(self, histories: Int32s, tokens: Int32s, carry: Carry, prepared: Any = None) -> tuple[Floats, Any]:
        """See ``LanguageModel.advance``."""
        ids = (histories if carry is None else tokens).astype(np.int64)  # (B, t)
        size = max(1, self.max_tokens // max(1, len(ids)))
        with self.inference():
            for at in range(0, ids.shape[1], size):
                part = self.put(ids[:, at : at + size])
                states, carry = self.network(part, torch.full_like(part[:, 0], part.shape[1]), carry, prepared)
            return self.network.head.log_probs(states[:, -1]).cpu().numpy(), carry

    def prepare(self, words: Sequence[str]) -> Any:
        """What the embedding needs of the open words; see ``LanguageModel.prepare``."""
        return self.network.embedding.prepare(words)
