"""Runs of a grid over ``seed`` that would repeat one another, since the model does not depend on the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.config import RunConfig
from core.config.options import options_of
from core.config.schema import RunOptions


def trained_once(configs: Sequence[RunConfig]) -> tuple[list[RunConfig], list[str]]:
    """The runs with one seed, that of the default, for each model that depends on none; notes say which models.

    One run is saved, which every later command finds whatever seeds it gives.

    Args:
        configs: the runs of a grid.
    """
    default, kept, names = options_of(RunOptions)["seed"].default, list[RunConfig](), dict[str, None]()
    seen: set[str] = set()
    for config in configs:
        if config.seeded:
            kept.append(config)
            continue
        if config.run["seed"] != default:
            names[config.encoder.name] = None
            config = replace(config, run=config.run | {"seed": default})
        if (text := str(config.flat())) not in seen:
            seen.add(text)
            kept.append(config)
    return kept, [f"{name} does not depend on the seed: it is trained once, with seed={default}" for name in names]
