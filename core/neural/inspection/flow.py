"""How gradients flow back through a network, and the two numbers that explain it: W_h and the forget gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from core.data.corpus import Corpus
from core.neural.inspection.gradients import Falloff, falloff
from core.neural.inspection.layers import Inspectable, spectral_radius
from core.neural.inspection.reading import Saturation, read_gates, saturation, shows_layers
from core.neural.inspection.sample import Window
from core.neural.model import NeuralModel


@dataclass(frozen=True)
class Radius:
    """The spectral radius of a recurrent matrix.

    Args:
        layer: what the layer is called.
        matrix: which matrix of it.
        radius: the largest absolute eigenvalue.
        is_update: whether the matrix makes the new state: W_h.
    """

    layer: str
    matrix: str
    radius: float
    is_update: bool


@dataclass(frozen=True)
class Flow:
    """The gradients of a network at one time.

    Args:
        norms: by distance.
        radii: of the recurrent matrices; empty where the encoder does not show them.
        gates: how open the gates are; empty where there are none.
        keep: the name of the gate that keeps the state.
    """

    norms: Falloff
    radii: Sequence[Radius]
    gates: Sequence[Saturation]
    keep: str

    @property
    def radius(self) -> float | None:
        """The spectral radius of W_h, the mean over layers; None where it is not known."""
        own = [one.radius for one in self.radii if one.is_update]
        return sum(own) / len(own) if own else None

    @property
    def kept(self) -> float | None:
        """The mean of the gate that keeps the state, over layers; None where there is none."""
        own = [gate.mean for gate in self.gates if gate.gate == self.keep]
        return sum(own) / len(own) if own else None


def flow(model: NeuralModel, corpus: Corpus, parts: Sequence[Window], reach: int, losses: int) -> Flow:
    """Derive a network on some rows; the arguments are those of ``falloff``."""
    norms = falloff(model, corpus, parts, reach, losses)
    if not shows_layers(model):
        return Flow(norms, (), (), "")
    encoder = cast(Inspectable, model.network.encoder)
    radii = [
        Radius(layer.name, name, spectral_radius(matrix), name == encoder.update)
        for layer in encoder.recurrences()
        for name, matrix in layer.matrices.items()
    ]
    gates = saturation(read_gates(model, corpus, parts)) if encoder.keep else []
    return Flow(norms, radii, gates, encoder.keep)
