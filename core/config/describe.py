"""The options of one thing as table rows, for ``describe encoder=NAME``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, get_args

from core.config.encoder_defaults import Defaults, defaults_by_kind
from core.config.options import REQUIRED, options_of
from core.config.overrides import render
from core.config.schema import (
    CHECKPOINT,
    CONCAT_EMBEDDING,
    DATA_OPTIONS,
    PREDICT,
    SECTIONS,
    TRAINER,
    RunOptions,
)
from core.config.search_options import SECTION as SEARCH
from core.config.search_options import SearchOptions
from core.config.space import search_of
from core.config.yaml_files import read_yaml
from core.data.sources import is_there, source_class
from core.errors import ConfigError, UnknownName, nearest
from core.hooks import Family
from core.kinds import find_kind
from core.registry import Registry, registry
from core.registry.loading import import_target

FILES = ("preset", "grid")  # which are files that set options, and have none of their own


class Row(NamedTuple):
    """One option, all as text; ``search`` is what a search tries, empty where the option is not searched."""

    key: str
    type: str
    default: str
    help: str
    source: str
    about: str = ""
    search: str = ""


def describe(targets: Sequence[str], registered: Registry | None = None) -> list[Row]:
    """The options of each target.

    Args:
        targets: ``SECTION=NAME`` (``data=`` a path too), ``train``, ``predict``, ``run``, or a section alone for
            what all its members share; ``preset=NAME`` and ``grid=NAME`` have no options of their own.
        registered: where names are looked up.

    Returns:
        One row per option, in the order of the signatures.

    Raises:
        UnknownName: there is no such section or name.
    """
    return [row for target in targets for row in _rows(target, registered or registry())]


def presettings(target: str, registered: Registry | None = None, encoder: str = "") -> dict[str, tuple[str, str]]:
    """The options that a preset or a grid sets, or the defaults that a task, an encoder or a head sets for others.

    Args:
        target: ``preset=NAME``, ``grid=NAME``, ``task=NAME``, ``encoder=NAME`` or ``head=KIND``; any other
            sets nothing.
        registered: where names are looked up.
        encoder: ``encoder=NAME`` whose own defaults those of a task include; empty: none.

    Returns:
        Dotted key -> the value, and what sets it.
    """
    registered = registered or registry()
    section, _, name = target.partition("=")
    if section in FILES:
        given = read_yaml(registered.get(section, name).text(), target)
        return {key: (",".join(map(render, item.values)), target) for key, item in given.items()}
    if section == "encoder":
        return {key: (text, target) for key, text in _by_kind(_of_encoder(target, registered)).items()}
    task = registered.get("task", name) if section == "task" and name else None
    kind = task.extra["kind"] if task else name if section == "head" else ""
    found = find_kind(kind, registered) if kind in registered.names("kind") else None
    head = found.import_class("heads", "neural") if found and "neural" in found.heads else None
    setters = [(f"head={kind}", getattr(head, "defaults", {}))]
    setters += [(encoder, _of_encoder(encoder, registered).get(kind, {}))] if encoder else []
    setters += [(target, getattr(task and task.load(), "defaults", {}))]
    return {k: (render(v), who) for who, defaults in setters for k, v in defaults.items()}


def _of_encoder(target: str, registered: Registry) -> Defaults:
    """The defaults of ``encoder=NAME``."""
    name = target.partition("=")[2]
    return defaults_by_kind(name, registered.get("encoder", name).load(), registered.names("kind"))


def _by_kind(defaults: Defaults) -> dict[str, str]:
    """Dotted key -> the defaults of an encoder for the kinds, as in ``0.005 (sequence), 0.01 (token)``."""
    texts: dict[str, list[str]] = {}
    for kind, values in defaults.items():
        for key, value in values.items():
            texts.setdefault(key, []).append(f"{render(value)} ({kind})")
    return {key: ", ".join(values) for key, values in texts.items()}


def _rows(target: str, registered: Registry) -> Iterator[Row]:
    section, equals, name = target.partition("=")
    known = (*SECTIONS, *FILES, "run", SEARCH)
    if section not in known:
        raise UnknownName(f"there is no section '{section}'", where=target, remedy=nearest(section, known))
    if not equals and section in ("task", "encoder", "observer", "head", *FILES):
        names = ", ".join(registered.names("kind" if section == "head" else section))
        raise ConfigError(f"which {section}?", where=target, remedy=f"write {section}=NAME: {names}")
    if section in FILES:
        registered.get(section, name)  # it has no options of its own; see presettings
    elif section == SEARCH:
        yield from _of(SearchOptions, f"{SEARCH}.", SEARCH)
    elif section == "run":
        yield from _of(RunOptions, "", "run")
    elif section == "train":
        for options in (TRAINER, CHECKPOINT):
            yield from _of(import_target(options, "train"), "train.", "train")
    elif section == "predict":
        yield from _of(import_target(PREDICT, "predict"), "predict.", "predict")
    elif section == "head":
        if name not in (kinds := registered.names("kind")):
            raise UnknownName(f"there is no kind '{name}'", where="head", remedy=nearest(name, kinds))
        kind = find_kind(name, registered)
        for family in get_args(Family):
            if family in kind.heads:
                yield from _of(kind.import_class("heads", family), "head.", target)
    else:
        if equals:
            yield from _of(_class_of(section, name, registered), f"{section}.", target)
        if shared := {"data": DATA_OPTIONS, "embedding": CONCAT_EMBEDDING}.get(section):
            yield from _of(import_target(shared, target), f"{section}.", target)


def _class_of(section: str, name: str, registered: Registry) -> Any:
    if section == "data" and name not in registered.specs("data") and is_there(name):
        return source_class(name)
    return registered.get(section, name).load()


def _of(target: Any, prefix: str, where: str) -> Iterator[Row]:
    for option in options_of(target, where).values():
        default = "" if option.default is REQUIRED else render(option.default)
        search = search_of(option.annotation)
        searched = "" if search is None else search.text
        yield Row(
            prefix + option.name, option.type_text, default, option.help, option.source, option.about, searched
        )
