"""The plan of a benchmark: every cell, what is in the store already, and how long the rest may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from core.config import Config
from core.experiment.runner import resolve_how, taken_again
from core.runs import components, store
from core.runs.result import Result


@dataclass(frozen=True)
class Planned:
    """One cell of a benchmark.

    Args:
        config: what is run.
        kept: the run that is in the store, None where it must be run.
        seconds: how long it may take, None where nothing like it has run.
    """

    config: Config
    kept: Result | None
    seconds: float | None


def plan(cells: Sequence[Config]) -> list[Planned]:
    """Look every cell up in the store; a missing one is expected to take as long as its like.

    Args:
        cells: checked configs.
    """
    known, _ = store.all_runs(Path(cells[0].run["runs"])) if cells else ([], [])
    planned = []
    for cell in cells:
        how = resolve_how(cell, components.task(cell))
        unnamed = replace(cell, run=cell.run | {"name": None})  # a plan gives no kept run another name
        kept = taken_again(unnamed, cell.id(components.source(cell).fingerprint()), how)
        planned.append(Planned(cell, kept, 0.0 if kept else estimate(cell, known)))
    return planned


def estimate(cell: Config, known: Sequence[Result]) -> float | None:
    """Mean seconds of the kept runs most like a cell: of its task, data and encoder, else of task and data.

    Args:
        cell: what is to be run.
        known: the runs of the store.
    """
    alike = [r for r in known if (r.task, r.data) == (cell.task.name, cell.data.name)]
    closest = [r for r in alike if r.encoder == cell.encoder.name] or alike
    return fmean(r.cost["seconds"] for r in closest) if closest else None
