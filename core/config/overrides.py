"""The grammar of overrides: ``key=value``, lists in brackets, grids by commas.

``seed=1,2,3`` is a grid of three values, ``encoder.widths=[2,3,4]`` one list, ``[2,3],[4]`` a grid of two lists.
``none`` is null. Double quotes around a value protect its commas and brackets: ``data="a,b.txt"``. A comma alone
is a comma.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ConfigError

KEY = re.compile(r"[A-Za-z]\w*(\.[\w-]+)*")
QUOTED = re.compile(r'"(?:[^"]|"")*"')
PIECE = re.compile(r'(?<![^\s,\[])"(?:[^"]|"")*"(?=\s*(?:[,\]]|$))|.', re.DOTALL)  # a quoted value, or a character
DEEPEST = 20  # brackets in brackets
SHAPE = 'write a list as [2,3,4], and text that holds commas or brackets in double quotes: key="a,b"'
SPECIAL = re.compile(r'[,\[\]"]|^\s|\s$|^$')


@dataclass(frozen=True)
class Override:
    """What the user gives for one key.

    Args:
        key: the dotted key.
        values: the alternatives, more than one in a grid; each is text, a list, or an object from Python.
        place: ``file:line`` if it comes from a file, else empty.
    """

    key: str
    values: tuple[Any, ...]
    place: str = ""

    @property
    def where(self) -> str:
        """The place and the key, for an error."""
        return f"{self.place}: {self.key}" if self.place else self.key


def parse(arguments: Sequence[str] | Mapping[str, Any]) -> dict[str, Override]:
    """Read the arguments of the command line, or the keywords of a call from Python.

    Args:
        arguments: ``key=value``; or a mapping, whose text is read like the right side of ``key=value``, while
            numbers, paths, None, lists and other objects are taken as they are.

    Returns:
        Dotted key -> its override, in order.

    Raises:
        ConfigError: an argument without ``=``, a key given twice, brackets that do not match.
    """
    if isinstance(arguments, Mapping):
        return collect(Override(key, _from_python(key, value)) for key, value in arguments.items())
    return collect(_from_argument(argument) for argument in arguments)


def collect(overrides: Iterable[Override]) -> dict[str, Override]:
    """Dotted key -> its override; a key that is given twice is an error."""
    collected: dict[str, Override] = {}
    for item in overrides:
        if not KEY.fullmatch(item.key):
            raise ConfigError(f"'{item.key}' is not a key", where=item.place, remedy="write section.option=value")
        if first := collected.get(item.key):
            what = f"given twice (first at {first.place})" if first.place else "given twice"
            raise ConfigError(what, where=item.where, remedy="give it once; a comma makes a grid: key=1,2")
        collected[item.key] = item
    return collected


def _from_argument(argument: str) -> Override:
    key, equals, text = argument.partition("=")
    if key.startswith("-"):
        remedy = f"write key=value without dashes: {key.lstrip('-')}=..."
        raise ConfigError(f"'{argument}' is not an override", remedy=remedy)
    if not equals:
        raise ConfigError(f"'{argument}' has no '='", remedy="write key=value, without spaces around the '='")
    return Override(key, alternatives(text, key))


def _from_python(key: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return alternatives(value, key)
    if isinstance(value, os.PathLike):
        return (os.fspath(value),)
    if isinstance(value, (list, tuple)):
        return ([v if isinstance(v, str) else render(v) for v in value],)
    return (render(value),) if value is None or isinstance(value, (bool, int, float)) else (value,)


def alternatives(text: str, where: str) -> tuple[Any, ...]:
    """The alternatives in the right side of an override: ``1,2`` -> ("1", "2"); ``[1,2]`` -> (["1", "2"],)."""
    if text.strip() == ",":  # two missing values make no sense, and a separator may be a comma
        return (",",)
    return tuple(_item(item, where) for item in _split(text, where))


def _item(text: str, where: str) -> Any:
    item = text.strip()
    if not item:
        raise ConfigError("a value is missing", where=where, remedy="write none for null, or remove a comma")
    if item[0] == '"' and QUOTED.fullmatch(item):
        return item[1:-1].replace('""', '"')
    if item[0] == "[" and item[-1] == "]":
        inner = item[1:-1]
        return [_item(part, where) for part in _split(inner, where)] if inner.strip() else []
    if item[0] in '["':
        raise ConfigError(f"brackets or quotes in '{item}' do not match", where=where, remedy=SHAPE)
    return item


def _split(text: str, where: str) -> list[str]:
    """Split at the commas outside brackets and quotes."""
    items, depth, start = [], 0, 0
    for match in PIECE.finditer(text):
        depth += (match.group() == "[") - (match.group() == "]")
        if depth > DEEPEST:
            raise ConfigError(f"brackets are nested more than {DEEPEST} deep", where=where, remedy=SHAPE)
        if depth < 0:
            break
        if match.group() == "," and depth == 0:
            items.append(text[start : match.start()])
            start = match.end()
    if depth:
        raise ConfigError(f"the brackets in '{text}' do not match", where=where, remedy=SHAPE)
    return [*items, text[start:]]


def render(value: Any) -> str:
    """The text that ``alternatives`` reads back as this one value."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(render(v) for v in value) + "]"
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if SPECIAL.search(text) else text
