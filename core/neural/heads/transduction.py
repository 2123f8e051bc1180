"""The head of kind ``transduce``: a decoder writes a text from the states of a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn

from core.kinds.transduction import LONGEST
from core.neural.base import Embedding, Encoder, NeuralHead
from core.neural.heads.attention import Scoring
from core.neural.heads.beam import NOWHERE, beam_search
from core.neural.heads.decoder import Decoder, Memory, State
from core.neural.ops.collation import collate_tensors, scored_events, take_events
from core.neural.ops.dropout import Dropout, DropoutRate
from core.neural.ops.linear_cross_entropy import projection_log_probs, projection_loss
from core.neural.ops.precision import at_least_fp32
from core.types import Arrays, Int64s

RATIO, MORE = 2, 10  # an output has at most so many words per token of the row, and so many more


class TransductionHead(NeuralHead):
    """An LSTM decoder with attention to the encoder's states (Bahdanau et al., 2015; Luong et al., 2015).

    Args:
        hidden_size: the size of the decoder's states.
        embedding_size: the size of its vectors of words.
        attention: how states are compared: general (s W m) and dot (s m) as in Luong et al. (2015), additive
            (v tanh(W m + U s)) as in Bahdanau et al. (2015); none: the decoder only sees the encoder's last state
            and the mean of all (Sutskever et al., 2014).
        input_feeding: whether the output of a step is a part of the input of the next one (Luong et al., 2015,
            3.3); the steps are then computed one by one in training, which takes longer.
        tied: use the decoder's table of vectors as the output matrix (Press and Wolf, 2017).
        dropout: the share of the numbers of its vectors of words and of its outputs that training sets to zero.
        label_smoothing: the share of the probability that the training target spreads over all words (Szegedy et
            al., 2016).
        beam: the number of texts that the search for an output continues; 1 is a greedy search. On dev during
            training the search is greedy.
        length_penalty: the power of the length by which the log-probability of a text is divided, to compare texts
            of different lengths; 0 prefers short ones.
        max_length: the largest number of words of an output; auto: twice the tokens of the row, and 10 more.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "embedding.dropout": 0.3,
        "head.dropout": 0.3,
        "train.optimizer": "adamw",
        "train.learning_rate": 2e-3,
        "train.schedule": "linear",
        "train.steps": 6000,
    }

    def __init__(
        self,
        encoder: Encoder,
        embedding: Embedding,
        size: int,
        *,
        hidden_size: Annotated[int, Gt(0)] = 256,
        embedding_size: Annotated[int, Gt(0)] = 128,
        attention: Scoring = "general",
        input_feeding: bool = False,
        tied: bool = False,
        dropout: DropoutRate = 0.0,
        label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.0,
        beam: Annotated[int, Ge(1), Le(100)] = 5,
        length_penalty: Annotated[float, Ge(0)] = 1.0,
        max_length: Annotated[int, Ge(1), Le(LONGEST)] | Literal["auto"] = "auto",
    ) -> None:
        super().__init__(encoder, embedding, size)
        self.shared = (encoder,)  # in a tuple, so that torch does not register it as a part of the head
        width = embedding_size if tied else hidden_size
        sizes = size, encoder.output_size, embedding_size, hidden_size, width
        self.decoder = Decoder(*sizes, attention, input_feeding, dropout)
        self.weight = None if tied else nn.Parameter(torch.empty(size, width).uniform_(-0.1, 0.1))
        self.bias = nn.Parameter(torch.zeros(size))
        self.dropout, self.smoothing = Dropout(dropout), label_smoothing
        self.beam, self.penalty, self.max_length = beam, length_penalty, max_length

    @classmethod
    def compile_kernels(cls, options: dict[str, Any], precision: str, tokens: int) -> None:
        """See ``Compiling.compile_kernels``."""
        if precision == "bf16":
            from core.neural.ops.half_lstm import compile_lstm  # imports numba
            from core.neural.ops.half_projection import compile_errors

            compile_errors()
            compile_lstm()

    @property
    def table(self) -> tuple[Tensor, Tensor]:
        """Matrix (size, width) and bias (size,) of the softmax."""
        return self.decoder.words.weight if self.weight is None else self.weight, self.bias

    def collate(self, targets: Int64s, lengths: Int64s) -> tuple[Any, ...]:
        """What ``scored_events`` returns."""
        return scored_events(targets)

    def begin(self, states: Tensor, lengths: Tensor) -> tuple[Memory, State]:
        """What the decoder looks at, and its state before the first word."""
        memory = self.decoder.remember(states, lengths)
        return memory, self.decoder.start(memory, self.shared[0].last(states, lengths))

    def loss(
        self, states: Tensor, lengths: Tensor, targets: Tensor, collated: tuple[Any, ...] | None = None
    ) -> tuple[Tensor, Tensor]:
        """See ``NeuralHead.loss``: targets int64 (B, U)."""
        if collated is None:
            collated = collate_tensors(self.collate, targets, lengths)
        places, answers = collated
        outputs, _ = self.decoder.read(*self.begin(states, lengths), targets)  # (B, U, width)
        events = self.dropout(take_events(outputs, places))  # (N, width)
        loss = projection_loss(events, *self.table, answers)
        if self.smoothing and self.training:
            loss = loss + self.smoothing * self._excess(events, answers)
        return loss, torch.tensor(len(answers))

    def _excess(self, events: Tensor, answers: Tensor) -> Tensor:
        """By how much the logits of the answers exceed the mean of all logits, summed over events (N, width).

        The loss against a target with a share e for all words is that against the answer plus e times this, since
        the logarithm of the normaliser is in both.
        """
        matrix, bias = self.table
        rows = nn.functional.embedding(answers, matrix) - matrix.mean(0)  # (N, width)
        return (events.float() * rows).sum() + (bias[answers] - bias.mean()).sum()

    def log_probs(self, states: Tensor) -> Tensor:
        """Log-probabilities of all words for outputs of the decoder (..., width); see ``NeuralHead.log_probs``."""
        return at_least_fp32(nn.functional.linear(states, *self.table)).log_softmax(-1)

    def predict(
        self,
        states: Tensor,
        lengths: Tensor,
        targets: Tensor | None = None,
        probabilities: bool = False,
        beam: int | None = None,
    ) -> Arrays:
        """The best text of each row, and the log-probability of the targets where there are some.

        Returns:
            ``output`` and ``aligned`` int32 (B, L) and ``log_prob`` (B,); see ``core.kinds.transduction``.
        """
        memory, state = self.begin(states, lengths)
        limits = RATIO * lengths + MORE if self.max_length == "auto" else torch.full_like(lengths, self.max_length)
        writing = _Writing(self, memory, state)
        limits, dtype = limits.clamp(max=LONGEST), memory.states.dtype
        found = beam_search(writing, limits, beam or self.beam, self.penalty, dtype)
        answers = {"output": found.words, "aligned": found.places}
        arrays = {name: tensor.to(torch.int32).cpu().numpy() for name, tensor in answers.items()}
        if targets is not None and bool((targets >= 0).any()):
            arrays["log_prob"] = self._target_log_probs(memory, state, targets).detach().cpu().numpy()
        return arrays

    def _target_log_probs(self, memory: Memory, state: State, targets: Tensor) -> Tensor:
        """The log-probability of each row of targets: (B, U) -> (B,)."""
        scored, (outputs, _) = targets >= 0, self.decoder.read(memory, state, targets)
        events = projection_log_probs(outputs[scored], *self.table, targets[scored])  # (N,)
        found = events.new_zeros(targets.shape)
        found[scored] = events
        return found.sum(1)

    def predict_pieces(
        self, pieces: Iterable[Tensor], targets: Tensor, probabilities: bool = False, beam: int | None = None
    ) -> Arrays:
        """See ``NeuralHead.predict_pieces``; the states of the whole row are held in memory."""
        states = torch.cat(list(pieces), 1)  # (1, T, H)
        lengths = torch.tensor([states.shape[1]], device=states.device)
        return self.predict(states, lengths, targets, beam=beam)

    def attention(self, states: Tensor, lengths: Tensor, targets: Tensor) -> Tensor | None:
        """How much each word of given texts attends to each token: targets (B, U) -> (B, U, T); None without."""
        return self.decoder.read(*self.begin(states, lengths), targets)[1]


class _Writing:
    """The decoder in the midst of several texts per row; see ``core.neural.heads.beam.Decoding``."""

    def __init__(self, head: TransductionHead, memory: Memory, state: State) -> None:
        self.head, self.memory, self.state = head, memory, state

    def step(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """The next words, and the token that each text attends to most."""
        decoder = self.head.decoder
        outputs, weights, self.state = decoder.step(self.memory, self.state, decoder.words(words))
        places = torch.full_like(words, NOWHERE)
        if weights is not None:
            places = weights.argmax(-1).masked_fill((self.memory.lengths == 0)[:, None], NOWHERE)
        return self.head.log_probs(outputs), places

    def select(self, rows: Tensor, texts: Tensor) -> None:
        """Other texts of some rows."""
        self.state = self.state.select(rows[:, None], texts)
        self.memory = self.memory.select(rows)
