"""An LSTM that writes a text from the states of a row, with attention to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from core.data.vocab import END
from core.neural.heads.attention import Attention, Scoring
from core.neural.ops.dropout import Dropout
from core.neural.ops.masking import cleared

SPREAD = 0.1  # the standard deviation of initial vectors of words


class Memory(NamedTuple):
    """What the decoder looks at.

    Args:
        states: (B, T, width), zeros beyond the lengths.
        keys: (B, T, size), what attention compares; None without attention.
        lengths: int64 (B,).
    """

    states: Tensor
    keys: Tensor | None
    lengths: Tensor

    def select(self, rows: Tensor) -> Memory:
        """Some rows."""
        keys = None if self.keys is None else self.keys[rows]
        return Memory(self.states[rows], keys, self.lengths[rows])


@dataclass
class State:
    """What the decoder carries on, for K texts per row: ``h``, ``c``, and the last output if it is fed back."""

    h: Tensor  # (B, K, hidden_size)
    c: Tensor  # (B, K, hidden_size)
    fed: Tensor | None  # (B, K, output_size)

    def select(self, rows: Tensor, texts: Tensor) -> State:
        """Other texts of other rows: int64 (B', 1), (B', K')."""
        fed = None if self.fed is None else self.fed[rows, texts]
        return State(self.h[rows, texts], self.c[rows, texts], fed)


class Decoder(nn.Module):
    """One layer of LSTM; its output is the attended states and its own, mapped to one vector (Luong et al., 2015).

    The first state is a map of the encoder's last state and of the mean of all.

    Args:
        size: the number of words.
        width: the size of the encoder's states.
        embedding_size: the size of the vectors of words.
        hidden_size: the size of a state.
        output_size: the size of an output.
        scoring: see ``Attention``; ``none`` sees only the first state.
        feeding: whether the last output is a part of the next input.
        dropout: of the vectors of words in training.
    """

    def __init__(
        self,
        size: int,
        width: int,
        embedding_size: int,
        hidden_size: int,
        output_size: int,
        scoring: Scoring,
        feeding: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(size, embedding_size)
        nn.init.normal_(self.words.weight, std=SPREAD)
        self.dropout, self.feeding, self.output_size = Dropout(dropout), feeding, output_size
        self.cell = nn.LSTM(embedding_size + (output_size if feeding else 0), hidden_size, batch_first=True)
        self.first = nn.Linear(2 * width, 2 * hidden_size)
        self.attention = None if scoring == "none" else Attention(scoring, hidden_size, width)
        if self.attention is not None:
            self.join: nn.Module = nn.Sequential(nn.Linear(width + hidden_size, output_size), nn.Tanh())
        else:
            same = hidden_size == output_size
            self.join = nn.Identity() if same else nn.Linear(hidden_size, output_size, bias=False)

    @property
    def weights(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The weights and biases of the cell, for its input and for its state."""
        get = self.cell.get_parameter
        return get("weight_ih_l0"), get("weight_hh_l0"), get("bias_ih_l0"), get("bias_hh_l0")

    def remember(self, states: Tensor, lengths: Tensor) -> Memory:
        """What is looked at: states (B, T, width), int64 (B,)."""
        memory = cleared(states, lengths)
        return Memory(memory, None if self.attention is None else self.attention.keys(memory), lengths)

    def start(self, memory: Memory, last: Tensor) -> State:
        """The state before the first word, of one text per row; ``last`` (B, width) is that of the encoder."""
        mean = memory.states.sum(1) / memory.lengths.clamp(min=1)[:, None]
        h, c = torch.tanh(self.first(torch.cat([last, mean], -1)))[:, None].chunk(2, -1)  # (B, 1, hidden_size)
        fed = h.new_zeros(len(h), 1, self.output_size) if self.feeding else None
        return State(h, c, fed)

    def read(self, memory: Memory, state: State, answers: Tensor) -> tuple[Tensor, Tensor | None]:
        """The outputs at all words of known texts (teacher forcing), and the weights of attention.

        Args:
            memory: of B rows.
            state: before the first word.
            answers: int64 (B, U), the words; negative ones are beyond the text.

        Returns:
            (B, U, output_size), from which word u is predicted, and (B, U, T); None without attention.
        """
        before = nn.functional.pad(answers[:, :-1].clamp(min=END), (1, 0), value=END)  # (B, U)
        vectors = self.dropout(self.words(before))  # (B, U, embedding_size)
        if not self.feeding:
            return self.attend(memory, self.all_states(vectors, state))
        outputs, weights = [], []
        for vector in vectors.unbind(1):
            output, weight, state = self.step(memory, state, vector[:, None])
            outputs.append(output)
            weights.append(weight)
        known = [weight for weight in weights if weight is not None]
        return torch.cat(outputs, 1), torch.cat(known, 1) if known else None

    def all_states(self, vectors: Tensor, state: State) -> Tensor:
        """The states at all words in one call: (B, U, embedding_size) -> (B, U, hidden_size)."""
        h, c = (part.transpose(0, 1).contiguous() for part in (state.h, state.c))  # (1, B, hidden_size)
        if vectors.device.type != "cpu" or not (torch.is_autocast_enabled("cpu") and self.training):
            states: Tensor = self.cell(vectors, (h.to(vectors.dtype), c.to(vectors.dtype)))[0]
            return states
        from core.neural.ops.half_lstm import half_lstm  # imports numba

        w, u, b, d = self.weights
        found, _ = half_lstm(vectors.transpose(0, 1), h[0].float(), c[0].float(), w, u, b + d)
        return found.transpose(0, 1)

    def step(self, memory: Memory, state: State, vectors: Tensor) -> tuple[Tensor, Tensor | None, State]:
        """One word of K texts per row: (B, K, embedding_size) -> outputs (B, K, output_size), (B, K, T)."""
        w, u, b, d = self.weights
        inputs = vectors if state.fed is None else torch.cat([vectors, state.fed.to(vectors.dtype)], -1)
        gates = linear(inputs, w, b) + linear(state.h, u, d)  # (B, K, 4 hidden_size)
        take, keep, new, show = gates.chunk(4, -1)  # (B, K, hidden_size) each
        c = keep.sigmoid() * state.c + take.sigmoid() * new.tanh()
        h = show.sigmoid() * c.tanh()
        outputs, weights = self.attend(memory, h)
        return outputs, weights, State(h, c, outputs if self.feeding else None)

    def attend(self, memory: Memory, states: Tensor) -> tuple[Tensor, Tensor | None]:
        """The outputs of states, and the weights of attention: (B, U, hidden_size) -> (B, U, output_size)."""
        if self.attention is None or memory.keys is None:
            outputs: Tensor = self.join(states)
            return outputs, None
        context, weights = self.attention(states, memory.keys.to(states.dtype), memory.states, memory.lengths)
        outputs = self.join(torch.cat([context, states.to(context.dtype)], -1))  # (B, U, output_size)
        return outputs, weights
