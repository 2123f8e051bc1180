"""What the layers of a network hold while it reads: states, gates, and both as one array of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.data.corpus import Corpus
from core.errors import ConfigError
from core.neural.inspection.layers import Inspectable, LayerStates
from core.neural.inspection.sample import Window
from core.neural.model import NeuralModel
from core.neural.optional_method import goes_with
from core.types import Float32s, Int64s

HIGH, LOW = 0.9, 0.1  # a gate is saturated above and below these (Karpathy et al., 2015)
OUTPUT = "output"  # the only states of an encoder that does not show its layers


@dataclass(frozen=True, eq=False)
class Track:
    """The values of some units over some tokens.

    Args:
        layer: what the layer is called.
        part: which states or gates of it.
        values: float32 (N, H), one row per token.
    """

    layer: str
    part: str
    values: Float32s


def shows_layers(model: NeuralModel) -> bool:
    """Whether the encoder shows its layers; one that changes ``forward`` alone no longer does."""
    encoder = model.network.encoder
    return isinstance(encoder, Inspectable) and goes_with(type(encoder), "inspect", "forward")


def layers_of(model: NeuralModel, part: Window, prepared: object) -> list[LayerStates]:
    """The layers of the encoder while it reads a window; its output as one layer where it does not show them."""
    network, lengths = model.network, model.put(part.lengths)
    with model.inference():
        vectors = network.embedding(model.put(part.ids), prepared)  # (B, T, D)
        if shows_layers(model):
            assert isinstance(network.encoder, Inspectable)
            return network.encoder.inspect(vectors, lengths)
        states, _ = network.encoder(vectors, lengths)  # (B, T, H)
        return [LayerStates(0, "", {OUTPUT: states}, {})]


def read_states(model: NeuralModel, corpus: Corpus, parts: Sequence[Window]) -> list[Track]:
    """The states of all layers at each token, in the order of ``places``."""
    return _read(model, corpus, parts, gates=False)


def read_gates(model: NeuralModel, corpus: Corpus, parts: Sequence[Window]) -> list[Track]:
    """The gates of all layers at each token, in the order of ``places``.

    Raises:
        ConfigError: the encoder has no gates, or does not show them.
    """
    found = _read(model, corpus, parts, gates=True)
    if not found:
        name = type(model.network.encoder).__name__
        why = "has no gates" if shows_layers(model) else "does not show any gates (core.neural.inspection.layers)"
        raise ConfigError(f"the encoder {name} {why}", where="run", remedy="name a run of lstm, gru or the like")
    return found


def places(parts: Sequence[Window]) -> Int64s:
    """Where in the tokens of the corpus each token of the windows is; -1 for the END that is read first: (N,)."""
    found = [part.places[_inside(part)] for part in parts]
    return np.concatenate(found)


def _inside(part: Window) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray(np.arange(part.ids.shape[1]) < part.lengths[:, None])  # (B, T)


def _read(model: NeuralModel, corpus: Corpus, parts: Sequence[Window], gates: bool) -> list[Track]:
    prepared = model.network.embedding.prepare(corpus.words)
    pieces: dict[tuple[str, str], list[Float32s]] = {}
    for part in parts:
        inside = _inside(part)
        for layer in layers_of(model, part, prepared):
            for name, values in (layer.gates if gates else layer.states).items():
                own = values.float().cpu().numpy()[inside]  # (n, H)
                pieces.setdefault((layer.name, name), []).append(own)
    return [Track(layer, name, np.concatenate(found)) for (layer, name), found in pieces.items()]


@dataclass(frozen=True)
class Saturation:
    """How open the gates of a layer are, over tokens and units; shares are in percent.

    Args:
        layer: what the layer is called.
        gate: which gate.
        mean: the mean value.
        high: the share of values above 0.9.
        low: the share of values below 0.1.
    """

    layer: str
    gate: str
    mean: float
    high: float
    low: float


def saturation(gates: Sequence[Track]) -> list[Saturation]:
    """How often the gates of each layer are nearly open or nearly closed."""
    return [
        Saturation(
            track.layer,
            track.part,
            float(track.values.mean(dtype=np.float64)),
            100 * float((track.values > HIGH).mean()),
            100 * float((track.values < LOW).mean()),
        )
        for track in gates
    ]
