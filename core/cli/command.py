"""A command as a class of options: its constructor is the schema of its keys, their checks and its ``--help``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self, get_origin

from core.config.options import REQUIRED, Option, argument_help, options_of
from core.config.overrides import alternatives, render
from core.errors import ConfigError, PluginError, UnknownName, nearest
from core.registry import Spec
from core.registry.loading import import_target

KEY = re.compile(r"[a-z_]+=\S*")  # an argument that has the form key=value and is not a sentence

Rows = list[tuple[str, str]]


class Selected(NamedTuple):
    """The command that a command line is for.

    Args:
        command: the class.
        name: what it is called: ``runs``, or ``plot curves``.
        arguments: the command line after the name.
        spec: where it is from; None for one of core, or where the name of the command line tells it.
    """

    command: type[Command]
    name: str
    arguments: Sequence[str]
    spec: Spec | None = None


class Command:
    """One command of the command line.

    The keyword-only parameters of a subclass's constructor are the keys of the command; annotation, default and
    docstring line are read by ``core.config.options.options_of``, and ``**options`` adds the keys of the parent;
    two underscores in a name are a dot in the key.
    A command that takes positional arguments declares ``*NAME: str`` before the keys. The constructor checks
    combinations of values; it imports nothing heavy.
    """

    overrides: ClassVar[Collection[str]] = ()  # keys and sections passed on as positional arguments

    def execute(self) -> int | None:
        """Do what the command is for; returns the exit status, None is 0."""
        raise NotImplementedError

    @classmethod
    def select(cls, name: str, arguments: Sequence[str]) -> Selected:
        """The command that is executed: this one, unless it has parts, of which the arguments name one."""
        return Selected(cls, name, arguments)

    @classmethod
    def parse(cls, name: str, arguments: Sequence[str]) -> Self:
        """The command with the values that the command line gives.

        Args:
            name: what the command is called, for errors.
            arguments: the command line after the name.

        Raises:
            ConfigError: an unknown key, a key given twice, a missing one, a value that does not fit, or a
                positional argument where none is taken.
        """
        options, given, rest = _keys(options_of(cls, f"command={name}")), dict[str, str](), list[str]()
        for argument in arguments:
            key, equals, text = argument.partition("=")
            if not equals or key not in options:
                cls._check_argument(name, argument, options)
                rest.append(argument)
            elif key in given:
                several = "; separate several values by commas" if _is_tuple(options[key]) else ""
                raise ConfigError("given twice", where=key, remedy=f"give it once{several}")
            else:
                given[key] = text
        values = {options[key].name: _value(options[key], key, text) for key, text in given.items()}
        for key, option in options.items():
            if option.default is REQUIRED and key not in given:
                remedy = f"write {key}=...: {option.help.rstrip('.')}"
                if key == "run" and "runs" in given:
                    remedy = f"runs= names the folder of runs; {remedy}"
                raise ConfigError(f"{key} is missing", where=name, remedy=remedy)
        create: Callable[..., Self] = cls
        return create(*rest, **values)

    @classmethod
    def _check_argument(cls, name: str, argument: str, options: Mapping[str, Option]) -> None:
        """Raise the error of an argument that is neither a positional one nor an override."""
        key, equals, _ = argument.partition("=")
        section, takes = key.partition(".")[0], cls.positional()
        if equals and section in cls.overrides:
            return
        if equals and (cls.overrides or not takes or KEY.fullmatch(argument)):
            is_folder = key == "folder" and "runs" in options
            remedy = (
                "runs= names the folder of runs" if is_folder else nearest(section, [*options, *cls.overrides])
            )
            raise UnknownName(f"{name} has no key '{section}'", where=key, remedy=remedy)
        if not takes:
            remedy = "write key=value; quote a value that contains spaces"
            raise ConfigError(f"'{argument}' is not understood", where=name, remedy=remedy)

    @classmethod
    def positional(cls) -> str:
        """The name of the positional arguments, empty where none are taken."""
        parameters = inspect.signature(cls).parameters.values()
        return next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "")

    @classmethod
    def about(cls) -> str:
        """What the command does: the docstring before ``Args:``."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\nArgs:")[0].replace("``", "`").strip()

    @classmethod
    def help_sections(cls, name: str) -> list[tuple[str, Rows]]:
        """Title and rows of each list of the command's ``--help``; a row is a name and its help."""
        takes, keys = cls.positional(), key_rows(options_of(cls, f"command={name}"))
        arguments = [(takes.upper(), argument_help(cls.__doc__ or "").get(takes, ""))]
        return [*([("Arguments", arguments)] if takes else []), ("Keys", keys)]


def load_command(name: str, target: str | Spec) -> type[Command]:
    """The class of a command.

    Args:
        name: what it is called.
        target: ``"module:Class"``, or the spec of a plugin.

    Raises:
        PluginError: it cannot be imported, or is not a class of commands.
    """
    where = f"command={name}"
    return command_class(import_target(target, where) if isinstance(target, str) else target.load(), where)


def command_class(found: object, where: str) -> type[Command]:
    """What is registered as a command; PluginError where it is not a class of commands."""
    if isinstance(found, type) and issubclass(found, Command):
        return found
    remedy = "register a class that inherits from core.cli.command.Command"
    raise PluginError(f"{found!r} is not a command", where=where, remedy=remedy)


def key_rows(options: Mapping[str, Option]) -> Rows:
    """Each key with its type, default and meaning, the required ones first."""
    rows: tuple[Rows, Rows] = [], []
    for key, option in _keys(options).items():
        optional = option.default is not REQUIRED
        default = f"default {render(option.default)}" if optional else "required"
        text = f"{option.type_text} ({default}): {option.help}".replace("``", "`")
        rows[optional].append((key, text))
    return rows[0] + rows[1]


def _is_tuple(option: Option) -> bool:
    return get_origin(option.annotation) is tuple


def _keys(options: Mapping[str, Option]) -> dict[str, Option]:
    """Key -> option: the parameter ``engine__address`` is the key ``engine.address``."""
    return {name.replace("__", "."): option for name, option in options.items()}


def _value(option: Option, key: str, text: str) -> Any:
    """The checked value: plain text as it is, several values between commas, anything else by its annotation."""
    if option.annotation is str:
        return text
    if not _is_tuple(option):
        return option.check(text, key)
    items = [item if isinstance(item, list) else [item] for item in alternatives(text, key)]
    return option.check(sum(items, []), key)
