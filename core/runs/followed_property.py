"""Which unit of a saved network follows a property of its text: found on dev, graded on test, with controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.corpus import Corpus
from core.data.prepare import Data
from core.errors import ConfigError
from core.neural.inspection.properties import needs_tags, shuffled, tokens_with
from core.neural.inspection.reading import Track, places, read_states
from core.neural.inspection.sample import windows
from core.neural.inspection.units import Found, Grade, grade, search, strengths
from core.neural.model import NeuralModel
from core.runs.own_data import before_training, own_data
from core.runs.trained_model import TrainedModel
from core.types import Array, Float32s, Floats, Int64s

WIDTH = 200  # tokens of a row that are read


@dataclass(frozen=True)
class Answer:
    """A unit that was found on dev and graded on test.

    Args:
        name: ``trained``, or one of the two controls.
        layer: what the layer of the unit is called.
        part: which states of it.
        unit: its number in this layer, from 0.
        found: on dev.
        graded: on test.
    """

    name: str
    layer: str
    part: str
    unit: int
    found: Found
    graded: Grade


@dataclass(frozen=True, eq=False)
class Followed:
    """What is known about a property.

    Args:
        name: the property.
        searched: how many units were searched.
        tokens: how many tokens of dev and of test.
        answers: of the trained network, and of the controls.
        strengths: (layer, part) -> float (H,), how well each unit of the trained network follows it on dev.
    """

    name: str
    searched: int
    tokens: tuple[int, int]
    answers: Sequence[Answer]
    strengths: Mapping[tuple[str, str], Floats]

    @property
    def is_number(self) -> bool:
        """Whether the property is a number, not yes or no."""
        return self.answers[0].found.threshold is None


@dataclass(frozen=True, eq=False)
class _Sample:
    """The units and the property at the tokens of one split for which the property is defined."""

    tracks: Sequence[Track]
    units: Float32s  # (N, U)
    property: Array  # (N,)


def follow(run: TrainedModel, model: NeuralModel, name: str, rows: int) -> Followed:
    """Search all states of all layers.

    Args:
        run: the saved run.
        model: its network.
        name: see ``core.neural.inspection.properties``.
        rows: how many rows of dev and of test are read.

    Raises:
        ConfigError: there is no such property, or it is the same everywhere.
        DataError: the data has no labels per token, or is not there any more.
    """
    labels = "token" if needs_tags(name) and run.kind.labels != "token" else None
    data = own_data(run, "token" if labels else None)
    trained, untrained = _samples(model, data, name, rows), _samples(before_training(run, data), data, name, rows)
    dev, test = trained
    dev_random, test_random = (
        _Sample(one.tracks, one.units, shuffled(one.property, seed)) for seed, one in enumerate(trained)
    )
    answers = [
        _answer("trained", dev, test),
        _answer("control: shuffled property", dev_random, test_random),
        _answer("control: untrained network", *untrained),
    ]
    found = np.split(strengths(dev.units, dev.property), _edges(dev.tracks))
    by_track = {(track.layer, track.part): own for track, own in zip(dev.tracks, found, strict=True)}
    return Followed(name, dev.units.shape[1], (len(dev.units), len(test.units)), answers, by_track)


def _samples(model: NeuralModel, data: Data, name: str, rows: int) -> tuple[_Sample, _Sample]:
    dev, test = (_sample(model, data.splits[split], name, rows, split) for split in ("dev", "test"))
    return dev, test


def _sample(model: NeuralModel, corpus: Corpus, name: str, rows: int, split: str) -> _Sample:
    columns = {name: column for name, column in corpus.columns.items() if name != "labels"}
    unlabelled = replace(corpus, columns=columns)  # the labels may be others than those of the task
    parts = windows(model, unlabelled, rows, WIDTH)
    tracks, at = read_states(model, unlabelled, parts), places(parts)
    values, known = tokens_with(name, corpus)
    used = (at >= 0) & known[at]
    property, units = values[at[used]], np.concatenate([track.values for track in tracks], 1)[used]
    if len(property) < 2 or (property == property[0]).all():
        what = f"'{name}' is the same for all {len(property):,} tokens of {split} that are read"
        raise ConfigError(what, where="property", remedy="choose another one, or more with rows=")
    return _Sample(tracks, units, property)


def _edges(tracks: Sequence[Track]) -> Int64s:
    """Where in the columns of all units each track but the first begins."""
    return np.cumsum([track.values.shape[1] for track in tracks])[:-1]


def _answer(name: str, dev: _Sample, test: _Sample) -> Answer:
    found = search(dev.units, dev.property)
    edges = [0, *_edges(dev.tracks).tolist()]
    number = int(np.searchsorted(edges, found.unit, side="right")) - 1
    track = dev.tracks[number]
    graded = grade(found, test.units, test.property)
    return Answer(name, track.layer, track.part, found.unit - edges[number], found, graded)
