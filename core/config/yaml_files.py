"""Config files: YAML read as text, to the same keys and values that words give."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config.overrides import Given, alternatives, collect
from core.data.sources import is_there
from core.errors import ConfigError, UnknownName

CHOICES = ("task", "data", "embedding", "encoder", "observer")  # the sections that choose a plugin by name
PATHS = ("data", "data_dir", "data.train", "data.dev", "data.test")
FILES = ("path", "pairs", "corpus", "start")  # the options, of whatever plugin, that name a file
NULLS = ("null", "~")
PLAIN = re.compile(r"[\w./][\w./+-]*")


def read_file(path: str) -> dict[str, Given]:
    """Read ``config=FILE``.

    Args:
        path: a YAML file in UTF-8.

    Raises:
        UnknownName: there is no such file.
        ConfigError: it is not YAML, has a tab for indentation, or gives a key twice.
    """
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8", where=path, remedy="convert it, with iconv for instance") from error
    except OSError as error:
        raise UnknownName(
            f"cannot be read: {error.strerror}", where=f"config={path}", remedy="name a file"
        ) from error
    return read_yaml(text, path)


def read_yaml(text: str, source: str) -> dict[str, Given]:
    """Flat dotted keys and nested mappings to what words would give.

    Args:
        text: YAML, every scalar of which is read like the right side of a word.
        source: the file's name, for errors.

    Returns:
        Dotted key -> what was given, with its line.
    """
    import yaml

    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            remedy = "indent with spaces"
            raise ConfigError("a tab stands before the text", where=f"{source}:{number}", remedy=remedy)
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                at = event.start_mark.line + 1 if event.start_mark else 1
                remedy = "write the value out"
                raise ConfigError("an alias (*name) is used", where=f"{source}:{at}", remedy=remedy)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{source}:{mark.line + 1}" if mark else source
        raise ConfigError(f"is not YAML: {error.problem or error.context}", where=where, remedy=_HOW) from error
    except yaml.YAMLError as error:  # a character that YAML forbids
        at = 1 + text.count("\n", 0, getattr(error, "position", 0))
        what = f"is not YAML: {str(error).partition(chr(10))[0]}"
        raise ConfigError(what, where=f"{source}:{at}", remedy=_HOW) from error
    except RecursionError as error:
        raise ConfigError("is nested too deeply", where=source, remedy=_HOW) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError("holds no keys", where=f"{source}:{node.start_mark.line + 1}", remedy=_HOW)
    return collect(_pairs(node, "", source))


_HOW = "write one 'key: value' a line"


def _pairs(mapping: Any, prefix: str, source: str) -> Iterator[Given]:
    for key_node, node in mapping.value:
        place = f"{source}:{key_node.start_mark.line + 1}"
        if not isinstance(key_node.value, str):
            raise ConfigError("a key is no text", where=place, remedy=_HOW)
        key = f"{prefix}.{key_node.value}" if prefix else key_node.value
        if prefix in CHOICES and key_node.value == "name":
            key = prefix  # {name: lstm, hidden_size: 200}
        if node.id == "mapping":
            yield from _pairs(node, key, source)
        else:
            yield Given(key, _values(node, f"{place}: {key}"), place)


def _values(node: Any, where: str) -> tuple[Any, ...]:
    return (_list(node, where),) if node.id == "sequence" else alternatives(_text(node), where)


def _list(node: Any, where: str) -> Any:
    if node.id == "mapping":
        raise ConfigError("a list holds a mapping", where=where, remedy="write text and numbers in lists")
    return [_list(item, where) for item in node.value] if node.id == "sequence" else _text(node)


def _text(node: Any) -> str:
    return "none" if node.style is None and node.value in NULLS else str(node.value)


def relocated(layer: dict[str, Given], base: str | None, names: Container[str]) -> dict[str, Given]:
    """Keys and values whose relative paths lead on from another folder, where they lead nowhere from here.

    Args:
        layer: what a file gave.
        base: the other folder; None: nothing changes.
        names: the registered data sets, which are no paths.
    """

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(part) for part in value]
        if not isinstance(value, str) or not value or value in names or is_there(value):
            return value
        there = str(Path(base or "", value))
        return there if is_there(there) else value

    named = [key for key in layer if base and (key in PATHS or key.rpartition(".")[2] in FILES)]
    return layer | {key: replace(layer[key], values=tuple(map(moved, layer[key].values))) for key in named}


def write_yaml(flat: dict[str, str]) -> str:
    """The YAML that ``read_yaml`` reads back as these words.

    Args:
        flat: dotted key -> the right side of its word.
    """
    return "".join(f"{key}: {_quoted(text)}\n" for key, text in flat.items())


def _quoted(text: str) -> str:
    if PLAIN.fullmatch(text) and text not in NULLS:
        return text
    return "'" + text.replace("'", "''") + "'"
