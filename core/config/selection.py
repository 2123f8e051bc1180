"""The names that a run chooses, looked up before anything is imported: task, data, encoder, embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from core.config.compatibility import compatible_encoders, incompatibility
from core.config.overrides import render
from core.config.schema import Choice, Parts
from core.data.sources import HUB, is_there
from core.errors import ConfigError, UnknownName
from core.registry import Registry

# what is chosen if neither the user nor the task says
DEFAULT = {"data": "toy", "embedding": "random", "observer": "progress"}
PRESET, FILE, ARGUMENT = range(3)  # where a value comes from; a higher level wins


class Setting(NamedTuple):
    """The value of one key in one run, with the level and the place that it comes from."""

    value: Any
    level: int
    where: str


Settings = dict[str, Setting]  # key -> its value in one run
Combination = tuple[Parts, Settings]


def choose_parts(settings: Settings, registered: Registry) -> list[Parts]:
    """What a run chooses by name, without importing it; several for ``encoder=all``.

    Args:
        settings: what the user gives.
        registered: where names are looked up.

    Raises:
        UnknownName: there is no such thing, and no such file for ``data``.
        ConfigError: no task or no encoder is chosen, or the choice is not one name.
    """
    task, data = _chosen("task", settings, registered), _data(settings, registered)
    if "embedding" in settings:  # a misspelled one is an error in the counting family too, which has none
        join_choices("embedding", settings["embedding"], registered)
    if (setting := settings.get("encoder")) and setting.value == "all":
        assert task.spec is not None
        names = compatible_encoders(task.spec, registered)
        if not names:
            what = f"no registered encoder runs {task.spec.where}"
            raise ConfigError(what, where=setting.where, remedy="see: seqlab list encoder")
        encoders = [Choice(name, registered.get("encoder", name)) for name in names]
    else:
        encoders = [_chosen("encoder", settings, registered)]
    observers = _observers(settings, registered)
    return [Parts(task, data, encoder, {}, observers) for encoder in encoders]


def _observers(settings: Settings, registered: Registry) -> dict[str, Choice]:
    """The observers by name; the default one need not be registered."""
    if setting := settings.get("observer"):
        return {} if setting.value == "none" else join_choices("observer", setting, registered)
    name = DEFAULT["observer"]
    return {name: Choice(name, spec)} if (spec := registered.specs("observer").get(name)) else {}


def _chosen(section: str, settings: Settings, registered: Registry) -> Choice:
    if section not in settings:
        names = registered.names(section)
        if not names:
            registered.get(section, "")  # raises the error that says why there is none
        raise ConfigError(f"no {section} is chosen", where=section, remedy=f"write {section}={'|'.join(names)}")
    name = _name(settings[section])
    return Choice(name, registered.get(section, name))


def _name(setting: Setting) -> str:
    if isinstance(setting.value, str):
        return setting.value
    raise ConfigError(f"{render(setting.value)} is not a name", where=setting.where, remedy="write one name")


def _data(settings: Settings, registered: Registry) -> Choice:
    """A registered data set, else a path (which must exist if an argument gives it), else an object."""
    setting = settings.get("data", Setting(DEFAULT["data"], ARGUMENT, "data"))
    if not isinstance(setting.value, (str, list)):
        return Choice(type(setting.value).__name__, None, target=setting.value)
    name = _name(setting)
    if name in registered.specs("data"):
        return Choice(name, registered.get("data", name))
    if setting.level == ARGUMENT and not is_there(name):
        try:
            registered.get("data", name)
        except UnknownName as error:
            what = f"there is no data set and no file or folder '{name}'"
            raise UnknownName(what, where=setting.where, remedy=error.remedy) from None
    return Choice(name, None, target=name if name.startswith(HUB) else str(Path(name).expanduser()))


def join_choices(section: str, setting: Setting, registered: Registry) -> dict[str, Choice]:
    """The embeddings or observers that ``+`` joins, by name.

    Args:
        section: ``embedding`` or ``observer``.
        setting: the value of that key.
        registered: where names are looked up.
    """
    names = [name.strip() for name in _name(setting).split("+")]
    if len(set(names)) < len(names):
        raise ConfigError(f"an {section} is joined to itself", where=setting.where, remedy="name each once")
    return {name: Choice(name, registered.get(section, name)) for name in names}


def drop_incompatible(
    combinations: list[Combination], registered: Registry
) -> tuple[list[Combination], tuple[str, ...]]:
    """Leave out the incompatible pairs whose task and encoder each have a compatible partner.

    Args:
        combinations: what each run chooses.
        registered: names the encoders to use instead.

    Returns:
        The compatible combinations, and one sentence per pair that is left out.

    Raises:
        ConfigError: a task or an encoder has no compatible partner.
    """
    compatible: list[Combination] = []
    refused: list[tuple[Parts, ConfigError]] = []
    for parts, settings in combinations:
        assert parts.task.spec and parts.encoder.spec
        if error := incompatibility(parts.task.spec, parts.encoder.spec, registered):
            refused.append((parts, error))
        else:
            compatible.append((parts, settings))
    tasks = {parts.task.name for parts, _ in compatible}
    encoders = {parts.encoder.name for parts, _ in compatible}
    for parts, error in refused:
        if parts.task.name not in tasks or parts.encoder.name not in encoders:
            raise error
    return compatible, tuple(sorted({f"left out: {error}" for _, error in refused}))
