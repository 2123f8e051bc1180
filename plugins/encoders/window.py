"""A window of tokens and one hidden layer: the neural language model of Bengio et al. (2003)."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Gt
from torch import Tensor, nn

from core.config.space import Search, Size
from core.errors import ConfigError
from core.neural.base import Carry, Encoder
from core.neural.ops.masking import cleared


class Window(Encoder):
    """state = tanh(W1 x + b1), where x is the concatenation of the vectors of the tokens in the window.

    With the head's linear map this is Bengio et al. (2003, eq. 1): y = W2 tanh(W1 x + b1) + W3 x + b3. The
    direct connections W3 exist if ``direct`` appends x to the state. For kind ``next`` the window is the
    ``size`` words before the predicted one, else it is centred. Positions outside the row are zeros.

    Args:
        input_size: the size of a token's vector.
        causal: whether the window ends at its position or is centred on it.
        size: tokens in the window; odd if it is centred (every task but lm).
        hidden_size: the size of the hidden layer.
        direct: whether the head also reads the vectors of the window directly (W3).
    """

    pooling: ClassVar[str] = "max"

    def __init__(
        self,
        input_size: int,
        causal: bool,
        *,
        size: Annotated[int, Gt(0), Search(choices=(3, 5, 7))] = 5,
        hidden_size: Annotated[int, Gt(0), Size(), Search(32, 512, log=True)] = 128,
        direct: Annotated[bool, Search(choices=(False, True))] = False,
    ) -> None:
        super().__init__(input_size, causal)
        if not causal and size % 2 == 0:
            what = f"a centred window cannot have {size} tokens"
            raise ConfigError(what, where="encoder.size", remedy="give an odd number")
        self.size, self.direct = size, direct
        self.hidden = nn.Linear(size * input_size, hidden_size)
        self.output_size = hidden_size + (size * input_size if direct else 0)

    @property
    def receptive_field(self) -> tuple[int, int]:
        """See ``Encoder.receptive_field``."""
        side = self.size - 1 if self.causal else self.size // 2
        return side, self.size - 1 - side

    def forward(self, inputs: Tensor, lengths: Tensor, carry: Carry = None) -> tuple[Tensor, Carry]:
        """See ``Encoder.forward``; the carry is the last ``size - 1`` inputs."""
        batch, steps, width = inputs.shape
        inputs, side = cleared(inputs, lengths), self.size - 1 if self.causal else self.size // 2
        before = inputs.new_zeros(batch, side, width) if carry is None else carry[0].to(inputs.dtype)
        after = inputs.new_zeros(batch, self.size - 1 - side, width)
        padded = torch.cat([before, inputs, after], 1)  # (B, T + size - 1, D)
        window = torch.cat([padded[:, i : i + steps] for i in range(self.size)], -1)  # (B, T, size * D)
        states = torch.tanh(self.hidden(window))  # (B, T, H)
        if self.direct:
            states = torch.cat([states, window], -1)  # (B, T, H + size * D)
        return states, (padded[:, steps:],) if self.causal else None
