"""Saved runs as the package ``bencheval`` of TabArena reads them: one error per method, task and seed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import DataError
from core.runs.result import Result
from core.types import Note
from core.view.rows import comparable, grouped, row_names, run_key

Key = tuple[str, str, int]  # method, task, seed
COLUMNS = ("method", "task", "seed", "metric_error", "time_train_s", "time_infer_s")
LEFT_OUT, MISSING = "bencheval.left_out", "bencheval.missing"  # codes of notes
PERCENT = 100.0  # the best value of metrics of which more is better
SHOWN = 3  # missing scores that a note names


def table(results: Sequence[Result]) -> tuple[dict[str, list[Any]], list[Note]]:
    """The columns of finished runs with a score on test, and notes on what is left out or missing.

    A method is a row of the benchmark table: an encoder, and the options that differ. A task is a task on a data
    set; several splits of the data are tasks of their own. A model that no seed matters to has its one error under
    every seed. The error is the primary metric on test where less is
    better, else what it lacks of 100 %, as a share.

    Raises:
        DataError: there is no such run, or a method has two runs of a task and seed.
    """
    reasons = Counter(reason for run in results if (reason := _unusable(run)))
    notes = [Note(LEFT_OUT, f"{_runs(count)} left out: {reason}") for reason, count in reasons.items()]
    usable = [run for run in results if not _unusable(run)]
    if not usable:
        what = "no run has a score on test that is an error or a share"
        raise DataError(what, where="export", remedy="name other runs with runs= and where=")
    names, tasks = row_names(usable), _tasks(usable)
    rows: dict[Key, Result] = {}
    for run in usable:
        key = (names[run_key(run)], tasks[run.folder], run.seed)
        if key in rows:
            what = f"{rows[key].id} and {run.id} are both {key[0]} on {key[1]}, seed {run.seed}"
            raise DataError(what, where="export", remedy="choose one with where=")
        rows[key] = run
    rows = _for_each_seed(rows)
    values = [
        (*key, error(run), run.cost["train_seconds"], run.cost["predict_seconds"]) for key, run in rows.items()
    ]
    columns = dict(zip(COLUMNS, map(list, zip(*values, strict=True)), strict=True))
    return columns, notes + _missing(list(rows))


def _for_each_seed(rows: Mapping[Key, Result]) -> dict[Key, Result]:
    """The rows in order, with the run of a model that no seed matters to under every seed of its task."""
    seeds = {task: sorted({seed for _, other, seed in rows if other == task}) for _, task, _ in rows}
    found: dict[Key, Result] = {}
    for (method, task, seed), run in rows.items():
        found |= {(method, task, each): run for each in ([seed] if run.seeded else seeds[task])}
    return found


def error(run: Result) -> float:
    """The score of a run as an error: lower is better, and never below 0."""
    return run.score if run.minimize else (PERCENT - run.score) / PERCENT


def _unusable(run: Result) -> str:
    """Why a run has no error; empty if it has."""
    if run.status != "finished":
        return "interrupted"
    if not run.scores_test or not run.fingerprints or not math.isfinite(run.score):
        return "without a finite score on test"
    if not {"train_seconds", "predict_seconds"} <= run.cost.keys():
        return "without the seconds of training and prediction"
    return "" if error(run) >= 0 else f"{run.primary} is not a share, so it has no error"


def _runs(count: int) -> str:
    return "1 run is" if count == 1 else f"{count:,} runs are"


def _tasks(runs: Sequence[Result]) -> dict[str, str]:
    """The task of each run by its folder: what it was scored on, with numbers where that has one name."""
    found: dict[str, str] = {}
    for title, alike in grouped(runs, lambda run: f"{run.task} on {run.data}").items():
        tables = comparable(alike)
        for number, same in enumerate(tables, start=1):
            name = f"{title} ({number})" if len(tables) > 1 else title
            several = len({run.split_seed for run in same}) > 1
            found |= {run.folder: f"{name}, split {run.split_seed}" if several else name for run in same}
    return found


def _missing(keys: Sequence[Key]) -> list[Note]:
    """A note if not every method has a score on every task and seed, which ``bencheval`` asks for."""
    cells = dict.fromkeys((task, seed) for _, task, seed in keys)
    methods = dict.fromkeys(method for method, _, _ in keys)
    known = set(keys)
    gaps = [(m, task, seed) for m in methods for task, seed in cells if (m, task, seed) not in known]
    if not gaps:
        return []
    named = "; ".join(f"{method} on {task}, seed {seed}" for method, task, seed in gaps[:SHOWN])
    more = f" and {len(gaps) - SHOWN:,} more" if len(gaps) > SHOWN else ""
    text = f"bencheval asks for every method on every task and seed; missing: {named}{more}"
    return [Note(MISSING, f"{text}; its fillna_data fills them, or leave methods out with where=")]
