"""From words to checked configs, one a cell of the grid: names, rules, keys, values, in order of cost."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.config.describe import Row, describe, presettings
from core.config.overrides import Given, parse
from core.config.resolve import Resolver
from core.config.run_config import Config, complete
from core.config.schema import RUN_WORDS, SECTIONS, Choice
from core.config.selection import WORD, Pick, lawful, named
from core.config.yaml_files import CHOICES, read_file, read_yaml, relocated
from core.errors import ConfigError, PluginError, UnknownName, nearest
from core.registry import Registry, registry

__all__ = ["Cells", "Choice", "Config", "Row", "describe", "expand", "other_data", "presettings"]

LOADERS = ("plugin", "no_plugin", "preset", "config")  # words that bring other things in


class Cells(list[Config]):
    """The cells of a grid, in order; ``notes`` says which pairs were left out, which plugins failed, and why."""

    notes: tuple[str, ...] = ()


def expand(
    words: Sequence[str] | Mapping[str, Any], found: Registry | None = None, base: str | None = None
) -> Cells:
    """One checked config a cell of the grid.

    Args:
        words: ``key=value`` words, or a mapping from Python (see ``core.config.overrides.parse``).
        found: the registry to look names up in.
        base: where a relative path of ``config=FILE`` leads on from, if it leads nowhere from here.

    Returns:
        The cells; what the user left out is filled in by signature, head, task, preset and file.

    Raises:
        ConfigError: a name, key or value that cannot be accepted, or a pair that the rules refuse.
        PluginError: a plugin that breaks the contract.
    """
    given, found = parse(words), found or registry()
    loaders = {key: given.pop(key) for key in LOADERS if key in given}
    if "no_plugin" in loaders:
        found.leave_out(name for name in _texts(loaders["no_plugin"]) if name != "none")
    plugins = _texts(loaders.get("plugin"))
    failed = [error for plugin in plugins if (error := found.load(plugin).error)]
    preset, file = _one(loaders.get("preset")), _one(loaders.get("config"))
    layers = [
        read_yaml(found.get("preset", preset).text(), f"preset {preset}") if preset else {},
        relocated(read_file(file), base, found.specs("data")) if file else {},
        given,
    ]
    recorded = [name for layer in layers[:WORD] for name in _texts(layer.pop("plugin", None))]
    try:
        cells = _resolve(layers, found, plugins)
    except UnknownName as error:
        if missing := [name for name in recorded if name not in plugins]:
            hint = (
                f"; the config was made with plugin={','.join(missing)}: add that word, a config loads no plugin"
            )
            raise UnknownName(error.what, where=error.where, remedy=error.remedy + hint) from error
        raise
    cells.notes = (*failed, *cells.notes)
    return cells


def other_data(config: Config, words: Sequence[str], found: Registry | None = None) -> Config:
    """The same run on other data.

    Args:
        config: the run.
        words: ``data=...`` and ``data.KEY=...`` alone.
        found: the registry to look names up in.
    """
    given = parse(words)
    for item in given.values():
        if item.key.partition(".")[0] != "data" or len(item.values) > 1:
            raise ConfigError("only one choice of data can change here", where=item.key, remedy="write data=...")
    kept = {key: text for key, text in config.flat().items() if key != "plugin"}
    return _resolve(
        [{}, parse([f"{k}={v}" for k, v in kept.items()]), given], found or registry(), config.plugins
    )[0]


def _texts(given: Given | None) -> tuple[str, ...]:
    values = given.values if given else ()
    return tuple(str(v) for value in values for v in (value if isinstance(value, list) else [value]))


def _one(given: Given | None) -> str | None:
    values = _texts(given)
    if given and len(values) != 1:
        raise ConfigError(f"{len(values)} are named", where=given.where, remedy="name one")
    return values[0] if values else None


def _resolve(layers: list[dict[str, Given]], found: Registry, plugins: tuple[str, ...]) -> Cells:
    """Everything cheap before anything dear: keys' sections, names, rules; then the options of each cell."""
    for layer in layers:
        for item in layer.values():
            _check_section(item)
    levels = {item.key: (level, item) for level, layer in enumerate(layers) for item in layer.values()}
    picks = [[Pick(v, level, item.where) for v in item.values] for level, item in levels.values()]
    cells = [dict(zip(levels, combination, strict=True)) for combination in itertools.product(*picks)]
    pairs, notes = lawful([(parts, cell) for cell in cells for parts in named(cell, found)], found)
    resolver = Resolver(found, _overridden(layers))
    configs, faults = [], []
    for parts, cell in pairs:
        try:
            configs.append(complete(*resolver.values(parts, cell), plugins))
        except PluginError as error:  # one stranger's fault stops nobody else's cell
            faults.append(error)
    if faults and not configs:
        raise faults[0]
    resolver.check()
    unique = Cells({json.dumps(config.flat()): config for config in configs}.values())
    unique.notes = (*notes, *dict.fromkeys(f"left out: {error}" for error in faults))
    return unique


def _check_section(item: Given) -> None:
    section, dot, _ = item.key.partition(".")
    if section == "observer" and len(item.values) > 1:
        raise ConfigError("observers make no grid", where=item.where, remedy="join several by +: observer=a+b")
    if dot and section in SECTIONS or item.key in (*CHOICES, *RUN_WORDS):
        return
    if item.key in LOADERS:
        raise ConfigError("a file cannot bring in others", where=item.where, remedy="write it among the words")
    if item.key in SECTIONS:
        raise ConfigError(
            "is not chosen by name", where=item.where, remedy=f"set its options: {item.key}.KEY=VALUE"
        )
    if section in RUN_WORDS:
        raise ConfigError("has no options", where=item.where, remedy=f"write {section}=VALUE")
    known = SECTIONS if dot else (*CHOICES, *RUN_WORDS, *LOADERS)
    raise UnknownName(f"there is no key '{section}'", where=item.where, remedy=nearest(section, known))


def _overridden(layers: list[dict[str, Given]]) -> dict[str, int]:
    """Section -> the level at which another choice replaced the one of a lower level."""
    found: dict[str, int] = {}
    for section in CHOICES:
        chosen = [(level, layer[section].values) for level, layer in enumerate(layers) if section in layer]
        if len({str(values) for _, values in chosen}) > 1:
            found[section] = chosen[-1][0]
    return found
