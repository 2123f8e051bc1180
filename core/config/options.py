"""A constructor's signature as a schema: names, types, defaults, help, and the check of each value."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from core.config.overrides import render
from core.errors import ConfigError, PluginError, closest, nearest
from core.registry.loading import with_file_names

if TYPE_CHECKING:
    from pydantic import TypeAdapter

LONGEST = 100  # characters of a value in an error
REQUIRED = inspect.Parameter.empty
TYPE_NAMES: dict[Any, str] = {None: "none", type(None): "none", Any: "anything"}
TYPE_NAMES |= {...: "...", float: "number", str: "text", bool: "true or false", Path: "path"}
# section -> the positional parameters of a plugin's constructor; data sets may leave theirs out
SUPPLIED: dict[str, tuple[str, ...]] = {"task": (), "observer": (), "command": (), "counting": ("vocab_size",)}
SUPPLIED |= {"encoder": ("input_size", "causal"), "embedding": ("vocab",), "data": ("data_dir",)}
SUPPLIED |= {"model": ("kind", "task", "vocab", "labels")}
CHOSEN = ("data", "model")  # the sections whose constructors take those that they need, by name
LIMITS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "min_length": "length >=", "max_length": "length <="}


@dataclass(frozen=True)
class Option:
    """One keyword-only parameter.

    Args:
        name: its name.
        annotation: its resolved type, with the limits of ``Annotated``.
        default: its default; ``REQUIRED`` if it has none.
        source: the class that defines it, ``module:Class``.
        doc: the docstring of that class.
    """

    name: str
    annotation: Any
    default: Any
    source: str
    doc: str = ""

    @property
    def help(self) -> str:
        """Its description in the docstring, on one line."""
        return argument_help(self.doc).get(self.name, "")

    @property
    def about(self) -> str:
        """The first line of the docstring."""
        return self.doc.strip().partition("\n")[0]

    @property
    def type_text(self) -> str:
        """The type as people write it: see the function ``type_text``."""
        return type_text(self.annotation)

    def check(self, value: Any, where: str) -> Any:
        """Convert text into a value of the annotated type.

        Args:
            value: text, a list of text, or already a Python value.
            where: the place and the dotted key, for errors.

        Raises:
            ConfigError: the value does not fit; the error says what does.
            PluginError: the annotation itself cannot be checked.
        """
        from pydantic import ValidationError
        from pydantic.errors import PydanticUserError

        try:
            return _within_64_bits(self._adapter.validate_python(_prepared(value, self.annotation)), where)
        except ValidationError as error:
            text, takes = render(value), f"it takes {self.type_text}"
            choices = [render(choice) for choice in _literals(self.annotation)]
            remedy = f"{nearest(text, choices)} ({takes})" if closest(text, choices) else takes
            raise ConfigError(f"'{_shortened(text)}' does not fit", where=where, remedy=remedy) from error
        except PydanticUserError as error:
            what = f"the annotation {self.annotation!r} cannot be checked"
            raise PluginError(what, where=f"{self.source}.{self.name}", remedy="use plain types") from error

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        """What checks and converts values; once per option, since a grid checks the same ones in every run."""
        from pydantic import ConfigDict, TypeAdapter

        return TypeAdapter(self.annotation, config=ConfigDict(allow_inf_nan=False))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text):,} characters)"


def _within_64_bits(value: Any, where: str) -> Any:
    """The value; ConfigError for a whole number that no array can hold."""
    for number in value if isinstance(value, list | tuple) else (value,):
        if isinstance(number, int) and not -(1 << 63) <= number < 1 << 63:
            raise ConfigError("the number is beyond 64 bits", where=where, remedy="write a smaller one")
    return value


def options_of(target: Callable[..., Any], where: str = "") -> dict[str, Option]:
    """The options of a class or function: its keyword-only parameters.

    ``**options`` in a constructor adds those of the next constructor in the method resolution order.

    Args:
        target: a class or a function.
        where: what the user calls it (``encoder=lstm``), for errors.

    Returns:
        Name -> option; the options of a class come before those of its parents.

    Raises:
        PluginError: a parameter without an annotation, or with one that cannot be resolved; an option that is
            not keyword-only.
    """
    return dict(_options(target, where))


@cache
def _options(target: Any, where: str) -> dict[str, Option]:
    options: dict[str, Option] = {}
    for owner, function, doc in _constructors(target):
        parameters = inspect.signature(function).parameters.values()
        _check_positional(target, parameters, where)
        for p in parameters:
            if p.kind is p.KEYWORD_ONLY and p.name not in options:
                annotation = _resolved(p, function, f"{where} ({owner})" if where else owner)
                options[p.name] = Option(p.name, annotation, p.default, owner, doc)
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return options


def _check_positional(target: Any, parameters: Iterable[inspect.Parameter], where: str) -> None:
    """Reject positional parameters of a plugin's constructor that core does not supply."""
    section, _, name = where.partition("=")
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][1:]
    if section == "encoder":
        section = "counting" if positional[:1] == ["vocab_size"] else getattr(target, "family", section)
    supplied = SUPPLIED.get(section)
    if supplied is None or not name or target.__module__.startswith("core."):
        return
    own = [p for p in positional if p not in supplied] if section in CHOSEN else positional[len(supplied) :]
    for option in own[:1]:
        what = f"the option {option} is not keyword-only (core supplies {' and '.join(supplied) or 'nothing'})"
        raise PluginError(what, where=where, remedy=f"write *, before {option} in __init__")


def _constructors(target: Any) -> Iterator[tuple[str, Any, str]]:
    """Owner, function and docstring of each constructor, that of the most derived class first."""
    if not isinstance(target, type):
        yield target.__qualname__, target, target.__doc__ or ""
        return
    for owner in target.__mro__[:-1]:
        if "__init__" in vars(owner):
            name = with_file_names(f"{owner.__module__}:{owner.__qualname__}")
            yield name, vars(owner)["__init__"], owner.__doc__ or ""


def _resolved(parameter: inspect.Parameter, function: Any, where: str) -> Any:
    """The annotation of one parameter; those of positional ones may use names that only type checkers import."""
    if parameter.annotation is parameter.empty:
        remedy = "annotate it, as in hidden_size: Annotated[int, Gt(0)] = 200"
        raise PluginError(f"the option {parameter.name} has no annotation", where=where, remedy=remedy)

    def holder() -> None: ...

    holder.__annotations__ = {"value": parameter.annotation}
    try:
        return get_type_hints(holder, globalns=function.__globals__, include_extras=True)["value"]
    except Exception as error:
        what = f"the annotation of option {parameter.name} cannot be resolved: {error}"
        raise PluginError(what, where=where, remedy="import its names at the top of the module") from error


def argument_help(doc: str) -> dict[str, str]:
    """The ``Args:`` section of a docstring: name -> help on one line; empty if it is malformed."""
    from docstring_parser import ParseError, google  # only help texts need it

    try:
        params = google.parse(doc).params
    except ParseError:
        return {}
    return {p.arg_name: " ".join((p.description or "").split()) for p in params if p.args[0] == "param"}


def _literals(hint: Any) -> list[Any]:
    """Every value that the ``Literal`` types of an annotation allow."""
    args = get_args(hint)
    return list(args) if get_origin(hint) is Literal else [value for arg in args for value in _literals(arg)]


def _prepared(value: Any, hint: Any) -> Any:
    """Text that names a ``Literal`` value becomes it, ``none`` becomes None; pydantic converts the rest."""
    if isinstance(value, (list, tuple)):
        return [_prepared(item, hint) for item in value]
    if not isinstance(value, str):
        return value
    named = {render(literal): literal for literal in reversed(_literals(hint))}
    return named.get(value, None if value == "none" else value)


def type_text(hint: Any) -> str:
    """An annotation as text for people: ``int > 0``, ``one of a|b``, ``number or none``, ``[int, ...]``."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"{type_text(args[0])} {limits_text(hint)}".rstrip()
    if origin is Literal:
        choices = "|".join(render(arg) for arg in args)
        return f"one of {choices}" if len(args) > 1 else choices
    if origin in (Union, types.UnionType):
        return " or ".join(type_text(arg) for arg in args)
    if origin in (list, tuple) and args:
        inner = [type_text(arg) for arg in args] + ["..."] * (origin is list)
        return f"[{', '.join(inner)}]"
    return str(TYPE_NAMES.get(hint) or getattr(hint, "__name__", hint))


def limits_text(hint: Any) -> str:
    """The limits of an annotation: ``>= 0, < 1``; empty where it has none."""
    return ", ".join(limit for meta in getattr(hint, "__metadata__", ()) for limit in _limits(meta))


def _limits(meta: Any) -> Iterator[str]:
    for part in getattr(meta, "metadata", ()):  # pydantic's Field
        yield from _limits(part)
    for name, sign in LIMITS.items():
        limit = getattr(meta, name, None)
        if limit is not None and (name, limit) != ("min_length", 0):
            yield f"{sign} {render(limit)}"
