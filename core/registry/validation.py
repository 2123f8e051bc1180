"""Checks of a plugin before pluggy sees it; each mistake is one clear error."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Collection
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from core.errors import PluginError, nearest
from core.families import FAMILIES
from core.hooks import PROJECT, SECTIONS, Hooks
from core.registry.spec import Spec

HOOKS = tuple(SECTIONS.values())
NAME = re.compile(r"[A-Za-z0-9][\w-]*")
RESERVED = ("all", "none")


def check_hooks(plugin: object, where: str) -> None:
    """Check the names, markers and arguments of the hooks of a plugin, which ``where`` names.

    Raises:
        PluginError: an unknown hook, a forgotten marker, a wrong argument, or no hook at all.
    """
    defines_hook = False
    for attribute in dir(plugin):
        function = getattr(plugin, attribute, None)
        options = getattr(function, f"{PROJECT}_impl", None)
        if isinstance(options, dict):
            defines_hook = True
            _check_hook(options.get("specname") or attribute, function, where)
        elif attribute in HOOKS and callable(function):
            what = f"the function {attribute} is named like a hook but not marked as one"
            raise PluginError(what, where=where, remedy="write @hookimpl above it (from core import hookimpl)")
    if not defines_hook:
        raise PluginError("defines no hook", where=where, remedy="mark one with @hookimpl: " + ", ".join(HOOKS))


def _check_hook(hook: str, function: Any, where: str) -> None:
    if hook not in HOOKS:
        raise PluginError(f"there is no hook {hook}", where=where, remedy=nearest(hook, HOOKS))
    names = list(inspect.signature(function).parameters)
    if names != ["register"]:
        what = f"hook {hook} takes one argument, register, but is defined with ({', '.join(names)})"
        raise PluginError(what, where=where, remedy=f"write def {hook}(register):")


@cache
def _register(hook: str) -> tuple[inspect.Signature, dict[str, Any]]:
    """The signature of the ``register`` argument of a hook, without self, and its resolved annotations."""
    call = get_type_hints(getattr(Hooks, hook))["register"].__call__
    signature = inspect.signature(call)
    return signature.replace(parameters=list(signature.parameters.values())[1:]), get_type_hints(call)


def check_registration(hook: str, where: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Check the arguments of one call of ``register`` by a hook of the plugin that ``where`` names.

    Returns:
        Every argument by name, defaults filled in.

    Raises:
        PluginError: an argument is missing, unknown or of the wrong type.
    """
    signature, hints = _register(hook)
    usage = f"write register({', '.join(map(_usage, signature.parameters.values()))})"
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise PluginError(f"hook {hook}: register: {error}", where=where, remedy=usage) from error
    bound.apply_defaults()
    for name, value in bound.arguments.items():
        if not _fits(value, hints[name]) or (name == "target" and isinstance(value, str) and ":" not in value):
            what = f"hook {hook}: register: {name}={value!r} is not {_readable(name, hints[name])}"
            raise PluginError(what, where=where, remedy=usage)
    name = bound.arguments["name"]
    if name in RESERVED or not NAME.fullmatch(name):
        remedy = "use letters, digits, _ and -, but not 'all' or 'none'"
        raise PluginError(f"hook {hook}: '{name}' is not a valid name", where=where, remedy=remedy)
    arguments = dict(bound.arguments)
    if "family" in arguments:
        _complete_encoder(arguments, f"hook {hook}: register", where)
    return arguments


def _complete_encoder(arguments: dict[str, Any], call: str, where: str) -> None:
    """Fill in what a whole model sees; PluginError if its kinds, or what another encoder sees, are missing."""
    name, remedy = "sees", "add sees='left', 'both' or 'either'"
    if FAMILIES[arguments["family"]].whole:
        arguments["sees"] = arguments["sees"] or "both"
        name, remedy = "kinds", "name the kinds of task that the model runs, as in kinds=('sequence',)"
    if not arguments[name]:
        raise PluginError(f"{call}: missing a required argument: '{name}'", where=where, remedy=remedy)


def check_kinds(spec: Spec, known: Collection[str], where: str) -> None:
    """Raise a PluginError if a spec of the plugin that ``where`` names has a kind of task that is not known."""
    argument = "kind" if "kind" in spec.extra else "kinds"
    for kind in (spec.extra["kind"],) if argument == "kind" else spec.extra.get("kinds") or ():
        if kind not in known:
            what = f"hook {SECTIONS[spec.section]}: register: {argument}={kind!r} is not one of {'|'.join(known)}"
            raise PluginError(what, where=where, remedy=nearest(kind, known))


def _usage(parameter: inspect.Parameter) -> str:
    if parameter.kind is not parameter.KEYWORD_ONLY:
        return parameter.name
    return f"{parameter.name}={'...' if parameter.default is parameter.empty else repr(parameter.default)}"


def _fits(value: Any, hint: Any) -> bool:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in args
    if origin is tuple:
        return isinstance(value, tuple) and bool(value) and all(_fits(v, args[0]) for v in value)
    if origin in (types.UnionType, Union):
        return any(_fits(value, arg) for arg in args) or (type in args and callable(value))
    return isinstance(value, hint)


def _readable(name: str, hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if name == "target":
        return "'module:Class' or a class"
    if origin is Literal:
        return "one of " + "|".join(args)
    if origin is tuple:
        return f"a tuple of {_readable('', args[0]).removeprefix('one of ')}"
    if origin in (types.UnionType, Union):
        return " or ".join(_readable("", arg) for arg in args)
    return {str: "text", type(None): "None"}.get(hint, str(hint))
