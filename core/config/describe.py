"""The options of one thing as rows, for ``describe encoder=NAME``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, get_args

from core.config.options import REQUIRED, options_of
from core.config.overrides import render
from core.config.schema import DATA_OPTIONS, SECTIONS, TRAINER, VECTORS, RunOptions
from core.config.yaml_files import read_yaml
from core.errors import ConfigError, UnknownName, nearest
from core.hooks import Family
from core.kinds import find_kind
from core.registry import Registry, registry
from core.registry.loading import import_target


class Row(NamedTuple):
    """One option for people: all text."""

    key: str
    type: str
    default: str
    help: str
    source: str
    about: str = ""


def describe(words: Sequence[str], found: Registry | None = None) -> list[Row]:
    """The options of what the words name.

    Args:
        words: ``encoder=NAME``, ``embedding=NAME``, ``task=NAME``, ``observer=NAME``, ``data=NAME`` or a path,
            ``head=KIND``, ``train``, ``run``, or a section alone for what all its members share; ``preset=NAME``
            has no option of its own.
        found: the registry to look names up in.

    Returns:
        One row an option, in the order of the signatures.

    Raises:
        UnknownName: there is no such section or name.
    """
    return [row for word in words for row in _rows(word, found or registry())]


def presettings(word: str, found: Registry | None = None) -> dict[str, tuple[str, str]]:
    """What a preset sets, or a task or a kind's neural head for other sections in place of their own defaults.

    Args:
        word: ``preset=NAME``, ``task=NAME`` or ``head=KIND``; any other sets nothing.
        found: the registry to look names up in.

    Returns:
        Dotted key -> the value, and who sets it.
    """
    section, _, name = word.partition("=")
    if section == "preset":
        given = read_yaml((found or registry()).get("preset", name).text(), word)
        return {key: (",".join(map(render, item.values)), word) for key, item in given.items()}
    spec = (found or registry()).get("task", name) if section == "task" and name else None
    kind = spec.extra["kind"] if spec else name if section == "head" else ""
    head = _neural_head_defaults(kind, found or registry())
    own = getattr(spec.load(), "defaults", {}) if spec else {}
    pairs = [(head, f"head={kind}"), (own, word)]
    return {key: (render(value), who) for values, who in pairs for key, value in values.items()}


def _neural_head_defaults(kind: str, found: Registry) -> dict[str, Any]:
    """What the neural head of a kind sets for other sections."""
    if kind not in found.names("kind"):
        return {}
    defaults: dict[str, Any] = getattr(find_kind(kind, found).import_class("heads", "neural"), "defaults", {})
    return defaults


def _rows(word: str, found: Registry) -> Iterator[Row]:
    section, equals, name = word.partition("=")
    known = (*SECTIONS, "preset", "run")
    if section not in known:
        raise UnknownName(f"there is no section '{section}'", where=word, remedy=nearest(section, known))
    if not equals and section in ("task", "encoder", "observer", "preset"):
        names = ", ".join(found.names(section))
        raise ConfigError(f"which {section}?", where=word, remedy=f"write {section}=NAME: {names}")
    if section == "preset":
        found.get(section, name)  # it has no options of its own; see presettings
    elif section == "run":
        yield from _of(RunOptions, "", "run")
    elif section == "head":
        yield from _heads(name, found)
    elif section == "train":
        yield from _of(import_target(TRAINER, "train"), "train.", "train")
    else:
        if equals:
            yield from _of(_target(section, name, found), f"{section}.", word)
        if section in ("data", "embedding"):  # what every one shares
            yield from _of(
                import_target({"data": DATA_OPTIONS, "embedding": VECTORS}[section], word), f"{section}.", word
            )


def _target(section: str, name: str, found: Registry) -> Any:
    if section == "data" and name not in found.specs("data"):
        from core.data.sources import is_there, source_class

        if is_there(name):
            return source_class(name)
    return found.get(section, name).load()


def _heads(name: str, found: Registry) -> Iterator[Row]:
    if name not in (kinds := found.names("kind")):
        raise UnknownName(f"there is no kind '{name}'", where="head", remedy=nearest(name, kinds))
    kind = find_kind(name, found)
    for family in get_args(Family):
        if family in kind.heads:
            yield from _of(kind.import_class("heads", family), "head.", f"head={name}")


def _of(target: Any, prefix: str, where: str) -> Iterator[Row]:
    for option in options_of(target, where).values():
        default = "" if option.default is REQUIRED else render(option.default)
        yield Row(prefix + option.name, option.type_text, default, option.help, option.source, option.about)
