"""The options of a run: signature, the defaults of head, encoder and task, the preset, the file, the arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.config.budget import parse_budget
from core.config.budgeted_length import settle_length
from core.config.encoder_defaults import encoder_defaults
from core.config.options import REQUIRED
from core.config.run_config import RunConfig, build_config
from core.config.schema import MISSPELLED, Choice, Parts, Schema, data_option_names, find_key, owners_of, schema_of
from core.config.selection import ARGUMENT, DEFAULT, Setting, Settings, choose_data, join_choices
from core.config.yaml_files import CHOICES
from core.data.sources import NO_DATA, is_there
from core.errors import ConfigError, PluginError
from core.registry import Registry

PARAMETERS = "budget.parameters"  # stands for this part of the budget among the keys that fit a run


class Resolver:
    """Fills in and checks the options of each run, and remembers which keys fit none.

    Args:
        registered: where names are looked up.
        overridden: section -> the level at which a choice replaces that of a lower level. Options that the lower
            level sets for its own choice need not fit.
        plugins: the values of ``plugin=``.
    """

    def __init__(self, registered: Registry, overridden: Mapping[str, int], plugins: tuple[str, ...]) -> None:
        self.registered, self.overridden, self.plugins = registered, overridden, plugins
        self.fitted: set[str] = set()
        self.misfits: dict[str, ConfigError] = {}
        self.notes: list[str] = []

    def config(self, parts: Parts, settings: Settings) -> RunConfig:
        """The configuration of one run, from what it chooses (but its embeddings) and what the user gives.

        Raises:
            ConfigError: a value that does not fit, or an option without a value.
        """
        defaults: dict[str, Any] = getattr(parts.task.load(), "defaults", {})
        if "data" in defaults and "data" not in settings:
            setting = Setting(defaults["data"], ARGUMENT, f"task={parts.task.name}")
            parts = replace(parts, data=choose_data({"data": setting}, self.registered))
        if "embedding" in parts.traits.sections:
            name = defaults.get("embedding", DEFAULT["embedding"])
            setting = settings.get("embedding", Setting(name, ARGUMENT, f"task={parts.task.name}"))
            parts = replace(parts, embeddings=join_choices("embedding", setting, self.registered))
        schema = schema_of(parts)
        values = {key: option.default for key, option in schema.items()}
        head = getattr(parts.head_class, "defaults", {})
        _fill(values, head, schema, parts, f"default of the head of kind {parts.kind.name}")
        own, who = encoder_defaults(parts, schema, self.registered.names("kind")), parts.encoder.name
        _fill(values, own, schema, parts, f"default of encoder={who} for kind {parts.kind.name}")
        _fill(values, defaults, schema, parts, f"default of task={parts.task.name}")
        given = self._apply(settings, values, schema, parts)
        settle_length(values, settings)
        self._settle_parameters(values, parts)
        for key, value in values.items():
            if value is REQUIRED:
                what = ": ".join(filter(None, (schema[key].type_text, schema[key].help.replace("``", "`"))))
                raise ConfigError("has no value", where=key, remedy=f"write {key}=VALUE ({what})")
        config = build_config(parts, values, given, self.plugins)
        if "data" not in settings and needs_no_text(config):
            return self.config(replace(parts, data=Choice(NO_DATA, None, target=NO_DATA)), settings)
        _check_reads(config)
        return config

    def _apply(self, settings: Settings, values: dict[str, Any], schema: Schema, parts: Parts) -> tuple[str, ...]:
        """Put what the user gives into ``values``; returns the keys that fit."""
        setters: dict[tuple[int, str], str] = {}
        for key, setting in sorted(settings.items(), key=lambda item: item[1].level):
            chosen = key in CHOICES and (key != "embedding" or key in parts.traits.sections)
            full = key if chosen else find_key(key, schema, parts)
            if self._of_replaced_data(key, setting):
                continue
            if isinstance(full, ConfigError):
                full.where = setting.where
                self._misfit(key, setting, full, parts)
                continue
            if other := setters.get((setting.level, full)):
                raise ConfigError(f"means the same as {other}", where=setting.where, remedy="give one of the two")
            setters[setting.level, full] = key
            if not chosen:
                values[full] = schema[full].check(setting.value, setting.where)
        self.fitted.update(setters.values())
        return tuple(setters.values())

    def _settle_parameters(self, values: dict[str, Any], parts: Parts) -> None:
        """Leave a budget of parameters out where no option sets their number; it must fit some run of the grid."""
        budget = parse_budget(values["budget"])
        if budget.parameters is None:
            return
        if "train" in parts.traits.sections:
            self.fitted.add(PARAMETERS)
            return
        values["budget"] = str(replace(budget, parameters=None)) or None
        what = f"the number of parameters of {parts.encoder.name} follows from the data, so no budget sets it"
        remedy = "leave it out, or compare with a neural encoder"
        self.misfits.setdefault(PARAMETERS, ConfigError(what, where="budget", remedy=remedy))
        self.notes.append(f"{parts.encoder.name} has no budget of parameters: their number follows from the data")

    def _of_replaced_data(self, key: str, setting: Setting) -> bool:
        """Whether an option (column, path) is for data that a higher level replaces by other data."""
        section, _, name = key.partition(".")
        replaced = section == "data" and setting.level < self.overridden.get("data", 0)
        return replaced and name not in data_option_names()

    def _misfit(self, key: str, setting: Setting, error: ConfigError, parts: Parts) -> None:
        data = parts.data
        missing = data.spec is None and isinstance(data.target, str) and not is_there(data.target)
        if missing and key.startswith("data.") and setting.level < ARGUMENT:
            return  # a saved model loads without its data
        if any(setting.level < level for level in self.overridden.values()):
            return
        known = self.misfits.get(key)
        if known is None or (error.code == MISSPELLED and known.code != MISSPELLED):
            self.misfits[key] = error  # of several runs, report one that knows a similar key

    def check(self) -> None:
        """Raise the error of the first key that fits no run."""
        for key, error in self.misfits.items():
            if key not in self.fitted:
                raise error


def needs_no_text(config: RunConfig) -> bool:
    """Whether nothing reads the data: the task evaluates vectors, and none of them depends on the text."""
    parts = config.embeddings.values()
    reads = config.kind.reads_rows or any(part.load().needs_text(part.options) for part in parts)
    return not reads and config.data.target != NO_DATA


def _check_reads(config: RunConfig) -> None:
    """Refuse no data where there must be some."""
    if config.data.target == NO_DATA and config.data.spec is None and config.kind.reads_rows:
        what = f"task={config.task.name} reads text, and data={NO_DATA} has none"
        raise ConfigError(what, where="data", remedy="name a data set, a file or a folder")


def _fill(values: dict[str, Any], defaults: Mapping[str, Any], schema: Schema, parts: Parts, who: str) -> None:
    """Set defaults, for each joined part that has the option; a key that this run lacks is for other runs."""
    for key, value in defaults.items():
        for full in [key] if key in schema else owners_of(key, schema, parts):
            try:
                values[full] = schema[full].check(value, f"{who}: {key}")
            except ConfigError as error:
                raise PluginError(error.what, where=error.where, remedy="fix it in the class") from error
