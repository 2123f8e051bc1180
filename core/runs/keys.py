"""Keys of saved runs: names, options, scores and costs, by which runs are filtered and sorted."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from core.errors import ConfigError, UnknownName, closest
from core.runs.result import Result

SPLITS = ("dev", "test")
FIELDS = ("id", "name", "task", "data", "encoder", "embedding", "seed", "status")
COSTS = {
    "parameters": "parameters",
    "tokens/s": "train_tokens_per_second",
    "seconds": "seconds",
    "memory": "peak_bytes",
    "gpu_memory": "gpu_peak_bytes",
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
CONDITION = re.compile(r"\s*([\w./-]+)\s*(>=|<=|!=|=|>|<)\s*(.*?)\s*", re.DOTALL)
SHAPE = "write KEY=VALUE, or !=, <, <=, > and >= in place of =, such as encoder.hidden_size>=128"


def value(result: Result, key: str) -> str | float | None:
    """What a run has under a key; None where it has nothing.

    Args:
        result: the run.
        key: one of ``FIELDS`` or ``COSTS``, ``SPLIT[.TASK[.METRIC]]``, or an option such as ``encoder.order``.
    """
    split, _, rest = key.partition(".")
    found: Any
    if key in FIELDS:
        found = result.config.get("name", "none") if key == "name" else getattr(result, key)
    elif key in COSTS:
        found = result.cost.get(COSTS[key])
    elif split in SPLITS:
        task, _, metric = rest.partition(".")
        scores = result.metrics.get(split, {}) if task in ("", result.task) else {}
        found = scores.get(metric or result.primary)
    else:
        found = result.config.get(key)
    if found is None or isinstance(found, float) and math.isnan(found):
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else str(found) or "none"


def check_key(results: Sequence[Result], key: str, where: str) -> None:
    """Raise UnknownName, with the keys that there are, for a key that no run has."""
    if not results or any(value(result, key) is not None for result in results) or key in (*FIELDS, *COSTS):
        return
    scores = list(dict.fromkeys(name for result in results for name in _scores(result)))
    options = sorted({name for result in results for name in result.config})
    near = closest(key, [*FIELDS, *COSTS, *scores, *options])
    known = ", ".join([*FIELDS, *COSTS, *scores])
    listed = f"choose from: {known}, or an option of a run, such as seed or {options[-1] if options else 'device'}"
    remedy = "did you mean " + " or ".join(f"'{name}'" for name in near) + "?" if near else listed
    raise UnknownName(f"no run has '{key}'", where=where, remedy=remedy)


def _scores(result: Result) -> list[str]:
    """The keys of the scores of a run."""
    splits = [split for split in SPLITS if split in result.metrics]
    primary = [f"{split}.{result.task}" for split in splits]
    return primary + [f"{split}.{result.task}.{metric}" for split in splits for metric in result.metrics[split]]


def where(results: Sequence[Result], conditions: Iterable[str]) -> list[Result]:
    """The runs that meet all conditions.

    Args:
        results: the runs.
        conditions: ``KEY=VALUE``, with ``!=``, ``<``, ``<=``, ``>`` or ``>=`` in place of ``=``; a run without the
            key does not meet it.

    Raises:
        ConfigError: a condition that is not understood, or compares text by size.
        UnknownName: a key that no run has.
    """
    kept = list(results)
    for condition in conditions:
        parsed = CONDITION.fullmatch(condition)
        if not parsed:
            raise ConfigError(f"'{condition}' is not understood", where="where", remedy=SHAPE)
        key, sign, text = parsed.groups()
        check_key(results, key, "where")
        if sign not in ("=", "!=") and number(text) is None:
            raise ConfigError(f"{key}{sign} takes a number, not '{text}'", where="where", remedy=SHAPE)
        kept = [result for result in kept if _meets(value(result, key), sign, text)]
    return kept


def _meets(found: str | float | None, sign: str, text: str) -> bool:
    """Whether a value meets a condition: as numbers where both are, else as text."""
    if found is None:
        return False
    own, wanted = number(found), number(text)
    if own is not None and wanted is not None:
        return OPERATORS[sign](own, wanted)
    return sign in ("=", "!=") and OPERATORS[sign](str(found), text)


def number(found: str | float | None) -> float | None:
    """A value as a number; None where it is none."""
    try:
        result = math.nan if found is None else float(found)
    except ValueError:
        return None
    return None if math.isnan(result) else result
