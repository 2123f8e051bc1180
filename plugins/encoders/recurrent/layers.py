"""Stacks of recurrent layers in one or two directions, whatever their cells are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Annotated, Any, ClassVar, Literal, cast

import torch
from annotated_types import Ge, Gt, Lt
from torch import Tensor, nn

from core.config.space import Search, Size
from core.neural.base import Carry, Encoder
from core.neural.inspection.layers import Inspectable, LayerStates, LayerWeights
from core.neural.ops.collation import take_events, to_device
from core.neural.ops.devices import QUEUING
from core.neural.ops.dropout import Dropout
from core.neural.ops.masking import cleared, reversal, reversed_rows
from core.types import Int64s
from plugins.encoders.recurrent.by_word import is_by_word, read_words
from plugins.encoders.recurrent.cells import Loop, State
from plugins.encoders.recurrent.inspection import inspect_layers, recurrent_matrices
from plugins.encoders.recurrent.norms import Norm
from plugins.encoders.recurrent.packing import Packing, packing
from plugins.encoders.recurrent.stacked import is_fused, read_stack

ENOUGH = 50_000  # tokens: ten such predictions, as of dev after each epoch, save the time of loading the kernel
NOISE = 0.1  # the standard deviation of random initial states


class Recurrent(Encoder, Inspectable):
    """A stack of recurrent layers; subclasses define the cell and the number of directions.

    Each layer and direction is one fused call on the padded batch: padding comes after all tokens, so it does
    not affect their states. The backward direction reads each row reversed within its length, which is faster
    than packing on a CPU; on a GPU one call reads all layers in all directions. Options that the fused kernels
    do not support run as a plain loop over time, which is slower; the help of these options says so.

    Args:
        input_size: the size of a token's vector.
        causal: given by core; a unidirectional stack is always causal.
        hidden_size: the size of a state, per direction.
        num_layers: the number of layers; each reads the states of the layer below, of both directions if there
            are two.
        dropout: the dropout rate between layers.
        residual: whether a layer adds its input to its states if both have the same size.
        norm: the normalisation within the recurrence, layer (Ba et al., 2016) or batch (Cooijmans et al., 2016);
            not in the fused kernels: on one CPU thread, training a tagger with layer takes about 1.2 times as
            long for an RNN, 1.4 for a GRU and 1.5 for an LSTM, and 2 to 2.5 times as long with batch.
        initial_state: the state before the first token: zero; random, normal noise with standard deviation 0.1
            in training and zeros in prediction; learned, a trained parameter.
    """

    directions: ClassVar[int] = 1
    pooling: ClassVar[str] = "max"
    defaults: ClassVar[dict[str, dict[str, Any]]] = {
        kind: {"head.dropout": 0.3} for kind in ("sequence", "number", "set")
    }

    def __init__(
        self,
        input_size: int,
        causal: bool,
        *,
        hidden_size: Annotated[int, Gt(0), Size(), Search(32, 512, log=True)] = 128,
        num_layers: Annotated[int, Gt(0), Search(choices=(1, 2))] = 1,
        dropout: Annotated[float, Ge(0), Lt(1), Search(0.0, 0.6, when=("num_layers", (2,)))] = 0.0,
        residual: bool = False,
        norm: Norm = "none",
        initial_state: Literal["zero", "random", "learned"] = "zero",
    ) -> None:
        super().__init__(input_size, causal)
        self.hidden_size, self.num_layers, self.dropout = hidden_size, num_layers, Dropout(dropout)
        self.residual, self.norm, self.initial_state = residual, norm, initial_state

    def stack(self, parts: tuple[int, ...], cell: Callable[[int], nn.Module]) -> None:
        """Build the layers.

        Args:
            parts: the sizes of the tensors of a state, the output first.
            cell: builds one layer in one direction from the size of its input: a torch module or a loop.
        """
        self.parts, self.output_size = parts, parts[0] * self.directions
        self.layers = nn.ModuleList(
            nn.ModuleList(cell(size) for _ in range(self.directions))
            for size in [self.input_size] + [self.output_size] * (self.num_layers - 1)
        )
        learned = self.num_layers if self.initial_state == "learned" else 0
        self.starts = nn.ParameterList(torch.zeros(self.directions, sum(parts)) for _ in range(learned))

    @property
    def receptive_field(self) -> tuple[None, int | None]:
        """See ``Encoder.receptive_field``."""
        return (None, 0 if self.directions == 1 else None)

    def collate(self, lengths: Int64s, steps: int) -> Any:
        """On a GPU what ``packing`` returns; with one direction whether all rows have all positions."""
        if not self.at_once:
            return None
        return packing(lengths, steps) if self.directions == 2 else bool((lengths == steps).all())

    def forward(
        self, inputs: Tensor, lengths: Tensor, carry: Carry = None, collated: Any = None
    ) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward``; the carry is one tuple of states per layer (None for two directions)."""
        if self.at_once and self.directions == 1:
            return self.stacked(inputs if collated else cleared(inputs, lengths), carry)
        if self.at_once:
            if collated is None:
                collated = to_device(packing(lengths.cpu().numpy(), inputs.shape[1]), inputs.device)
            return self.packed(inputs, collated), None
        return self.one_by_one(cleared(inputs, lengths), lengths, carry, [])

    def one_by_one(
        self, states: Tensor, lengths: Tensor, carry: Carry, carries: list[State], first: int = 0
    ) -> tuple[Tensor, Carry]:
        """The states of the last layer and the carries of all, from the states below the first of these layers."""
        for number in range(first, self.num_layers):
            below = states
            if number:
                states = self.dropout(states)
            if self.directions == 2:
                states = torch.cat(self.both_ways(number, states, lengths), -1)  # (B, T, 2 H)
            else:
                before = None if carry is None else carry[number]
                states, after = self.one_way(number, 0, states, lengths, before)  # (B, T, H)
                carries.append(after)
            if self.residual and states.shape == below.shape:
                states = states + below
        return states, tuple(carries) or None

    def reads_words(self, tokens: int) -> bool:
        """See ``Encoder.reads_words``: a BiLSTM in float32 on a CPU; in one direction it gains next to nothing."""
        wanted = tokens >= ENOUGH and self.directions == 2 and not self.residual
        return wanted and all(map(is_by_word, self.layers[0]))

    def forward_words(
        self, vectors: Tensor, words: Tensor, lengths: Tensor, carry: Carry = None
    ) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward_words``."""
        first = self.firsts([0], vectors.new_empty(len(words), 0), carry)
        states = read_words(self.layers[0], vectors, words, lengths, first)  # (B, T, 2 H)
        return self.one_by_one(states, lengths, carry, [], 1)

    @property
    def on_gpu(self) -> bool:
        """Whether cuDNN computes the layers."""
        return next(self.parameters()).device.type in QUEUING and all(map(is_fused, self.cells))

    @property
    def at_once(self) -> bool:
        """Whether one call reads all layers in all directions: on a GPU a call costs more than a small layer."""
        return self.on_gpu and not self.residual

    @property
    def cells(self) -> list[Any]:
        """The layers, each in its directions."""
        return [cell for layer in self.layers for cell in cast(nn.ModuleList, layer)]

    def stacked(self, inputs: Tensor, carry: Carry) -> tuple[Tensor, Carry]:
        """As ``forward`` from left to right, in one call, where nothing beyond the lengths is NaN."""
        first = self.firsts(range(self.num_layers), inputs, carry)
        states, after = read_stack(self.cells, inputs, first, self.dropout.share, self.training)
        return states, tuple(zip(*(part.unbind() for part in after), strict=True))

    def packed(self, inputs: Tensor, found: Packing) -> Tensor:
        """As ``forward`` in both directions, in one call."""
        cells, tokens, sizes = found
        if not len(sizes):  # all rows are empty
            return inputs.new_zeros(*inputs.shape[:2], self.output_size)
        first = self.firsts(range(self.num_layers), inputs[: int(sizes[0])], None)
        ordered = take_events(inputs, cells)  # (N, input_size)
        states, _ = read_stack(self.cells, ordered, first, self.dropout.share, self.training, sizes)
        return nn.functional.embedding(tokens, states)  # (B, T, 2 H)

    def firsts(self, layers: Sequence[int], states: Tensor, carry: Carry) -> State:
        """The parts of the states before the first token, each (layers * directions, B, part)."""
        each = list(product(layers, range(self.directions)))
        found = [self.start(*one, states) if carry is None else carry[one[0]] for one in each]
        if found[0] is None:
            return tuple(states.new_zeros(len(each), len(states), size) for size in self.parts)
        if len(each) == 1:
            return tuple(part[None] for part in found[0])
        return tuple(torch.stack(part) for part in zip(*found, strict=True))

    def both_ways(self, number: int, states: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """The states of both directions of a layer: 2 x (B, T, H)."""
        states = cleared(states, lengths) if number else states  # the inputs of the first layer are cleared
        index = reversal(lengths, states.shape[1])
        ahead, _ = self.one_way(number, 0, states, lengths)
        back, _ = self.one_way(number, 1, reversed_rows(states, lengths, index), lengths)
        return ahead, reversed_rows(back, lengths, index)

    def one_way(
        self, number: int, direction: int, states: Tensor, lengths: Tensor, before: State | None = None
    ) -> tuple[Tensor, State]:
        """One pass, fused or a loop; a carry has the batch first, torch's states have the layer first."""
        cell = cast(nn.ModuleList, self.layers[number])[direction]
        if before is None:
            before = self.start(number, direction, states)
        if isinstance(cell, Loop):
            looped: tuple[Tensor, State] = cell(states, lengths, before)
            return looped
        if self.on_gpu:
            zeros = tuple(states.new_zeros(len(states), size) for size in self.parts)
            parts = tuple(part[None] for part in before or zeros)
            found, last = read_stack([cell], states, parts, 0, self.training)
            return found, tuple(part[0] for part in last)
        alone = len(self.parts) == 1  # then torch takes and returns one tensor, else a pair
        first = None if before is None else tuple(part[None].contiguous() for part in before)  # (1, B, H) each
        states, after = cell(states, first[0] if alone and first else first)  # (B, T, H)
        return states, (after[0],) if alone else tuple(part[0] for part in after)

    def start(self, number: int, direction: int, states: Tensor) -> State | None:
        """The initial state of one layer and direction, None for zeros."""
        shape = len(states), sum(self.parts)
        if self.initial_state == "learned":
            start = self.starts[number][direction].expand(shape)  # (B, parts)
        elif self.initial_state == "random" and self.training:
            start = NOISE * torch.randn(shape, device=states.device, dtype=states.dtype)  # (B, parts)
        else:
            return None
        return torch.split(start, list(self.parts), -1)  # (B, part) each

    def last(self, states: Tensor, lengths: Tensor) -> Tensor:
        """The state after the whole row; with two directions, each at its own end."""
        final = super().last(states, lengths)  # (B, output_size)
        if self.directions == 1:
            return final
        first = states[:, 0].masked_fill((lengths == 0)[:, None], 0.0)
        return torch.cat([final[:, : self.parts[0]], first[:, self.parts[0] :]], -1)  # (B, 2 H)

    def inspect(self, inputs: Tensor, lengths: Tensor) -> list[LayerStates]:
        """See ``Inspectable.inspect``."""
        return inspect_layers(list(self.layers), inputs, lengths, self.start, self.residual)

    def recurrences(self) -> list[LayerWeights]:
        """See ``Inspectable.recurrences``."""
        return recurrent_matrices(list(self.layers))
