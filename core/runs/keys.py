"""Keys of saved runs: names, options, scores and costs, by which runs are filtered and sorted."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from core.errors import ConfigError, UnknownName, closest
from core.runs.conditions import SHAPE, Comparison, Condition, Joined, Not, parse
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
SCORE = "score"  # the primary metric on test, whatever the task


def value(result: Result, key: str) -> str | float | None:
    """What a run has under a key; None where it has nothing.

    Args:
        result: the run.
        key: one of ``FIELDS``, ``COSTS`` or the names of costs in a record, ``score``, ``SPLIT[.TASK[.METRIC]]``,
            ``SPLIT.METRIC``, or an option such as ``encoder.order``.
    """
    key = "test" if key == SCORE else key
    split, _, rest = key.partition(".")
    found: Any
    if key in FIELDS:
        found = result.config.get("name", "none") if key == "name" else getattr(result, key)
    elif key in COSTS or key in result.cost:
        found = result.cost.get(COSTS.get(key, key))
    elif split in SPLITS:
        task, _, metric = rest.partition(".")
        scores = result.metrics.get(split, {})
        found = scores.get(metric or result.primary) if task in ("", result.task) else scores.get(rest)
    else:
        found = result.config.get(key)
    if found is None or isinstance(found, float) and math.isnan(found):
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else str(found) or "none"


def check_key(results: Sequence[Result], key: str, where: str) -> None:
    """Raise UnknownName, with the keys that there are, for a key that no run has."""
    if not results or any(value(result, key) is not None for result in results) or key in (*FIELDS, *COSTS, SCORE):
        return
    scores = list(dict.fromkeys(name for result in results for name in _scores(result)))
    options = sorted({name for result in results for name in result.config})
    near = closest(key, [*FIELDS, *COSTS, SCORE, *scores, *options])
    known = ", ".join([*FIELDS, *COSTS, SCORE, *scores])
    listed = f"choose from: {known}, or an option of a run, such as seed or {options[-1] if options else 'device'}"
    remedy = "did you mean " + " or ".join(f"'{name}'" for name in near) + "?" if near else listed
    raise UnknownName(f"no run has '{key}'", where=where, remedy=remedy)


def _scores(result: Result) -> list[str]:
    """The keys of the scores of a run."""
    splits = [split for split in SPLITS if split in result.metrics]
    primary = [f"{split}.{result.task}" for split in splits]
    return primary + [f"{split}.{result.task}.{metric}" for split in splits for metric in result.metrics[split]]


def where(results: Sequence[Result], *conditions: str) -> list[Result]:
    """The runs that meet all conditions.

    Args:
        results: the runs.
        conditions: see ``core.runs.conditions``; a run without the key of a comparison does not meet it.

    Raises:
        ConfigError: a condition that is not understood, or compares text by size.
        UnknownName: a key that no run has.
    """
    parsed = [parse(condition) for condition in conditions]
    for condition in parsed:
        _check(results, condition)
    return [result for result in results if all(_is_met(result, condition) for condition in parsed)]


def _check(results: Sequence[Result], condition: Condition) -> None:
    """Raise the error of a comparison that no run could meet."""
    match condition:
        case Comparison(key, sign, text):
            check_key(results, key, "where")
            if sign not in ("=", "!=") and number(text) is None:
                raise ConfigError(f"{key}{sign} takes a number, not '{text}'", where="where", remedy=SHAPE)
        case Not(part):
            _check(results, part)
        case Joined(parts):
            for each in parts:
                _check(results, each)


def _is_met(result: Result, condition: Condition) -> bool:
    """Whether a run meets a condition."""
    match condition:
        case Comparison(key, sign, text):
            return _meets(value(result, key), sign, text)
        case Not(part):
            return not _is_met(result, part)
        case Joined(parts, is_any):
            return (any if is_any else all)(_is_met(result, part) for part in parts)


def _meets(found: str | float | None, sign: str, text: str) -> bool:
    """Whether a value meets a comparison: as numbers where both are, else as text."""
    if found is None:
        return False
    own, wanted = number(found), number(text)
    if own is not None and wanted is not None:
        return OPERATORS[sign](own, wanted)
    return sign in ("=", "!=") and OPERATORS[sign](str(found), text)


def number(found: Any) -> float | None:
    """A value as a number; None where it is not one, or NaN."""
    try:
        result = float(found)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(result) else result
