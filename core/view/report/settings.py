"""The settings of data and training in which the rows of a column differ: a warning, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.printable import counted
from core.runs.result import Result
from core.search.provenance import searched_keys
from core.view.report.content import Grid, Part, Value
from core.view.report.material import ColumnRuns
from core.view.report.runs import OWN, defaults
from core.view.split_level import KEY

PREFIXES = ("data.", "train.", "budget")  # the keys of data and training
MOST = 6  # values of a key in the warning

Settings = dict[str, dict[str, str]]  # name of the row -> key -> its values


def different_settings(column: ColumnRuns) -> Settings:
    """The settings of data and training that the user has set and in which the rows of a column differ.

    Keys that a row does not have, that were left open, or that differ only by the defaults of the encoders are
    left out.
    """
    rows = {name: _settings(runs) for name, runs in column.rows.items()}
    keys = dict.fromkeys(key for own in rows.values() for key in own)
    differing = [key for key in keys if len({own[key] for own in rows.values() if key in own}) > 1]
    if not differing:
        return {}
    known: dict[tuple[str, ...], Mapping[str, str]] = {}
    given = {key for runs in column.rows.values() for key in _given(runs[0], differing, known)}
    return {
        name: {key: own[key] for key in differing if key in own and key in given} for name, own in rows.items()
    }


def _settings(runs: Sequence[Result]) -> dict[str, str]:
    """The settings of the runs of a row; several values of a key are joined."""
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        left_open = {KEY, *run.chosen, *searched_keys(run)}
        for key, value in run.config.items():
            if key.startswith(PREFIXES) and key not in left_open and str(value) != "auto":
                found.setdefault(key, {})[str(value)] = None
    return {key: " and ".join(values) for key, values in found.items()}


def _given(run: Result, keys: Sequence[str], known: dict[tuple[str, ...], Mapping[str, str]]) -> list[str]:
    """The keys whose value is not the default of the run's task, data, encoder and embedding."""
    parts = {key: str(run.config[key]) for key in OWN if run.config.get(key)}
    place = tuple(parts.values())
    if place not in known:
        known[place] = {key: str(value) for key, value in defaults(parts).items()}
    usual = known[place]
    return [key for key in keys if key in run.config and usual.get(key) != str(run.config[key])]


def warning(column: ColumnRuns) -> list[str]:
    """A sentence where rows were trained under different settings, with the keys and their values."""
    found = different_settings(column)
    keys = dict.fromkeys(key for own in found.values() for key in own)
    texts = [_values(key, [own[key] for own in found.values() if key in own]) for key in keys]
    if not texts:
        return []
    what = "rows were trained under different settings, so their differences are not those of the encoders alone"
    return [f"Warning: {column.title}: {what}: {'; '.join(texts)}."]


def _values(key: str, values: Sequence[str]) -> str:
    """``data.limit=500 (3 rows), 2000 (1 row)``."""
    counts = {value: values.count(value) for value in dict.fromkeys(values)}
    texts = [f"{value} ({counted(number, 'row')})" for value, number in counts.items()]
    more = [f"{len(texts) - MOST:,} other values"] if len(texts) > MOST + 1 else []
    return f"{key}={', '.join([*(texts[:MOST] if more else texts), *more])}"


def settings_part(column: ColumnRuns) -> Part | None:
    """The settings of each row, where they differ."""
    found = different_settings(column)
    keys = list(dict.fromkeys(key for own in found.values() for key in own))
    if not keys:
        return None
    rows = [[Value(name, name), *(_cell(own.get(key)) for key in keys)] for name, own in found.items()]
    grid = Grid("Data and training options that differ; – where a row does not have one", ["encoder", *keys], rows)
    return Part(f"Different settings: {column.title}", folded={"Settings of each row": [grid]})


def _cell(text: str | None) -> Value:
    return Value("–" if text is None else text)
