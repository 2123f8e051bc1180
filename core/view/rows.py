"""The rows of the tables: which runs are compared, what a row is called, and its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, TypeVar

from core.config.search_options import row_label
from core.runs.result import Result
from core.search.provenance import searched_keys
from core.view.split_level import KEY, components, merged

BASELINES = ("ceiling", "most frequent", "chance")
HOW = ("device", "precision", "threads")  # how a run is executed: not part of its id
# keys that may distinguish rows
NAMING = ("encoder.", "embedding.", "head.", "train.", "data.", "task.", "budget", *HOW)
REPLACED = (
    "of runs that differ only in device, precision or threads, only the last is saved; "
    "to save each, run them one by one, each with its own runs=FOLDER"
)

T = TypeVar("T")
K = TypeVar("K")


@dataclass
class Score:
    """One number of a table.

    Args:
        mean: over seeds; NaN if there is none. Of several splits of the data, it is the mean of theirs.
        deviation: the standard deviation over all runs, None for one run.
        runs: the number of runs.
        reason: why there is no score.
        splits: the number of splits.
        split_deviation: the standard deviation of the means of the splits, None for one split.
        seed_deviation: that of the seeds of a split, where there are several splits; None for one seed.
    """

    mean: float = math.nan
    deviation: float | None = None
    runs: int = 0
    reason: str = ""
    splits: int = 1
    split_deviation: float | None = None
    seed_deviation: float | None = None

    @classmethod
    def of(cls, values: Sequence[float], splits: Sequence[int] = ()) -> Score:
        """The score of several runs; ``splits``: the split of each, if there are several."""
        if not values:
            return cls()
        known = all(map(math.isfinite, values))
        deviation = stdev(values) if known and len(values) > 1 else None
        if len(set(splits)) < 2:
            return cls(fmean(values), deviation, len(values))
        parts = grouped(range(len(values)), lambda run: splits[run])
        mean = fmean(fmean(values[run] for run in runs) for runs in parts.values())
        both = components(values, splits) if known else (None, None)
        return cls(mean, deviation, len(values), "", len(parts), *both)

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "failed" if self.reason else "-"
        text = f"{self.mean:,.2f}" if math.isfinite(self.mean) else "inf"
        return text if self.deviation is None else f"{text} ± {self.deviation:.2f}"


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Key -> its items, both in order."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def run_key(result: Result) -> str:
    """What identifies a run: its id, and how it is executed."""
    return " ".join([result.id, *map(str, _how(result).values())])


def _how(result: Result) -> dict[str, Any]:
    return {key: result.how[key] for key in HOW if key in result.how}


def distinct(results: Sequence[Result]) -> list[Result]:
    """The results without duplicates, such as those of ``threads=auto,1`` if auto takes 1."""
    return [runs[0] for runs in grouped(results, run_key).values()]


def comparable(results: Sequence[Result], splits: Sequence[str] = ("test",)) -> list[list[Result]]:
    """Results grouped by task, data and fingerprints of splits; only these are compared in one table.

    The fingerprints of several ``data.split_seed`` are those of one table.
    """
    groups = grouped(results, lambda r: (r.task, r.data, *(r.fingerprints.get(split) for split in splits)))
    return merged(list(groups.values()), _row_key) if len(groups) > 1 else list(groups.values())


def _row_key(result: Result) -> tuple[object, ...]:
    """What the runs of a row have in common, whatever their splits and seeds."""
    options = result.config | _how(result)
    left_open = {KEY, *result.chosen, *searched_keys(result)}
    own = {key: str(options[key]) for key in options if key.startswith(NAMING) and key not in left_open}
    return result.task, result.data, _encoder(result), result.embedding, *sorted(own.items())


def row_names(results: Sequence[Result], splits: Sequence[str] = ("test",)) -> dict[str, str]:
    """``run_key`` -> name of the row: the encoder and the options that differ in a table, without the seed."""
    return {key: _name(options) for key, options in row_options(results, splits).items()}


def row_options(results: Sequence[Result], splits: Sequence[str] = ("test",)) -> dict[str, dict[str, str]]:
    """``run_key`` -> the encoder and the options that differ in a table, by key."""
    found: dict[str, dict[str, str]] = {}
    for group in comparable(results, splits):
        rows = distinguishing_options([described(r) for r in group])
        found |= {run_key(r): options for r, options in zip(group, rows, strict=True)}
    return found


def described(result: Result) -> Described:
    """What distinguishes a run; the options that a search has chosen do not, since its row is named after it."""
    left_open = {*result.chosen, *searched_keys(result)}
    return _encoder(result), result.embedding, result.config | _how(result), left_open


def _encoder(result: Result) -> str:
    """The encoder, and whether its options were searched."""
    return row_label(result.encoder, result.config.get("tuned"))


Described = tuple[str, str, Mapping[str, Any], Collection[str]]
"""Encoder, embedding, config, and the keys of the config that were left open."""


def distinguishing_names(rows: Sequence[Described], but: Collection[str] = (KEY,)) -> list[str]:
    """The names of the rows of one table: the encoder, and the options that differ."""
    return [_name(options) for options in distinguishing_options(rows, but)]


def distinguishing_options(rows: Sequence[Described], but: Collection[str] = (KEY,)) -> list[dict[str, str]]:
    """The encoder and the options that differ of each row of a table, by key, without those of ``but``."""
    found, embeddings = [], {embedding for _, embedding, _, _ in rows if embedding}
    for encoder, embedding, config, chosen in rows:
        alike = [(other, kind) for name, kind, other, _ in rows if name == encoder]
        varied = [
            key
            for key in config
            if key.startswith(NAMING) and key not in (*but, *chosen) and config[key] != "auto"
            if len({str(c.get(key)) for c, kind in alike if kind == embedding or "embedding." not in key}) > 1
        ]
        first = {"encoder": encoder} | ({"embedding": embedding} if len(embeddings) > 1 and embedding else {})
        found.append(first | {key.removeprefix("encoder."): str(config[key]) for key in varied})
    return found


def _name(options: Mapping[str, str]) -> str:
    """``lstm hidden_size=200``."""
    encoder, *others = options.items()
    return " ".join([encoder[1], *(f"{key}={value}" for key, value in others)])


def by_row(runs: Sequence[Result], names: Mapping[str, str]) -> dict[str, list[Result]]:
    """Name of the row (from ``row_names``) -> its runs."""
    return grouped(runs, lambda r: names[run_key(r)])


def marked(name: str, runs: Sequence[Result]) -> str:
    """The name of a row, and whether one of its runs was interrupted."""
    return name if all(run.status == "finished" for run in runs) else f"{name} (interrupted)"


def short(value: float) -> str:
    """A number with three digits: 1234567 -> 1.23M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.{max(0, 2 - int(math.log10(value / size)))}f}{unit}"
    return f"{value:.0f}"


def replacement_notes(results: Sequence[Result]) -> list[str]:
    """A note if a saved run replaced another one of the same id; empty otherwise."""
    return [REPLACED] if len({r.id for r in results}) < len(distinct(results)) else []
