"""A configuration with other values of some keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.config.run_config import RunConfig, build_config
from core.config.schema import schema_of


def values_of(config: RunConfig) -> dict[str, Any]:
    """Full key -> value, of every option of a run; ``build_config`` puts them together again."""
    sections = {"task": config.task.options, "data": config.data.options | config.data_options}
    sections |= {"encoder": config.encoder.options, "embedding": config.embedding_options, "head": config.head}
    sections |= {f"embedding.{name}": part.options for name, part in config.embeddings.items()}
    sections |= {f"observer.{name}": part.options for name, part in config.observers.items()}
    sections |= {"train": config.train, "predict": config.predict}
    own = {f"{section}.{name}": value for section, options in sections.items() for name, value in options.items()}
    return own | config.run


def unseeded(config: RunConfig) -> str:
    """A run as text, without its seed: equal for runs that differ in nothing else."""
    return repr({key: text for key, text in config.flat().items() if key != "seed"})


def with_values(config: RunConfig, values: Mapping[str, Any]) -> RunConfig:
    """The same run with other values of some options.

    Args:
        config: the run.
        values: full key (``embedding.random.dim``) -> value.

    Raises:
        ConfigError: a value that the option does not take.
    """
    schema = schema_of(config)
    checked = {key: schema[key].check(value, key) for key, value in values.items()}
    return build_config(config, values_of(config) | checked, config.given, config.plugins)
