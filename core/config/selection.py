"""The names in a cell, looked up before anything is imported: task, data, encoder, embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from core.config.compatibility import let_in, refusal
from core.config.overrides import render
from core.config.schema import Choice, Parts
from core.data.sources import HUB, is_there
from core.errors import ConfigError, UnknownName
from core.registry import Registry

# what is chosen where neither the user nor the task says
DEFAULT = {"data": "toy", "embedding": "random", "observer": "progress"}
PRESET, FILE, WORD = range(3)  # where a value was given; a higher level wins


class Pick(NamedTuple):
    """One value of one key in one cell, with the level and place that it was given at."""

    value: Any
    level: int
    where: str


Cell = dict[str, Pick]
Named = tuple[Parts, Cell]


def named(cell: Cell, found: Registry) -> list[Parts]:
    """The choices of a cell, by the registry alone; several for ``encoder=all``.

    Args:
        cell: the cell's values.
        found: where names are looked up.

    Raises:
        UnknownName: there is no such thing, and no such file for ``data``.
        ConfigError: no task or no encoder is chosen, or it is not chosen by one name.
    """
    task, data = _chosen("task", cell, found), _data(cell, found)
    if "embedding" in cell:
        joined("embedding", cell["embedding"], found)  # the family is not known yet; a wrong name is wrong anyway
    if (pick := cell.get("encoder")) and pick.value == "all":
        assert task.spec is not None
        names = let_in(task.spec, found)
        if not names:
            what = f"no encoder that is registered runs {task.spec.where}"
            raise ConfigError(what, where=pick.where, remedy="see: seqlab list encoder")
        encoders = [Choice(name, found.get("encoder", name)) for name in names]
    else:
        encoders = [_chosen("encoder", cell, found)]
    observers = _observers(cell, found)
    return [Parts(task, data, encoder, {}, observers) for encoder in encoders]


def _observers(cell: Cell, found: Registry) -> dict[str, Choice]:
    """Who watches; the default one may be absent."""
    if "observer" in cell:
        return {} if cell["observer"].value == "none" else joined("observer", cell["observer"], found)
    name = DEFAULT["observer"]
    return {name: Choice(name, spec)} if (spec := found.specs("observer").get(name)) else {}


def _chosen(section: str, cell: Cell, found: Registry) -> Choice:
    if section not in cell:
        names = found.names(section)
        if not names:
            found.get(section, "")  # says why there is none
        raise ConfigError(f"no {section} is chosen", where=section, remedy=f"write {section}={'|'.join(names)}")
    name = _name(cell[section])
    return Choice(name, found.get(section, name))


def _name(pick: Pick) -> str:
    if isinstance(pick.value, str):
        return pick.value
    raise ConfigError(f"{render(pick.value)} is no name", where=pick.where, remedy="write one name")


def _data(cell: Cell, found: Registry) -> Choice:
    """A registered data set, else a path (which must exist where a word names it), else an object."""
    pick = cell.get("data", Pick(DEFAULT["data"], WORD, "data"))
    if not isinstance(pick.value, (str, list)):
        return Choice(type(pick.value).__name__, None, target=pick.value)
    name = _name(pick)
    if name in found.specs("data"):
        return Choice(name, found.get("data", name))
    if pick.level == WORD and not is_there(name):
        try:
            found.get("data", name)
        except UnknownName as error:
            what = f"there is no data set and no file or folder '{name}'"
            raise UnknownName(what, where=pick.where, remedy=error.remedy) from None
    return Choice(name, None, target=name if name.startswith(HUB) else str(Path(name).expanduser()))


def joined(section: str, pick: Pick, found: Registry) -> dict[str, Choice]:
    """The embeddings or observers that ``+`` joins, by name.

    Args:
        section: ``embedding`` or ``observer``.
        pick: the value of that key.
        found: where names are looked up.
    """
    names = [name.strip() for name in _name(pick).split("+")]
    if len(set(names)) < len(names):
        raise ConfigError(f"an {section} is joined to itself", where=pick.where, remedy="name each once")
    return {name: Choice(name, found.get(section, name)) for name in names}


def lawful(pairs: list[Named], found: Registry) -> tuple[list[Named], tuple[str, ...]]:
    """Leave out the pairs that the rules refuse, where task and encoder each have another partner.

    Args:
        pairs: the choices of each cell.
        found: names the encoders to use instead.

    Returns:
        The pairs that may run, and a sentence for each that was left out.

    Raises:
        ConfigError: a task or an encoder is left without a partner.
    """
    fits: list[Named] = []
    refused: list[tuple[Parts, ConfigError]] = []
    for parts, cell in pairs:
        assert parts.task.spec and parts.encoder.spec
        error = refusal(parts.task.spec, parts.encoder.spec, found)
        if error:
            refused.append((parts, error))
        else:
            fits.append((parts, cell))
    tasks, encoders = {p.task.name for p, _ in fits}, {p.encoder.name for p, _ in fits}
    for parts, error in refused:
        if parts.task.name not in tasks or parts.encoder.name not in encoders:
            raise error
    return fits, tuple(sorted({f"left out: {error}" for _, error in refused}))
