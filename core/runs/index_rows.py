"""The tables of the index of runs: their columns, and the rows of one run."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.runs.keys import number
from core.runs.result import Result


class Stamp(NamedTuple):
    """What changes when a record is written again: the index has the one of the record that it was made from.

    Args:
        written: when the record was, in nanoseconds.
        size: of the record, in bytes.
        inode: of the record; a file that replaces another one has its own.
        saved: when the folder was last changed, in nanoseconds.
    """

    written: int
    size: int
    inode: int
    saved: int


COLUMNS = {  # of the table runs, one row per run
    "folder": "TEXT PRIMARY KEY",
    "id": "TEXT",
    "name": "TEXT",
    "task": "TEXT",
    "data": "TEXT",
    "encoder": "TEXT",
    "embedding": "TEXT",
    "seed": "INTEGER",
    "status": "TEXT",
    "primary_metric": "TEXT",  # that of dev and test
    "lower_is_better": "INTEGER",
    "dev": "REAL",
    "test": "REAL",
    "parameters": "INTEGER",
    "seconds": "REAL",
    "train_seconds": "REAL",
    "predict_seconds": "REAL",
    "train_tokens_per_second": "REAL",
    "peak_bytes": "INTEGER",
    "gpu_peak_bytes": "INTEGER",
    "device": "TEXT",
    "created": "TEXT",  # UTC, as ISO 8601
    **dict.fromkeys(Stamp._fields, "INTEGER"),
    "record": "TEXT",  # run.json
}
METRICS = {"folder": "TEXT", "split": "TEXT", "metric": "TEXT", "value": "REAL"}
OPTIONS = {"folder": "TEXT", "option": "TEXT", "value": "TEXT", "number": "REAL"}  # number: NULL for other text
TABLES = {"runs": COLUMNS, "metrics": METRICS, "options": OPTIONS}


def _table(name: str, columns: dict[str, str], key: str = "") -> str:
    parts = [f"{column} {kind}" for column, kind in columns.items()]
    return f"CREATE TABLE {name} ({', '.join([*parts, *([f'PRIMARY KEY ({key})'] if key else [])])})"


SCHEMA = {
    "runs": _table("runs", COLUMNS),
    "metrics": _table("metrics", METRICS, "folder, split, metric") + " WITHOUT ROWID",
    "options": _table("options", OPTIONS, "folder, option") + " WITHOUT ROWID",
}


def rows_of(folder: str, result: Result, stamp: Stamp, record: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a run by table.

    Args:
        folder: the name of its folder.
        result: the run.
        stamp: of its record.
        record: the text of its record.
    """
    metrics = [
        (folder, split, _value(metric), _value(value))
        for split, scores in result.metrics.items()
        for metric, value in scores.items()
    ]
    options = [(folder, _value(key), _value(str(value)), number(value)) for key, value in result.config.items()]
    return {"runs": [_run(folder, result, stamp, record)], "metrics": metrics, "options": options}


def _run(folder: str, result: Result, stamp: Stamp, record: str) -> tuple[Any, ...]:
    """The row of a run in the table ``runs``; NULL where the run has no such value."""
    scores = {split: result.metrics.get(split, {}).get(result.primary) for split in ("dev", "test")}
    name = result.config.get("name")
    values: dict[str, Any] = {
        "folder": folder,
        "id": result.id,
        "name": None if name in (None, "none") else str(name),
        "primary_metric": result.primary,
        "lower_is_better": int(result.minimize),
        "device": str(result.how.get("device", "")) or None,
        "created": utc_text(stamp.saved / 1e9),
        "record": record,
    }
    values |= {key: getattr(result, key) for key in ("task", "data", "encoder", "embedding", "seed", "status")}
    values |= stamp._asdict() | scores | {key: value for key, value in result.cost.items() if key in COLUMNS}
    return tuple(_value(values.get(column)) for column in COLUMNS)


def utc_text(seconds: float) -> str:
    """A time stamp as ISO 8601, in UTC and without fractions of a second."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S")


def _value(value: Any) -> Any:
    """A value as SQLite holds it: NULL for NaN, a float beyond 64 bits, no surrogates."""
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return math.copysign(math.inf, value) if abs(value) > 1 << 1000 else float(value)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
