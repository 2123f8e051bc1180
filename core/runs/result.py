"""What a run leaves behind, as plain numbers and names."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from core.kinds import find_kind
from core.kinds.base import Kind
from core.types import Note, Scores

FORMAT = 2


@dataclass
class Result:
    """The record of one run; ``run.json`` holds exactly these fields.

    Args:
        id: hash of what was run.
        status: ``finished`` or ``interrupted``.
        task: name of the task.
        data: name or path of the data.
        encoder: name of the encoder.
        embedding: names of the embeddings joined by ``+``; empty for the counting family.
        seed: the run's seed.
        primary: the metric that counts.
        minimize: whether less of it is better.
        metrics: split -> metric -> value, for ``dev`` and ``test``.
        baselines: ``ceiling``, ``most frequent``, ``chance`` -> metric -> value, on test.
        fingerprints: split -> hash of the scored events; figures compare only where it is equal.
        events: split -> rows and tokens.
        cost: ``parameters``, ``train_seconds``, ``predict_seconds``, ``seconds``, ``cpu_seconds`` (the last two of
            reading, training and predicting), ``train_tokens_per_second``, ``predict_tokens_per_second``,
            ``peak_bytes``.
        curve: the learning curve, one plain row an epoch.
        chosen: dotted keys left open by the user -> what dev decided.
        facts: what the model tells about itself.
        notes: what the user should know.
        history: how much history the model read: ``row`` or ``stream``.
        how: device, precision, threads.
        environment: versions, platform, git revision.
        config: the whole config, dotted keys -> text.
        folder: where the run was kept; empty where it was not.
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
    format: int = field(default=FORMAT)

    @property
    def score(self) -> float:
        """The primary metric on test."""
        return self.metrics["test"][self.primary]

    @property
    def path(self) -> Path:
        """The run's folder."""
        return Path(self.folder)

    @property
    def kind(self) -> Kind:
        """What the task predicts."""
        return find_kind(self.facts["kind"])

    def to_json(self) -> dict[str, Any]:
        """The record as JSON data, without ``folder``."""
        data = asdict(self) | {"notes": [note.to_json() for note in self.notes]}
        del data["folder"]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any], folder: str) -> Result:
        """The opposite of ``to_json``; TypeError where fields are missing."""
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in data.items() if name in known and name != "folder"}
        return cls(**values | {"notes": [Note(**note) for note in data["notes"]], "folder": folder})
