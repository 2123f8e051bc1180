"""Recurrent encoders: stacks of unidirectional and of bidirectional layers."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Gt
from torch import nn

from core.errors import ConfigError
from plugins.encoders.recurrent.cells import Activation, GRULoop, LSTMLoop, RNNLoop
from plugins.encoders.recurrent.compiling import compile_lstm
from plugins.encoders.recurrent.fused import FastGRU, FastLSTM, FastRNN
from plugins.encoders.recurrent.layers import Recurrent


class RNN(Recurrent):
    """A simple recurrent network, left to right (Elman, 1990; Mikolov et al., 2010, as a language model).

    Args:
        activation: the activation function.
    """

    update = "h"

    def __init__(self, input_size: int, causal: bool, *, activation: Activation = "tanh", **options: Any) -> None:
        super().__init__(input_size, causal, **options)
        if self.norm == "batch" and self.initial_state == "learned":
            what = "a learned state is the same for all rows, so batch norm removes it"
            remedy = "choose encoder.norm=layer, or encoder.initial_state=zero or random"
            raise ConfigError(what, where="encoder.initial_state", remedy=remedy)
        self.activation: Activation = activation
        self.stack((self.hidden_size,), self.cell)

    def cell(self, size: int) -> nn.Module:
        """One layer in one direction."""
        cell = FastRNN(size, self.hidden_size, self.activation)
        if self.norm == "none":
            return cell
        return RNNLoop(cell, self.norm, self.activation)


class LSTM(Recurrent):
    """Long short-term memory, left to right (Hochreiter and Schmidhuber, 1997; Gers et al., 2000).

    Args:
        proj_size: the size that h is projected to before it is output or read again (Sak et al., 2014), below
            hidden_size; none for no projection. Fused, but not by oneDNN: training takes about 1.2 times as long
            on one CPU thread.
        forget_bias: the initial bias of the forget gate, with all other biases 0 (1 starts with an open gate,
            Gers et al., 2000); none for torch's random biases.
    """

    update, keep = "g", "f"

    def __init__(
        self,
        input_size: int,
        causal: bool,
        *,
        proj_size: Annotated[int, Gt(0)] | None = None,
        forget_bias: float | None = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(input_size, causal, **options)
        if proj_size is not None and proj_size >= self.hidden_size:
            what = f"a projection to {proj_size} does not reduce a state of size {self.hidden_size}"
            remedy = "choose a size below encoder.hidden_size, or none"
            raise ConfigError(what, where="encoder.proj_size", remedy=remedy)
        self.proj_size, self.forget_bias = proj_size or 0, forget_bias
        self.stack((self.proj_size or self.hidden_size, self.hidden_size), self.cell)

    @classmethod
    def compile_kernels(cls, options: dict[str, Any], precision: str, tokens: int) -> None:
        """See ``Compiling.compile_kernels``."""
        compile_lstm(cls, options, precision, tokens)

    def cell(self, size: int) -> nn.Module:
        """One layer in one direction, with torch's weights and the biases of ``forget_bias``."""
        cell = FastLSTM(size, self.hidden_size, batch_first=True, proj_size=self.proj_size)
        if self.forget_bias is not None:
            nn.init.zeros_(cell.get_parameter("bias_hh_l0"))
            bias = nn.init.zeros_(cell.get_parameter("bias_ih_l0"))
            nn.init.constant_(bias[self.hidden_size : 2 * self.hidden_size], self.forget_bias)
        return cell if self.norm == "none" else LSTMLoop(cell, self.norm)


class GRU(Recurrent):
    """Gated recurrent units, left to right (Cho et al., 2014).

    Args:
        reset_after: true applies the reset gate after the matrix product, as in cuDNN and torch; false applies it
            to h before the product, as in Cho et al. (2014, eq. 8) and the textbooks, which is not in the fused
            kernel: training takes about 1.3 times as long on one CPU thread.
    """

    update, keep = "n", "z"

    def __init__(self, input_size: int, causal: bool, *, reset_after: bool = True, **options: Any) -> None:
        super().__init__(input_size, causal, **options)
        self.reset_after = reset_after
        self.stack((self.hidden_size,), self.cell)

    def cell(self, size: int) -> nn.Module:
        """One layer in one direction."""
        cell = FastGRU(size, self.hidden_size, batch_first=True)
        if self.norm == "none" and self.reset_after:
            return cell
        return GRULoop(cell, self.norm, self.reset_after)


class BiRNN(RNN):
    """Simple recurrent networks in both directions (Schuster and Paliwal, 1997)."""

    directions, left_to_right = 2, RNN


class BiLSTM(LSTM):
    """Long short-term memory in both directions (Graves and Schmidhuber, 2005)."""

    directions, left_to_right = 2, LSTM


class BiGRU(GRU):
    """Gated recurrent units in both directions (Cho et al., 2014; Bahdanau et al., 2015)."""

    directions, left_to_right = 2, GRU
