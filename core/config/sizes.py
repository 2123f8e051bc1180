"""The options of a run that scale its number of parameters: which are open, and their bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from core.config.changed import values_of
from core.config.options import Option
from core.config.run_config import RunConfig
from core.config.schema import find_key, schema_of
from core.config.space import is_size

Sizes = dict[str, int]  # full key -> value


def sizes_of(config: RunConfig) -> dict[str, Option]:
    """Full key -> each whole-number option of the encoder and of the embeddings that is marked ``Size()``."""
    values = values_of(config)
    own = {key: option for key, option in schema_of(config).items() if key.startswith(("encoder.", "embedding."))}
    return {key: option for key, option in own.items() if is_size(option.annotation) and type(values[key]) is int}


def open_sizes(config: RunConfig) -> dict[str, Option]:
    """Those of ``sizes_of`` that the user does not set."""
    schema = schema_of(config)
    given = {find_key(key, schema, config) for key in config.given if "." in key}
    return {key: option for key, option in sizes_of(config).items() if key not in given}


def nearest_size(option: Option, value: float) -> int:
    """The value of a whole-number option that is nearest to another one, within its bounds and steps.

    Args:
        option: its annotation may have ``Ge``, ``Gt``, ``Le``, ``Lt`` and ``MultipleOf``.
        value: positive.
    """
    step, low, high = 1, 1.0, math.inf
    for meta in _metadata(option.annotation):
        step = getattr(meta, "multiple_of", None) or step
        low = max(low, _limit(meta, "ge", low), _limit(meta, "gt", low - 1) + 1)
        high = min(high, _limit(meta, "le", high), _limit(meta, "lt", high + 1) - 1)
    highest = math.floor(high / step) if math.isfinite(high) else math.inf
    return int(step * max(math.ceil(low / step), min(highest, round(value / step))))


def _limit(meta: Any, name: str, default: float) -> float:
    found = getattr(meta, name, None)
    return default if found is None else found


def _metadata(annotation: Any) -> Iterator[Any]:
    for meta in getattr(annotation, "__metadata__", ()):
        yield meta
        yield from getattr(meta, "metadata", ())  # pydantic's Field
