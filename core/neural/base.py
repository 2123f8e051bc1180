"""The contract of the neural family: what encoders and embeddings offer, and what heads receive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.model.context import Context
from core.model.interface import FilterActivation
from core.neural.compiling import Compiling
from core.types import Arrays, Float32s, Int64s

Carry = Any  # None or a nested tuple of tensors, each with the batch first


class Encoder(Compiling, nn.Module):
    """Maps the vectors of a sequence to one state per position.

    The cells of ``inputs`` beyond ``lengths`` may hold anything and never change a result; the states
    beyond ``lengths`` may be anything. Rows of length 0 are valid.

    Args:
        input_size: the size of a token's vector.
        causal: True if state t may depend only on inputs up to t (kind ``next``).
    """

    output_size: int
    pooling: ClassVar[str] = "mean"  # what head.pooling=auto means for this encoder
    left_to_right: ClassVar[type[Encoder] | None] = None  # its one-way version: see ``core.neural.around``
    # kind -> dotted keys -> values that this encoder sets in other sections, over those of the kind's head
    defaults: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, input_size: int, causal: bool) -> None:
        super().__init__()
        self.input_size, self.causal = input_size, causal

    @property
    def receptive_field(self) -> tuple[int | None, int | None]:
        """The numbers of tokens on the left and on the right that a state depends on; None: all of that side.

        A row of more than ``predict.max_tokens`` tokens is read in pieces. With two numbers the pieces overlap by
        them, with (None, 0) the carry of one is passed to the next, and the states are those of the whole row.
        With anything else pieces overlap by a fixed number of tokens, and the states are approximate.
        """
        return (None, 0) if self.causal else (None, None)

    def collate(self, lengths: Int64s, steps: int) -> Any:
        """As ``Embedding.collate``, for a fourth argument of ``forward``; optional: lengths (B,), T steps."""
        return None

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """Compute the states of one chunk, and the carry for the next chunk.

        Args:
            inputs: float (B, T, input_size).
            lengths: int64 (B,), tokens per row, 0 to T.
            carry: the carry returned for the previous chunk; None at the start.

        Returns:
            states (B, T, output_size), and the carry after position T; the carry of a row shorter than T may
            be anything, because that row has ended.
        """
        raise NotImplementedError

    def reads_words(self, tokens: int) -> bool:
        """Whether ``forward_words`` is faster in a prediction of so many tokens in all batches; optional."""
        return False

    def forward_words(self, vectors: Tensor, words: Tensor, lengths: Tensor, carry: Carry = None) -> Any:
        """As ``forward``: vectors (U, input_size), the number of one for each cell (B, T); see ``reads_words``."""
        raise NotImplementedError

    def last(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Select the state that has seen the whole row; a bidirectional encoder joins its two ends.

        No other state than the first and the last of a row is read.

        states (B, T, output_size), lengths int64 (B,) -> (B, output_size); zeros for a row of length 0.
        """
        index = (lengths - 1).clamp(min=0)
        rows = torch.arange(len(states), device=states.device)
        return states[rows, index].masked_fill((lengths == 0)[:, None], 0.0)  # (B, H)

    def explain(self, inputs: Tensor, lengths: Tensor, top: int = 5) -> list[list[FilterActivation]] | None:
        """Find the tokens of each row that the strongest filters respond to; optional.

        Args:
            inputs: (B, T, input_size).
            lengths: int64 (B,).
            top: the maximum number of filters per row.

        Returns:
            The filters of each row, strongest first, none for an empty row; None if the encoder has no filters.
        """
        return None


class Embedding(nn.Module):
    """Vectors of token ids, including open ids.

    Threads share a trained embedding, so prediction never changes it: what belongs to the open words of a call is
    the result of ``prepare``, which travels with the ids.

    Args:
        vocab: the closed vocabulary. The constructor only creates shapes; it also runs when a model is loaded.
    """

    output_size: int
    weight: nn.Parameter | None  # (vocab.size, output_size) if each word has one row, else None
    by_word: ClassVar[bool] = False  # whether in prediction a vector depends on nothing but its own id
    reads_spans: ClassVar[bool] = False  # whether ``collate`` has a third argument, ``Batch.spans``
    formats: ClassVar[tuple[str, ...]] = ()  # file formats of other programs that ``write_as`` supports

    def __init__(self, vocab: Vocab) -> None:
        super().__init__()
        self.register_parameter("weight", None)  # torch rejects a parameter that a class attribute hides
        self.vocab = vocab

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """Hash the files that the options name, so that other content is another run; None if no file is read."""
        return None

    @classmethod
    def needs_text(cls, options: dict[str, Any]) -> bool:
        """Whether its vectors depend on the run's text; if not, a task that evaluates vectors needs no data."""
        return True

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Train vectors or read a file; called once before training and never when a model is loaded."""

    @property
    def fitted_parameters(self) -> int:
        """The number of values that ``fit`` trains, without those that the network trains further."""
        return 0

    def count_fitted(self, corpus: Corpus) -> int:
        """What ``fitted_parameters`` will be after ``fit`` on a training split."""
        return 0

    def prepare(self, words: Sequence[str]) -> Any:
        """Look up the open words of a corpus, each type once: id ``vocab.size + i`` is ``words[i]``.

        Nothing of the embedding may change (a ``core.data.word_cache.WordCache`` may fill), and the result must
        not depend on what is trained with the network.

        Returns:
            What ``forward`` and ``has`` need to read these ids; None if they read every open word as unknown, and
            then they receive the ids alone.
        """
        return None

    def has(self, ids: Tensor, prepared: Any = None) -> Tensor:
        """Mark the words with a vector of their own (training words do): bool (B, T); as in ``forward``."""
        return (ids >= FIRST) & (ids < self.vocab.size)

    def whole(self) -> tuple[Sequence[str], Float32s] | None:
        """Return all N words with a vector of their own and these (N, D); None if only training words have one."""
        return None

    def write_as(self, format: str, path: Path, words: Sequence[str], vectors: Float32s) -> None:
        """Write vectors to a file of another program; only called for one of ``formats``.

        Args:
            format: one of ``formats``.
            path: the file; an existing one is replaced once the new one is complete.
            words: N words, in the order of ``whole``, else the most frequent first.
            vectors: (N, D), the vectors of the words.

        Raises:
            DataError: the vectors cannot be written in this format.
        """
        raise NotImplementedError

    def collate(self, ids: Int64s, prepared: Any = None) -> Any:
        """What ``forward`` needs of a batch besides its ids, found before they are on the device; optional.

        On a GPU the host would wait for an answer that decides about shapes, such as which words are distinct.

        Args:
            ids: open ids, int64 (B, T).
            prepared: what ``prepare`` returned for the open words; None without any.

        Returns:
            An array, or a tuple of arrays and other values: ``forward`` gets it as its third argument, with its
            arrays as tensors on the device, or gets none and makes it itself. None: ``forward`` has no third one.
        """
        return None

    def forward(self, ids: Tensor, prepared: Any = None) -> Tensor:
        """Look up vectors.

        Args:
            ids: open ids, int64 (B, T).
            prepared: what ``prepare`` returned for the open words; None without any.

        Returns:
            float (B, T, output_size).
        """
        raise NotImplementedError


class NeuralHead(Compiling, nn.Module):
    """Turns the states of the encoder into answers; core has one head per kind.

    Args:
        encoder: read for ``output_size``, ``pooling`` and ``last``; not owned.
        embedding: read for ``weight`` (tied projections); not owned.
        size: the number of answers: words for ``next``, otherwise labels (without END and UNK).
    """

    defaults: ClassVar[dict[str, Any]] = {}  # dotted keys -> values that this kind sets in other sections

    def __init__(self, encoder: Encoder, embedding: Embedding, size: int) -> None:
        super().__init__()
        self.size = size

    @classmethod
    def choose(cls, options: Mapping[str, Any], lengths: Int64s) -> dict[str, Any]:
        """What ``auto`` means for these training rows, before the head is built to be trained; optional.

        Args:
            options: the options of the head.
            lengths: int64 (R,), the tokens of each training row.

        Returns:
            Option -> value; a saved model is built with it.
        """
        return {}

    def read_labels(self, labels: Vocab) -> None:
        """Use what the label vocabulary says, such as its scheme; optional, once after the head is built."""

    def prepare(self, targets: Tensor) -> None:
        """Set what depends on the frequency of each answer; optional, once before training, never at load.

        ``targets`` int64 (N,) are those of train, negative if not scored. What is set is in the ``state_dict``.
        """

    def collate(self, targets: Int64s, lengths: Int64s) -> Any:
        """As ``Embedding.collate``, for a fourth argument of ``loss``; optional.

        Args:
            targets: as in ``loss``.
            lengths: int64 (B,).
        """
        return None

    def loss(self, states: Tensor, lengths: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Sum the negative natural log-probabilities of the targets, and count the events.

        Args:
            states: (B, T, H).
            lengths: int64 (B,).
            targets: int64, answers from 0; (B, T) for ``next`` and ``token``, (B,) for ``sequence``; an
                event with a negative target is not scored.

        Returns:
            Two scalars; the second is an integer tensor. If it is on the CPU, the host waits for no step on a GPU.
        """
        raise NotImplementedError

    def log_probs(self, states: Tensor) -> Tensor:
        """Natural log-probabilities of all answers: (N, H) -> (N, size); the probabilities of a row sum to 1."""
        raise NotImplementedError

    def predict(
        self, states: Tensor, lengths: Tensor, targets: Tensor | None = None, probabilities: bool = False
    ) -> Arrays:
        """Predict one batch.

        Args:
            states: (B, T, H).
            lengths: int64 (B,).
            targets: as in ``loss``; kind ``next`` scores them, the others do not need them.
            probabilities: whether ``log_probs``, natural logs of all answers to each event, are asked for.

        Returns:
            Kind ``next``: ``log_prob`` float (B, T). Kind ``token``: ``label`` int64 (B, T), answers from 0, and
            if asked for ``log_probs`` (B, T, size). Kind ``sequence``: ``label`` (B,), ``log_probs`` (B, size).
        """
        raise NotImplementedError

    def predict_pieces(self, pieces: Iterable[Tensor], targets: Tensor, probabilities: bool = False) -> Arrays:
        """Predict one long row; the result is that of ``predict`` for all of its states, which is the default.

        Args:
            pieces: the states of the row, (1, t, H) one after the other.
            targets: (1, T), or (1,) where the row has one answer.
            probabilities: as in ``predict``.
        """
        states = torch.cat(list(pieces), 1)  # (1, T, H)
        more = {"probabilities": True} if probabilities else {}  # a head of a plugin may have none
        return self.predict(states, torch.tensor([states.shape[1]], device=states.device), targets, **more)
