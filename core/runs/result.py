"""The record of a run, as plain numbers and names."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import numpy as np

from core.errors import StoreError
from core.families import FAMILIES
from core.kinds import find_kind
from core.kinds.base import Kind
from core.types import Note, Scores

FORMAT = 2
PROGRAM = "seqlab"  # the mark of a record, at its beginning
NON_FINITE: dict[str | None, float] = {None: math.nan, "Infinity": math.inf, "-Infinity": -math.inf}  # in JSON


@dataclass
class Result:
    """The record of one run; ``run.json`` holds these fields after ``"program": "seqlab"``, the format first.

    Args:
        id: hash of what was run.
        status: ``finished`` or ``interrupted``.
        task: name of the task.
        data: name or path of the data.
        encoder: name of the encoder.
        embedding: names of the embeddings joined by ``+``; empty where the encoder's family has none.
        seed: the run's seed.
        primary: the metric that runs are compared by.
        minimize: whether a lower value of it is better.
        metrics: split -> metric -> value, for ``dev`` and, unless ``test=false``, ``test``.
        baselines: ``ceiling``, ``most frequent``, ``chance``, ``copy`` -> metric -> value, on test.
        fingerprints: split -> hash of the scored events; scores are compared only where it is equal.
        events: split -> rows and tokens.
        cost: ``parameters``, ``train_seconds``, ``predict_seconds``, ``seconds``, ``cpu_seconds`` (the last two of
            reading, training and predicting), ``train_tokens_per_second``, ``predict_tokens_per_second``,
            ``peak_bytes``; on a GPU also ``gpu_peak_bytes``, see ``core.experiment.hardware``.
        curve: the learning curve, one row per epoch.
        chosen: dotted keys that the user left open -> the value chosen on dev; ``train.*``: by the size of train;
            those in ``facts["solved"]``: by a budget of parameters.
        facts: what the model reports about itself.
        notes: what the user should know.
        history: how much history the model reads: ``row`` or ``stream``.
        how: device, precision, threads.
        environment: versions, platform, git revision.
        config: the whole config, dotted keys -> values.
        folder: where the run is saved; empty where it is not.
        format: version of this layout.
    """

    id: str
    status: str
    task: str
    data: str
    encoder: str
    embedding: str
    seed: int
    primary: str
    minimize: bool
    metrics: dict[str, Scores]
    baselines: dict[str, Scores]
    fingerprints: dict[str, str]
    events: dict[str, dict[str, int]]
    cost: Scores
    curve: list[dict[str, Any]]
    chosen: dict[str, Any]
    facts: dict[str, Any]
    notes: list[Note]
    history: str
    how: dict[str, Any]
    environment: dict[str, Any]
    config: dict[str, Any]
    folder: str = ""
    format: int = FORMAT

    @property
    def score(self) -> float:
        """The primary metric on test; on dev where test was not scored (``test=false``)."""
        return self.metrics["test" if self.scores_test else "dev"][self.primary]

    @property
    def scores_test(self) -> bool:
        """Whether the run has a score on test; the trials of a search have none."""
        return "test" in self.metrics

    @property
    def path(self) -> Path:
        """The run's folder."""
        return Path(self.folder)

    @property
    def split_seed(self) -> int:
        """The seed by which the data was split."""
        text = str(self.config.get("data.split_seed", "0"))
        return int(text) if text.isdecimal() else 0

    @property
    def title(self) -> str:
        """The encoder, and the name of the run or else its id."""
        name = self.config.get("name") or "none"
        return f"{self.encoder} {self.id if name == 'none' else name}"

    @property
    def kind(self) -> Kind:
        """What the task predicts."""
        if not isinstance(name := self.facts.get("kind"), str):
            raise StoreError("the record names no kind of task", where=self.folder, remedy="run it again")
        return find_kind(name)

    @property
    def seeded(self) -> bool:
        """Whether the model depends on the seed."""
        family = FAMILIES.get(str(self.facts.get("family")))
        return bool(self.facts.get("seeded", not (family and family.exact)))  # older records do not say it

    def to_json(self) -> dict[str, Any]:
        """The record as JSON data, without ``folder``; NaN and infinities are the keys of ``NON_FINITE``."""
        data = {"program": PROGRAM, "format": self.format} | asdict(self)
        data["notes"] = [note.to_json() for note in self.notes]
        del data["folder"]
        plain: dict[str, Any] = _to_json(data)
        return plain

    @classmethod
    def from_json(cls, data: dict[str, Any], folder: str) -> Result:
        """The opposite of ``to_json``.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: a field is missing or has a wrong value.
        """
        for scores in [*data["metrics"].values(), *data["baselines"].values(), data["cost"], *data["curve"]]:
            scores.update({name: NON_FINITE[value] for name, value in scores.items() if value in NON_FINITE})
        known = _field_types()
        values = {name: value for name, value in data.items() if name in known and name != "folder"}
        result = cls(**values | {"notes": [Note(**note) for note in data["notes"]], "folder": folder})
        for name, expected in _field_types().items():
            if not isinstance(getattr(result, name), expected):
                raise TypeError(f"{name} is {type(getattr(result, name)).__name__}")
        if not isinstance(data["facts"]["kind"], str):
            raise TypeError("facts.kind is no name")
        groups = [*result.metrics.values(), *result.baselines.values(), result.cost]
        for value in (result.score, *(value for scores in groups for value in scores.values())):
            if not isinstance(value, int | float):
                raise ValueError(f"{value!r} is not a number")
        return result


@cache
def _field_types() -> dict[str, type]:
    """The class of each field's value."""
    return {name: get_origin(hint) or hint for name, hint in get_type_hints(Result).items()}


def _to_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
