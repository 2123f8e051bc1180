"""Saved runs as CSV, JSON and Parquet: one row per run, the same typed columns in all three."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.data.atomic import new_file
from core.printable import finite, json_text
from core.runs import keys
from core.runs.index_rows import utc_text
from core.runs.result import Result
from core.view.escaping import csv_text

FIRST = ("id", "name", "created", "task", "data", "encoder", "embedding", "seed", "status")
SCORES = ("primary_metric", "lower_is_better", "dev", "test")
Columns = dict[str, list[Any]]  # name -> one value per run, None where it has none


def columns(results: Sequence[Result]) -> Columns:
    """The columns of some runs: what they are, their scores and costs, then the options by their dotted keys.

    A column of text whose values are all numbers, or all true and false, has numbers or booleans. ``none`` is
    missing.
    """
    metrics = dict.fromkeys(f"{s}.{m}" for s in keys.SPLITS for run in results for m in run.metrics.get(s, {}))
    costs = dict.fromkeys(name for run in results for name in run.cost)
    known = {*FIRST, *SCORES, *metrics, *costs}
    options = dict.fromkeys(key for run in results for key in run.config if key not in known)
    found: Columns = {name: [_field(run, name) for run in results] for name in (*FIRST, *SCORES)}
    for name in metrics:
        split, _, metric = name.partition(".")
        found[name] = [_number(run.metrics.get(split, {}).get(metric)) for run in results]
    found |= {name: [_number(run.cost.get(name)) for run in results] for name in costs}
    return found | {key: _typed([_text(run.config.get(key)) for run in results]) for key in options}


def _field(run: Result, name: str) -> Any:
    """One of the columns that every run has."""
    if name == "created":
        return utc_text(run.path.stat().st_mtime)
    if name in keys.SPLITS:
        return _number(run.metrics.get(name, {}).get(run.primary))
    own = {"name": run.config.get("name"), "primary_metric": run.primary, "lower_is_better": run.minimize}
    found = own[name] if name in own else getattr(run, name)
    return _text(found) if isinstance(found, str) else found


def _text(value: Any) -> str | None:
    return None if value in (None, "none", "") else str(value)


def _number(value: Any) -> Any:
    return None if value is None or math.isnan(value) else value


def _typed(values: list[str | None]) -> list[Any]:
    """The values of an option as whole numbers, numbers or booleans where all of them are."""
    given = {value for value in values if value is not None}
    for read in (_whole, _decimal, {"true": True, "false": False}.__getitem__):
        try:
            typed: dict[str | None, Any] = {value: read(value) for value in given}
        except (KeyError, ValueError):
            continue
        return [typed.get(value) for value in values]
    return values


def _whole(text: str) -> int:
    """A whole number of 64 bits, written as such; ValueError for other text."""
    number = int(text)
    if str(number) != text or not -(1 << 63) <= number < 1 << 63:
        raise ValueError(text)
    return number


def _decimal(text: str) -> float:
    """A finite number; ValueError for other text."""
    number = float(text)
    if not math.isfinite(number) or "_" in text:
        raise ValueError(text)
    return number


def as_csv(found: Columns) -> bytes:
    """Columns as CSV; an empty field where a value is missing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(csv_text, found))
    writer.writerows(zip(*([_csv_field(value) for value in values] for values in found.values()), strict=True))
    return out.getvalue().encode("utf-8", "replace")


def _csv_field(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return csv_text(value) if isinstance(value, str) else value


def as_json(found: Columns) -> bytes:
    """Columns as JSON, a list with one object per run; a number that is missing or not finite is null."""
    rows = [dict(zip(found, map(finite, row), strict=True)) for row in zip(*found.values(), strict=True)]
    return (json_text(rows, indent=1) + "\n").encode("utf-8", "replace")


def as_parquet(found: Columns) -> bytes:
    """Columns as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def array(values: list[Any]) -> pa.Array:
        kinds = {type(value) for value in values if value is not None}
        if kinds == {str}:
            values = [value if value is None else value.encode("utf-8", "replace").decode() for value in values]
        return pa.array(values, pa.float64() if kinds == {int, float} else None if kinds else pa.string())

    out = pa.BufferOutputStream()
    pq.write_table(pa.table({name: array(values) for name, values in found.items()}), out)
    content: bytes = out.getvalue().to_pybytes()
    return content


FORMATS: dict[str, Callable[[Columns], bytes]] = {"csv": as_csv, "json": as_json, "parquet": as_parquet}


def write(content: bytes, path: Path) -> None:
    """Write a file, which is renamed when it is complete.

    Raises:
        DataError: it cannot be written.
    """
    with new_file(path) as new:
        new.write_bytes(content)
