"""How each row was made: the command to copy, the configuration, the environment, and the saved runs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from core import config
from core.printable import counted
from core.runs.result import Result
from core.view.report.content import Chapter, Entry, Grid, Part, Value, number
from core.view.report.material import ColumnRuns

MOST = 100  # rows with their configuration
WIDEST = 8  # environments in the table
PLACES = ("runs", "name", "quiet", "fresh", "data_dir", "seed")  # keys that say where, or are shown for all runs
OWN = ("task", "data", "encoder", "embedding")  # the parts, which come first in a command
PRIVATE = ("folder",)  # of the environment


def runs(columns: Sequence[ColumnRuns]) -> Chapter:
    """One entry per row of each column."""
    rows = [(column, name, own) for column in columns for name, own in column.rows.items()]
    environments: list[dict[str, str]] = []
    entries = [_entry(column, name, own, environments) for column, name, own in rows[:MOST]]
    text = ["Run the command to reproduce the row; options left at auto are chosen on dev again."]
    if len(rows) > MOST:
        text.append(
            f"The first {MOST} of {len(rows):,} rows are shown; config.yaml in a run's folder has its options."
        )
    parts = [
        Part("Commands and configurations", entries=entries),
        Part("Environments", grids=[_environments(environments[:WIDEST])]),
    ]
    return Chapter("Runs", "Runs", text, parts)


def _environments(known: Sequence[Mapping[str, str]]) -> Grid:
    """One column per environment."""
    keys = dict.fromkeys(key for own in known for key in own)
    rows = [[Value(key), *(Value(own.get(key, "–")) for own in known)] for key in keys]
    header = ["", *(f"environment {number}" for number in range(1, len(known) + 1))]
    return Grid(
        "What the runs depend on besides their options", header, rows, left=frozenset(range(1, len(header)))
    )


def _entry(column: ColumnRuns, name: str, own: Sequence[Result], environments: list[dict[str, str]]) -> Entry:
    """The runs of a row."""
    numbers = sorted({_environment(run, environments) for run in own})
    places = [
        [
            Value(run.id),
            Value(str(run.seed), run.seed),
            number(run.score),
            number(run.cost.get("seconds")),
            Value(run.status),
            Value(run.folder),
        ]
        for run in own
    ]
    header = ["run", "seed", column.metric, "seconds", "status", "folder"]
    listed = Grid(counted(len(own), "run"), header, places, left=frozenset({4, 5}))
    settings = [[Value(key), Value(_both(own, key))] for key in own[0].config if key not in PLACES]
    options = Grid(
        "Configuration; what was chosen on dev is marked *", ["key", "value"], settings, left=frozenset({1})
    )
    where = f"Environment {', '.join(map(str, numbers))}."
    return Entry(f"{column.title}: {name}", command(own), where, [listed, options])


def _both(own: Sequence[Result], key: str) -> str:
    """The value of a key in all runs of a row."""
    values = dict.fromkeys(str(run.config.get(key, "")) for run in own)
    return ", ".join(values) + (" *" if any(key in run.chosen for run in own) else "")


def _environment(run: Result, known: list[dict[str, str]]) -> int:
    """The number of a run's environment, which is added to those that are known."""
    facts = {**run.environment, **{key: value for key, value in run.how.items() if key != "seed"}}
    own = {key: str(value) for key, value in facts.items() if key not in PRIVATE and value is not None}
    if own not in known:
        known.append(own)
    return known.index(own) + 1


def command(own: Sequence[Result]) -> str:
    """The command that makes the runs of a row again: their parts, and what differs from the defaults."""
    first = own[0]
    given = {key: str(value) for key, value in first.config.items() if key not in first.chosen}
    usual = defaults({key: given[key] for key in OWN if given.get(key)})
    kept = [key for key in given if key in OWN or key not in PLACES and usual.get(key) != given[key]]
    seeds = dict.fromkeys(str(run.seed) for run in own)
    splits = dict.fromkeys(str(run.split_seed) for run in own)
    values = given | ({"data.split_seed": ",".join(splits)} if len(splits) > 1 else {})
    parts = [
        f"{key}={values[key]}"
        for key in (*kept, *(["data.split_seed"] if len(splits) > 1 and "data.split_seed" not in kept else []))
    ]
    return shlex.join(["python", "-m", "core", "run", *parts, f"seed={','.join(seeds)}"])


def defaults(parts: Mapping[str, str]) -> dict[str, Any]:
    """The configuration of these parts without any option; empty where it is not known, so all keys are shown."""
    try:
        return config.expand([f"{key}={value}" for key, value in parts.items()])[0].flat()
    except Exception:  # a plugin or a file that is not here
        return {}
