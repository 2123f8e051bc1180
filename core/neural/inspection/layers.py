"""What an encoder may show of its layers: states, gates and the matrices of its recurrence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Layer:
    """One layer in one direction.

    Args:
        layer: its number, from 1; 0 for an encoder as a whole.
        direction: ``left to right`` or ``right to left``; empty where the encoder has one direction.
    """

    layer: int
    direction: str

    @property
    def name(self) -> str:
        """What the layer is called in tables and pictures."""
        if not self.layer:
            return "encoder"
        return ", ".join(filter(None, [f"layer {self.layer}", self.direction]))


@dataclass(frozen=True)
class LayerStates(Layer):
    """The states and gates of one layer in one direction, at each position of a batch.

    Args:
        layer: as in ``Layer``.
        direction: as in ``Layer``.
        states: name -> (B, T, H), such as h, and c of an LSTM.
        gates: name -> (B, T, H), values from 0 to 1; none where the encoder has no gates.
    """

    states: dict[str, Tensor]
    gates: dict[str, Tensor]


@dataclass(frozen=True)
class LayerWeights(Layer):
    """The recurrent matrices of one layer in one direction.

    Args:
        layer: as in ``Layer``.
        direction: as in ``Layer``.
        matrices: name -> (H, H), by which the last state enters each gate and the new state.
    """

    matrices: Mapping[str, Tensor]


class Inspectable:
    """An encoder that can show its layers; a recurrent encoder of a plugin may inherit it beside ``Encoder``."""

    update: ClassVar[str] = ""  # the matrix of ``matrices`` that makes the new state: W_h
    keep: ClassVar[str] = ""  # the gate that says how much of the old state stays: the forget gate

    def inspect(self, inputs: Tensor, lengths: Tensor) -> list[LayerStates]:
        """The layers from the input on, computed from the weights, in prediction (no dropout).

        Args:
            inputs: (B, T, input_size).
            lengths: int64 (B,).
        """
        raise NotImplementedError

    def recurrences(self) -> list[LayerWeights]:
        """The recurrent matrices of the layers, in the order of ``inspect``."""
        raise NotImplementedError


def spectral_radius(matrix: Tensor) -> float:
    """The largest absolute value of the eigenvalues of a square matrix."""
    return float(torch.linalg.eigvals(matrix.detach().double().cpu()).abs().max())
