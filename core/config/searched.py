"""Which options of a run a search tries, and whether they take the values that their ``Search`` declares."""

from __future__ import annotations

from typing import Any

from core.config.changed import values_of
from core.config.options import Option, limits_text, type_text
from core.config.overrides import render
from core.config.run_config import RunConfig
from core.config.schema import Schema, find_key, schema_of
from core.config.space import Search, is_size, search_of
from core.errors import ConfigError, PluginError


def fixed_keys(config: RunConfig) -> set[str]:
    """The full keys of what the user sets, on the command line, in a preset or in a file."""
    schema = schema_of(config)
    return {key for key in (find_key(key, schema, config) for key in config.given) if isinstance(key, str)}


def searched_options(config: RunConfig) -> Schema:
    """The options of a run that are searched, in the order of its keys.

    These are the options that declare a ``Search``, but those that the user sets, and the sizes where a budget of
    parameters solves them.
    """
    fixed, solved = fixed_keys(config), config.budget.parameters is not None
    return {
        key: option
        for key, option in schema_of(config).items()
        if search_of(option.annotation) is not None
        if key not in fixed and not (solved and is_size(option.annotation))
    }


def check_ranges(config: RunConfig) -> None:
    """Check that each searched option takes the ends of its range, or all of its choices, before anything runs.

    Raises:
        PluginError: one of these values is not valid; the error names the component, the option and the range.
    """
    defaults = values_of(config)
    for key, option in searched_options(config).items():
        search = search_of(option.annotation)
        assert search is not None
        for value in _ends(search, defaults[key]):
            try:
                option.check(value, key)
            except ConfigError as error:
                limits = limits_text(option.annotation) or type_text(option.annotation)
                what = f"{option.name}: {_declared(search, defaults[key])} leaves its range ({limits})"
                remedy = "change the range of the search in the class, or set the option"
                raise PluginError(what, where=_owner(config, key, option), remedy=remedy) from error


def _ends(search: Search, default: Any) -> tuple[Any, ...]:
    """The choices, or the ends of the range; none where it is relative to what is not a number."""
    if search.choices:
        return search.choices
    if not search.relative:
        return search.values
    if not isinstance(default, int | float):
        return ()
    ends = [float(end or 0) * default for end in (search.low, search.high)]
    return tuple(map(int, ends) if isinstance(default, int) else ends)


def _declared(search: Search, default: Any) -> str:
    """The range as the class declares it, without what does not matter here."""
    if search.choices:
        return f"Search(choices=({', '.join(map(render, search.choices))}))"
    if search.relative:
        return f"Search({search.low:g}, {search.high:g}, relative=True) of the default {render(default)}"
    return f"Search({search.low:g}, {search.high:g})"


def _owner(config: RunConfig, key: str, option: Option) -> str:
    """What has the option: ``encoder=decay``, or the class where nothing is chosen by name."""
    section, *parts = key.split(".")
    named = {"task": config.task, "data": config.data, "encoder": config.encoder}
    choice = config.joined(section).get(parts[0]) if len(parts) > 1 else named.get(section)
    return choice.spec.where if choice and choice.spec else option.source
