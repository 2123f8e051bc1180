"""The neural family's contract: what an encoder and an embedding must offer, and what a head is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.model.context import Context
from core.model.interface import FilterActivation
from core.types import Arrays, Float32s

Carry = Any  # None or a nested tuple of tensors, each with the batch first


class Encoder(nn.Module):
    """A map from the vectors of a sequence to a state for each position.

    The cells of ``inputs`` beyond ``lengths`` may hold anything and never change a result; the states
    beyond ``lengths`` may be anything. Rows of length 0 are legal.

    Args:
        input_size: the size of a token's vector.
        causal: True where state t may depend on inputs up to t only (kind ``next``).
    """

    output_size: int
    pooling: ClassVar[str] = "mean"  # what head.pooling=auto means for it

    def __init__(self, input_size: int, causal: bool) -> None:
        super().__init__()
        self.input_size, self.causal = input_size, causal

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """States, and what must be known of this chunk to go on with the next one.

        Args:
            inputs: float (B, T, input_size).
            lengths: int64 (B,), tokens a row, 0 to T.
            carry: what the call for the chunk before returned; None at the start.

        Returns:
            states (B, T, output_size), and the carry after position T (of a row that is shorter than T it
            may be anything: that row has ended).
        """
        raise NotImplementedError

    def last(self, states: Tensor, lengths: Tensor) -> Tensor:
        """The state that has seen the whole row; a two-way encoder joins its two ends.

        Args:
            states: (B, T, output_size).
            lengths: int64 (B,); a row of length 0 gives zeros.

        Returns:
            (B, output_size).
        """
        index = (lengths - 1).clamp(min=0)
        rows = torch.arange(len(states), device=states.device)
        return states[rows, index].masked_fill((lengths == 0)[:, None], 0.0)  # (B, H)

    def explain(self, inputs: Tensor, lengths: Tensor, top: int = 5) -> list[list[FilterActivation]] | None:
        """Which tokens of each row the strongest filters answered to; optional.

        Args:
            inputs: (B, T, input_size).
            lengths: int64 (B,).
            top: filters a row, at most.

        Returns:
            For each row its filters, the strongest first, none for an empty row; None for an encoder that
            has no filters.
        """
        return None


class Embedding(nn.Module):
    """Vectors of token ids, open ones too.

    Args:
        vocab: the closed vocabulary. The constructor makes shapes only; it runs when a model is loaded too.
    """

    output_size: int
    weight: nn.Parameter | None  # (vocab.size, output_size) where each word has one row, else None
    formats: ClassVar[tuple[str, ...]] = ()  # of other programs, that ``write_as`` writes

    def __init__(self, vocab: Vocab) -> None:
        super().__init__()
        self.register_parameter("weight", None)  # torch refuses a parameter that a class attribute hides
        self.vocab = vocab

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """A hash of the content of the files that the options name, so that other content is another run.

        Args:
            options: those of the constructor.

        Returns:
            None where no file is read, or it is not there.
        """
        return None

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Once before training and never at load: train vectors, read a file."""

    def spell(self, words: Sequence[str]) -> None:
        """Before each corpus: its open words; id ``vocab.size + i`` is ``words[i]``, each type once."""

    def has(self, ids: Tensor) -> Tensor:
        """Which words have a vector of their own: open ids int64 (B, T) -> bool (B, T); those of training do."""
        return (ids >= FIRST) & (ids < self.vocab.size)

    def whole(self) -> tuple[Sequence[str], Float32s] | None:
        """All words that have a vector of their own (N), and these (N, D); None where training's words are all."""
        return None

    def write_as(self, format: str, path: Path, words: Sequence[str], vectors: Float32s) -> None:
        """Write vectors to a file of other programs; only where ``formats`` names some.

        Args:
            format: one of ``formats``.
            path: the file; one that is there is replaced once the new one is whole.
            words: the words (N), in the order of ``whole``, else the most frequent first.
            vectors: (N, D), their vectors.

        Raises:
            DataError: the vectors cannot be written in this format.
        """
        raise NotImplementedError

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors: open ids int64 (B, T) -> float (B, T, output_size)."""
        raise NotImplementedError


class NeuralHead(nn.Module):
    """What stands on the encoder's states; core has one a kind.

    Args:
        encoder: read for ``output_size``, ``pooling`` and ``last``; not owned.
        embedding: read for ``weight`` (tied projections); not owned.
        size: the number of answers: words for ``next``, labels (END and UNK not among them) else.
    """

    defaults: ClassVar[dict[str, Any]] = {}  # dotted keys -> values: what this kind sets for the other sections

    def __init__(self, encoder: Encoder, embedding: Embedding, size: int) -> None:
        super().__init__()
        self.size = size

    def prepare(self, targets: Tensor) -> None:
        """Once before training and never at load; optional: what depends on how often each answer is right.

        What it sets must be in the ``state_dict``.

        Args:
            targets: int64 (N,), the training split's answers from 0; a negative one is not scored.
        """

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The sum of negative natural log-probabilities, and the number of events it is over.

        Args:
            states: (B, T, H).
            lengths: int64 (B,).
            targets: int64, answers from 0; (B, T) for ``next`` and ``token``, (B,) for ``sequence``; an
                event with a negative target is not scored.

        Returns:
            Two scalars; the second is an integer tensor.
        """
        raise NotImplementedError

    def log_probs(self, states: Tensor) -> Tensor:
        """Natural log-probabilities of every answer: (N, H) -> (N, size), each row sums to 1 in probability."""
        raise NotImplementedError

    def predict(self, states: Tensor, lengths: Tensor, targets: Tensor | None = None) -> Arrays:
        """Predictions of one batch.

        Returns:
            Kind ``next``: ``log_prob`` float (B, T). Kind ``token``: ``label`` int64 (B, T), answers from 0.
            Kind ``sequence``: ``label`` (B,) and ``log_probs`` (B, size).
        """
        raise NotImplementedError
