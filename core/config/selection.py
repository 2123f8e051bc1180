"""The names that a run chooses, looked up before anything is imported: task, data, encoder, embeddings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core.config.compatibility import compatible_encoders, incompatibility
from core.config.overrides import render
from core.config.schema import Choice, Parts
from core.data.sources import HUB, NO_DATA, is_there
from core.errors import ConfigError, UnknownName
from core.registry import Registry, Spec

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

    Raises:
        UnknownName: there is no such thing, and no such file for ``data``.
        ConfigError: no task or no encoder is chosen, or the choice is not one name.
    """
    task, data = _chosen("task", settings, registered), choose_data(settings, registered)
    if "embedding" in settings:  # a misspelled one is an error also in a family that has none
        join_choices("embedding", settings["embedding"], registered)
    if (setting := settings.get("encoder")) and setting.value == "all":
        assert task.spec is not None
        names = compatible_encoders(task.spec, registered)
        encoders = [Choice(name, registered.get("encoder", name)) for name in names]
        if not encoders:
            what = f"no registered encoder runs {task.spec.where}"
            raise ConfigError(what, where=setting.where, remedy="see: seqlab list encoder")
    else:
        encoders = [_chosen("encoder", settings, registered, task.spec)]
    default = DEFAULT["observer"] if DEFAULT["observer"] in registered.specs("observer") else "none"
    setting = settings.get("observer", Setting(default, ARGUMENT, "observer"))
    observers = {} if setting.value == "none" else join_choices("observer", setting, registered)
    return [Parts(task, data, encoder, observers=observers) for encoder in encoders]


def _chosen(section: str, settings: Settings, registered: Registry, task: Spec | None = None) -> Choice:
    """What is chosen; the error for an encoder names those that can run the ``task``."""
    if section not in settings:
        names = registered.names(section)
        if not names:
            registered.get(section, "")  # raises the error that says why there is none
        fitting = compatible_encoders(task, registered) if task else []
        remedy = f"write {section}={'|'.join(fitting or names)}"
        raise ConfigError(f"no {section} is chosen", where=section, remedy=remedy)
    name = _name(section, settings[section])
    return Choice(name, registered.get(section, name))


def _name(key: str, setting: Setting) -> str:
    if isinstance(setting.value, str):
        return setting.value
    remedy = "write one name"
    if isinstance(setting.value, list) and len(setting.value) > 1:
        sign = "=" if setting.level == ARGUMENT else ": "
        remedy += f"; a comma makes a grid: {key}{sign}{','.join(map(render, setting.value))}"
    raise ConfigError(f"{render(setting.value)} is not a name", where=setting.where, remedy=remedy)


def choose_data(settings: Settings, registered: Registry) -> Choice:
    """A registered data set, else a path (which must exist if an argument gives it), else an object."""
    setting = settings.get("data", Setting(DEFAULT["data"], ARGUMENT, "data"))
    if not isinstance(setting.value, (str, list)):
        return Choice(type(setting.value).__name__, None, target=setting.value)
    name = _name("data", setting)
    if name not in registered.specs("data") and (setting.level < ARGUMENT or is_there(name)):
        is_path = not name.startswith(HUB) and name != NO_DATA
        return Choice(name, None, target=str(Path(name).expanduser()) if is_path else name)
    try:
        return Choice(name, registered.get("data", name))
    except UnknownName as error:
        what = f"there is no data set and no file or folder '{name}'"
        raise UnknownName(what, where=setting.where, remedy=error.remedy) from None


def join_choices(section: str, setting: Setting, registered: Registry) -> dict[str, Choice]:
    """The embeddings or observers (the section) that ``+`` joins, by name."""
    names = [name.strip() for name in _name(section, setting).split("+")]
    if len(set(names)) < len(names):
        raise ConfigError(f"an {section} is joined to itself", where=setting.where, remedy="name each once")
    return {name: Choice(name, registered.get(section, name)) for name in names}


def drop_incompatible(
    combinations: list[Combination], registered: Registry
) -> tuple[list[Combination], tuple[str, ...]]:
    """Leave out the incompatible pairs whose task and encoder each have a compatible partner.

    Returns:
        The compatible combinations, and one sentence per pair that is left out, or per task and reason.

    Raises:
        ConfigError: a task or an encoder has no compatible partner.
    """
    errors = [incompatibility(parts, registered) for parts, _ in combinations]
    compatible = [pair for pair, error in zip(combinations, errors, strict=True) if not error]
    tasks = {parts.task.name for parts, _ in compatible}
    encoders = {parts.encoder.name for parts, _ in compatible}
    for (parts, _), error in zip(combinations, errors, strict=True):
        if error and (parts.task.name not in tasks or parts.encoder.name not in encoders):
            raise error
    return compatible, tuple(sorted(_left_out([error for error in errors if error])))


def _left_out(errors: Sequence[ConfigError]) -> Iterator[str]:
    """One sentence per pair; one for all encoders that a task cannot use for the same reason."""
    groups: dict[tuple[str, str], dict[str, ConfigError]] = {}
    for error in errors:
        task, encoder, reason = (error.values[key] for key in ("task", "encoder", "reason"))
        groups.setdefault((task, reason), {})[encoder] = error
    for (task, reason), found in groups.items():
        if reason and len(found) > 1:
            yield f"left out of task={task}, since {reason}: {', '.join(found)}"
        else:
            yield from (f"left out: {error}" for error in found.values())
