"""From overrides to checked run configurations: names, rules, keys, values, the cheapest checks first."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.config.describe import Row, describe, presettings
from core.config.overrides import Override, parse, render
from core.config.resolve import Resolver
from core.config.run_config import RunConfig
from core.config.schema import RUN_KEYS, SECTIONS, Choice, data_option_names
from core.config.search_options import SearchOptions, pop_search, search_options
from core.config.searched import check_ranges
from core.config.selection import ARGUMENT, Setting, choose_data, choose_parts, drop_incompatible
from core.config.yaml_files import CHOICES, read_file, read_yaml, relocated
from core.data.atomic import RECORD
from core.errors import ConfigError, PluginError, UnknownName, nearest
from core.registry import Registry, registry

__all__ = ["Choice", "Grid", "Row", "RunConfig", "describe", "expand", "other_data", "presettings"]

GRID_LIMIT, LIMIT = "grid.limit", 10_000  # the key and the default of the most runs of a grid
TOO_MANY = "grid.limit"  # the code of the error of a grid with more
GRID_FILE = re.compile(r"grids/([^/]+)\.yaml")  # names a registered grid where there is no such file
LOADERS = ("plugin", "no_plugin", "preset", "config")  # the keys that load plugins or settings


class Grid(list[RunConfig]):
    """The runs of a grid, in order.

    ``notes`` says which pairs and plugins are left out, and why; ``search`` is how ``budget=trials:N`` searches.
    """

    notes: tuple[str, ...] = ()
    search: SearchOptions = SearchOptions()


def expand(
    overrides: Sequence[str] | Mapping[str, Any],
    registered: Registry | None = None,
    base: str | None = None,
    limit: int = LIMIT,
) -> Grid:
    """One checked configuration per run of the grid.

    Args:
        overrides: ``key=value`` arguments, or a mapping from Python (see ``core.config.overrides.parse``).
        registered: where names are looked up.
        base: the folder of the relative paths of ``config=FILE``; one that is not there is tried from here.
        limit: the most runs, counted before any is built; ``grid.limit=`` in the overrides replaces it.

    Returns:
        The runs. What the user leaves out comes from the file, the preset, the task, the head or the signature.

    Raises:
        ConfigError: a name, key or value that is not valid, a pair that the rules refuse, too many runs, or
            several values of a key in the saved config of a run.
        PluginError: a plugin that breaks its contract.
    """
    given, registered = parse(overrides), registered or registry()
    if "no_plugin" in given:
        registered.leave_out(name for name in _pop(given, "no_plugin") if name != "none")
    plugins = _pop(given, "plugin")
    failed = [error for plugin in plugins if (error := registered.load(plugin).error)]
    layers = [*_files(given, registered, base), given]
    limit, search = _limit(given, limit), pop_search(layers)
    recorded = [name for layer in layers for name in _pop(layer, "plugin") if name not in plugins]
    try:
        grid = _resolve(layers, registered, plugins, limit)
    except UnknownName as error:
        if recorded:
            hint = f"the config was saved with plugin={','.join(recorded)}: add it; a config never loads plugins"
            error.remedy += f"; {hint}"
        raise
    grid.notes = (*failed, *grid.notes)
    grid.search = search_options(search, any(run.budget.trials for run in grid))
    return grid


def other_data(config: RunConfig, overrides: Sequence[str], registered: Registry | None = None) -> RunConfig:
    """The same run on other data; the overrides are ``data=...`` and ``data.KEY=...``, nothing else.

    Other data is read as the run's own (columns, format, encoding), except where an override says otherwise.
    """
    from core.config.remembered import is_same, remembered  # reading needs numpy

    given, registered = parse(overrides), registered or registry()
    for item in given.values():
        if item.key.partition(".")[0] != "data" or len(item.values) > 1:
            raise ConfigError("only one choice of data can change here", where=item.key, remedy="write data=...")
    own = parse([f"{key}={text}" for key, text in config.flat().items() if key != "plugin"])
    if "data" in given and is_same(config, str(given["data"].values[0])):
        del given["data"]
    if "data" in given:
        new = choose_data({"data": Setting(given["data"].values[0], ARGUMENT, "data")}, registered)
        how = parse([f"data.{key}={render(value)}" for key, value in remembered(config, new, given).items()])
        core_keys = {f"data.{name}" for name in data_option_names()}
        kept = {key: item for key, item in own.items() if key.partition(".")[0] != "data" or key in core_keys}
        own = kept | how
    return _resolve([{}, own, given], registered, config.plugins)[0]


def _pop(given: dict[str, Override], key: str) -> tuple[str, ...]:
    """The values of a key, which is removed."""
    values = given.pop(key).values if key in given else ()
    return tuple(str(v) for value in values for v in (value if isinstance(value, list) else [value]))


def _pop_one(given: dict[str, Override], key: str) -> str | None:
    if key not in given:
        return None
    values = _pop(given, key)
    if len(values) != 1:
        raise ConfigError(f"takes one value, not {len(values)}", where=key, remedy="name one")
    return values[0]


def _files(given: dict[str, Override], registered: Registry, base: str | None) -> list[dict[str, Override]]:
    """What ``preset=`` and ``config=``, which are removed, set."""
    preset, file = _pop_one(given, "preset"), _pop_one(given, "config")
    return [
        read_yaml(registered.get("preset", preset).text(), f"preset {preset}") if preset else {},
        relocated(_read_config(file, registered), base, registered.specs("data")) if file else {},
    ]


def _limit(given: dict[str, Override], default: int) -> int:
    """The value of ``grid.limit=``, which is removed."""
    text = _pop_one(given, GRID_LIMIT)
    if text is not None and not (text.isdecimal() and 0 < len(text) < 10):
        raise ConfigError(f"'{text}' does not fit", where=GRID_LIMIT, remedy="it takes a number of runs")
    return default if text is None else int(text)


def _read_config(file: str, registered: Registry) -> dict[str, Override]:
    """The overrides of ``config=FILE``, else of the registered grid; those of a saved run have one value each."""
    if (named := GRID_FILE.fullmatch(file)) and not Path(file).exists():
        return read_yaml(registered.get("grid", named[1]).text(), file)
    try:
        layer = read_file(file)
    except UnknownName as error:
        if (name := Path(file).name.removesuffix(".yaml")) in registered.names("grid"):
            error.remedy = _grid_remedy(name)
        raise
    if Path(file).expanduser().with_name(RECORD).exists():
        for item in layer.values():
            if len(item.values) > 1 and item.key not in LOADERS:
                what = f"the saved config of a run has one value here, not {len(item.values):,}"
                raise ConfigError(what, where=item.where, remedy="train the run again, or take the others out")
    return layer


def _check_count(count: int, limit: int, levels: Mapping[str, tuple[int, Override]]) -> None:
    """Refuse a grid of too many runs, before they are built."""
    if count > limit:
        largest = max((item for _, item in levels.values()), key=lambda item: len(item.values))
        what = f"these are {count:,} runs, more than {limit:,}"
        remedy = f"give fewer values, or set {GRID_LIMIT}="
        raise ConfigError(what, where=largest.where, remedy=remedy, code=TOO_MANY, values={"runs": count})


def _resolve(
    layers: list[dict[str, Override]], registered: Registry, plugins: tuple[str, ...], limit: int = 1
) -> Grid:
    """The cheapest checks first: the sections of the keys, names, rules; then the options of each run."""
    for layer in layers:
        for item in layer.values():
            _check_section(item, registered)
    levels = {item.key: (level, item) for level, layer in enumerate(layers) for item in layer.values()}
    _check_count(math.prod(len(item.values) for _, item in levels.values()), limit, levels)
    alternatives = [[Setting(v, level, item.where) for v in item.values] for level, item in levels.values()]
    products = [dict(zip(levels, product, strict=True)) for product in itertools.product(*alternatives)]
    combinations = [(parts, settings) for settings in products for parts in choose_parts(settings, registered)]
    _check_count(len(combinations), limit, levels)  # encoder=all makes more of one value
    compatible, notes = drop_incompatible(combinations, registered)
    resolver, configs, errors = Resolver(registered, _overridden(layers), plugins), list[RunConfig](), []
    for parts, settings in compatible:
        try:
            config = resolver.config(parts, settings)
            if config.budget.trials:
                check_ranges(config)
            configs.append(config)
        except PluginError as error:  # a broken plugin does not stop the runs of others
            errors.append(error)
    if errors and not configs:
        raise errors[0]
    resolver.check()
    grid = Grid({json.dumps(config.flat()): config for config in configs}.values())
    grid.notes = (*notes, *dict.fromkeys([f"left out: {error}" for error in errors] + resolver.notes))
    return grid


def _grid_remedy(name: str) -> str:
    return f"write config=grids/{name}.yaml"


def _check_section(item: Override, registered: Registry) -> None:
    section, dot, _ = item.key.partition(".")
    if section == "observer" and len(item.values) > 1:
        raise ConfigError("observers do not form a grid", where=item.where, remedy="join them by +: observer=a+b")
    if dot and section in SECTIONS or item.key in (*CHOICES, *RUN_KEYS):
        return
    if item.key == GRID_LIMIT:
        what, remedy = "a file cannot set this", "give it on the command line"
    elif item.key in LOADERS:
        what, remedy = "a file cannot load plugins or other files", "give it on the command line"
    elif item.key in SECTIONS:
        what, remedy = "is not chosen by name", f"set its options: {item.key}.KEY=VALUE"
    elif section in RUN_KEYS:
        what, remedy = "has no options", f"write {section}=VALUE"
    else:
        known = (*SECTIONS, GRID_LIMIT) if dot else (*CHOICES, *RUN_KEYS, *LOADERS)
        is_grid = item.key == "grid" and item.values[0] in registered.names("grid")
        remedy = _grid_remedy(item.values[0]) if is_grid else nearest(section, known)
        raise UnknownName(f"there is no key '{section}'", where=item.where, remedy=remedy)
    raise ConfigError(what, where=item.where, remedy=remedy)


def _overridden(layers: list[dict[str, Override]]) -> dict[str, int]:
    """Section -> the level at which a choice replaces a different one of a lower level."""
    chosen = {
        section: [(level, str(layer[section].values)) for level, layer in enumerate(layers) if section in layer]
        for section in CHOICES
    }
    return {section: pairs[-1][0] for section, pairs in chosen.items() if len({text for _, text in pairs}) > 1}
