"""The grammar of words: ``key=value``, lists in brackets, grids by commas.

``seed=1,2,3`` is a grid of three values, ``encoder.widths=[2,3,4]`` one list, ``[2,3],[4]`` a grid of two lists.
``none`` is null. Double quotes round a whole value keep commas and brackets in it: ``data="a,b.txt"``.
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
PIECE = re.compile(
    r'(?<![^\s,\[])"(?:[^"]|"")*"(?=\s*(?:[,\]]|$))|.', re.DOTALL
)  # a quoted value, else a character
SHAPE = 'write a list as [2,3,4], and text that holds commas or brackets in double quotes: key="a,b"'
SPECIAL = re.compile(r'[,\[\]"]|^\s|\s$|^$')


@dataclass(frozen=True)
class Given:
    """What was given for one key.

    Args:
        key: the dotted key.
        values: the alternatives, more than one in a grid; each is text, a list, or an object from Python.
        place: ``file:line`` where a file gave it, else empty.
    """

    key: str
    values: tuple[Any, ...]
    place: str = ""

    @property
    def where(self) -> str:
        """The place and the key, for an error."""
        return f"{self.place}: {self.key}" if self.place else self.key


def parse(words: Sequence[str] | Mapping[str, Any]) -> dict[str, Given]:
    """Read the words of the command line, or the keywords of a call from Python.

    Args:
        words: ``key=value`` words; or a mapping whose text is read like the right side of a word, while
            numbers, paths, None, lists and other objects stand for themselves.

    Returns:
        Dotted key -> what was given, in order.

    Raises:
        ConfigError: a word without ``=``, a key given twice, brackets that do not match.
    """
    if isinstance(words, Mapping):
        return collect(Given(key, _from_python(key, value)) for key, value in words.items())
    return collect(_word(word) for word in words)


def collect(given: Iterable[Given]) -> dict[str, Given]:
    """Key each by its name; a key that is given twice is an error."""
    found: dict[str, Given] = {}
    for item in given:
        if not KEY.fullmatch(item.key):
            raise ConfigError(f"'{item.key}' is no key", where=item.place, remedy="write section.option=value")
        if item.key in found:
            first = found[item.key].place
            what = f"given twice (first at {first})" if first else "given twice"
            raise ConfigError(what, where=item.where, remedy="give it once; a comma makes a grid: key=1,2")
        found[item.key] = item
    return found


def _word(word: str) -> Given:
    key, equals, text = word.partition("=")
    if key.startswith("-"):
        raise ConfigError(
            f"'{word}' is no word", remedy=f"write key=value without dashes, as {key.lstrip('-')}=..."
        )
    if not equals:
        raise ConfigError(f"'{word}' has no '='", remedy="write key=value, without blanks round the '='")
    return Given(key, alternatives(text, key))


def _from_python(key: str, value: Any) -> tuple[Any, ...]:
    if isinstance(value, str):
        return alternatives(value, key)
    if isinstance(value, os.PathLike):
        return (os.fspath(value),)
    if isinstance(value, (list, tuple)):
        return ([v if isinstance(v, str) else render(v) for v in value],)
    return (render(value),) if value is None or isinstance(value, (bool, int, float)) else (value,)


def alternatives(text: str, where: str) -> tuple[Any, ...]:
    """The alternatives in the right side of a word: ``1,2`` -> ("1", "2"); ``[1,2]`` -> (["1", "2"],).

    Args:
        text: what follows ``=``.
        where: the key, for errors.
    """
    return tuple(_item(item, where) for item in _split(text, where))


def _item(text: str, where: str) -> Any:
    item = text.strip()
    if not item:
        raise ConfigError("a value is missing", where=where, remedy="write none for null, and no comma too many")
    if item[0] == '"' and QUOTED.fullmatch(item):
        return item[1:-1].replace('""', '"')
    if item[0] == "[" and item[-1] == "]":
        inner = item[1:-1]
        return [_item(part, where) for part in _split(inner, where)] if inner.strip() else []
    if item[0] in '["':
        raise ConfigError(f"'{item}' does not end as it begins", where=where, remedy=SHAPE)
    return item


def _split(text: str, where: str) -> list[str]:
    """Cut at the commas that stand outside brackets and quotes."""
    items, depth, start = [], 0, 0
    for match in PIECE.finditer(text):
        depth += (match.group() == "[") - (match.group() == "]")
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
