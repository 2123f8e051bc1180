"""The options of a trial, as a function of the seed of the search and the number of the trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.search.space import Space
from core.types import Float64s

DEFAULT = 0  # the number of the trial of the default options


def trial_options(seed: int, number: int, space: Space, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The options that a trial sets: none for trial 0, the default; else those of a scrambled Sobol point.

    A trial depends on nothing else, so trials may run in any order, and those of a shorter search are the first of
    a longer one.

    Args:
        seed: of the search.
        number: of the trial, from 0.
        space: what is searched.
        defaults: key -> value, of the options that a dimension may depend on.

    Returns:
        Key -> value; without the dimensions that the values of other options switch off.
    """
    if number == DEFAULT or not space:
        return {}
    units = sobol_point(seed, number - 1, len(space)).tolist()
    return active({d.key: d.value(unit) for d, unit in zip(space, units, strict=True)}, space, defaults)


def active(drawn: Mapping[str, Any], space: Space, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The drawn options without those that the values of others switch off (``Search.when``)."""
    values = {**defaults, **drawn}
    off = {d.key for d in space if d.when is not None and values.get(d.when[0]) not in d.when[1]}
    return {key: value for key, value in drawn.items() if key not in off}


def sobol_point(seed: int, number: int, size: int) -> Float64s:
    """One point of a scrambled Sobol sequence (Owen, 1998): (size,), each number in [0, 1)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(size, scramble=True, seed=np.random.default_rng(seed))
    if number:  # scipy cannot skip none
        sampler.fast_forward(number)
    point: Float64s = sampler.random(1)[0]
    return point
