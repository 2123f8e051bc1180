"""``describe encoder=lstm``: the options of one thing with type, default and help."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Any, ClassVar

from core.cli import COMMANDS
from core.cli.command import load_command
from core.cli.console import console, print_table
from core.cli.shared_keys import PluginCommand
from core.config.schema import SECTIONS
from core.config.search_options import SECTION as SEARCH
from core.errors import ConfigError, UnknownName, closest, nearest
from core.hooks import SECTIONS as REGISTERED
from core.registry import registry

SEVERAL = ("+", ",")  # what separates names after ``SECTION=``
ALONE = (*SECTIONS, "preset", "grid", SEARCH)  # what may be named without a name of its own
HEAD = "head"  # the section whose names are those of kinds


class Describe(PluginCommand):
    """Show the options of something that is registered, the keys of a command, or what a preset or a grid sets.

    Args:
        targets: encoder=NAME, embedding=NAME, task=NAME, data=NAME, observer=NAME, format=NAME, head=KIND,
            preset=NAME, grid=NAME, train, search, or a command such as run or predict.
    """

    overrides: ClassVar[Collection[str]] = tuple(dict.fromkeys((*ALONE, *REGISTERED)))

    def __init__(self, *targets: str, **options: Any) -> None:
        super().__init__(**options)
        if not targets:
            remedy = "write encoder=NAME, task=NAME, data=NAME, train, a command or another (see describe --help)"
            raise ConfigError("what?", where="describe", remedy=remedy)
        self.targets = targets

    def execute(self) -> None:
        """Print one table per class that has options."""
        self.load_plugins()
        targets = [each for target in self.targets for each in _each(target)]
        for target in targets:
            _check(target)
        shown: set[str] = set()
        encoders = [target for target in targets if target.startswith("encoder=")]
        for target in targets:
            section, _, name = target.partition("=")
            if command := _command(target):
                _show_command(command)
            elif section == "format":
                spec = registry().get(section, name)
                console().print(f"{target}: {spec.help} ({', '.join(spec.extra['endings'])})")
                console().print("`describe data` shows the options that all formats share.")
            else:
                alone = encoders[0] if section == "task" and len(encoders) == 1 else ""
                _show_options(f"{HEAD}={name}" if section == "kind" else target, shown, alone)


def _each(target: str) -> Iterator[str]:
    """The targets of several names at once, as in ``embedding=random+affix``; a path of data is one."""
    section, equals, names = target.partition("=")
    if not equals or section == "data":
        yield target
    else:
        yield from (f"{section}={name}" for name in re.split(f"[{''.join(SEVERAL)}]", names))


def _command(target: str) -> str:
    """The name of the command that a target is; empty where it is none."""
    section, equals, name = target.partition("=")
    if equals:
        return name if section == "command" else ""
    return target if target in _commands() else ""


def _commands() -> list[str]:
    return [*COMMANDS, *registry().names("command")]


def _check(target: str) -> None:
    """Raise UnknownName for a target that does not exist, before anything is printed."""
    from core.config import describe

    command = _command(target)
    section, equals, _ = target.partition("=")
    if command:
        if command not in _commands():
            remedy = nearest(command, _commands())
            raise UnknownName(f"there is no command '{command}'", where="describe", remedy=remedy)
    elif not equals and target not in ALONE:
        raise UnknownName(f"there is no '{target}' to describe", where="describe", remedy=_remedy(target))
    elif section == "format":
        registry().get(section, target.partition("=")[2])
    else:
        describe([target.replace("kind=", f"{HEAD}=", 1) if section == "kind" else target])


def _remedy(target: str) -> str:
    """The targets whose names are spelled almost like it, and how they are written."""
    full = {name: [name] for name in (*ALONE, *_commands())}
    for section in (name for name in REGISTERED if name != "command"):
        for name in registry().names(section):
            full.setdefault(name, []).append(f"{section}={name}")
    names = [target.lower()] if target.lower() in full else closest(target, full) or closest(target.lower(), full)
    found = [written for name in names for written in full[name]]
    if not found:
        return nearest(target, (*ALONE, *_commands())) + ", or write SECTION=NAME (see `list`)"
    return "did you mean " + " or ".join(f"'{written}'" for written in found[:3]) + "?"


def _show_command(name: str) -> None:
    """The keys of a command, as ``COMMAND --help`` shows them."""
    command = load_command(name, COMMANDS[name][0] if name in COMMANDS else registry().get("command", name))
    console().print(f"{name}: {' '.join(command.about().split())}")
    for title, rows in command.help_sections(name):
        if rows:
            print_table(title, ("name", "what"), rows)


def _show_options(target: str, shown: set[str], encoder: str) -> None:
    """The options of a component, what a data set is, what is set for others; a class in ``shown`` only once."""
    from core.config import describe, presettings

    section, _, name = target.partition("=")
    spec = registry().specs("data").get(name) if section == "data" else None
    for key, value in getattr(spec.load(), "about", {}).items() if spec else ():
        console().print(f"{key:<8}  {value}")
    options = describe([target])
    for (source, about), rows in groupby(options, key=lambda row: (row.source, row.about)):
        cells = [(row.key, row.type, row.default, row.search, row.help.replace("``", "`")) for row in rows]
        places = [0, 1, 2, 3, 4] if any(row[3] for row in cells) else [0, 1, 2, 4]  # most options are not searched
        heading = ("option", "type", "default", "searched", "what")
        if source not in shown:
            title = f"{about} ({source})".replace("``", "`")
            print_table(title, [heading[i] for i in places], [[row[i] for i in places] for row in cells])
        shown.add(source)
    if target in ("train", "embedding"):
        others = "describe task=NAME encoder=NAME shows them"
        console().print(f"Tasks and encoders set other defaults for some of these: {others}.")
    if settings := presettings(target, encoder=encoder):
        where = "" if section in ("preset", "grid") else "for neural encoders and "
        where = "by kind of task and " if section == "encoder" else where
        console().print(f"{target} sets, {where}where you set nothing:")
        print_table("", ("option", "default", "set by"), [(key, *values) for key, values in settings.items()])
    elif not options:
        console().print(f"{target} has no options of its own.")
