"""Config files: YAML read as text, with the same keys and values as arguments."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config.overrides import DEEPEST, Override, alternatives, collect
from core.data.sources import is_there
from core.errors import ConfigError, UnknownName

CHOICES = ("task", "data", "embedding", "encoder", "observer")  # the sections that choose a plugin by name
PATHS = ("data", "data_dir", "data.train", "data.dev", "data.test")
FILES = ("path", "pairs", "corpus", "start")  # the options of any plugin that name a file
LIMIT = 16 << 20  # characters of a config
NULLS = ("null", "~")


def read_file(path: str) -> dict[str, Override]:
    """Read ``config=FILE``, a YAML file in UTF-8.

    Raises:
        UnknownName: there is no such file.
        ConfigError: it is not YAML, has a tab for indentation, or gives a key twice.
    """
    try:
        with Path(path).expanduser().open(encoding="utf-8") as file:
            text = file.read(LIMIT + 1)
        if len(text) > LIMIT:
            raise ConfigError(f"it has more than {LIMIT:,} characters", where=path, remedy="name a config file")
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8", where=path, remedy="convert it, for example with iconv") from error
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise UnknownName(what, where=f"config={path}", remedy="name a file that can be read") from error
    return read_yaml(text, path)


def read_yaml(text: str, source: str) -> dict[str, Override]:
    """Read flat dotted keys and nested mappings as the overrides that arguments would give, with their lines.

    Args:
        text: YAML; every scalar is read like the right side of an argument.
        source: the name of the file, for errors.

    Raises:
        ConfigError: it is not YAML, or uses what these files may not contain.
    """
    node = _parse(text, source)
    if node is None:
        return {}
    if node.id != "mapping":
        raise ConfigError("contains no keys", where=_place(source, node.start_mark), remedy=_HOW)
    return collect(_pairs(node, "", source))


def _place(source: str, mark: Any) -> str:
    return f"{source}:{mark.line + 1}" if mark else source


def _parse(text: str, source: str) -> Any:
    """The YAML node of a text, None for an empty one."""
    import yaml

    if tab := re.search(r"^[^\S\n]*\t", text, re.MULTILINE):
        where = f"{source}:{1 + text.count(chr(10), 0, tab.start())}"
        raise ConfigError("the line is indented with a tab", where=where, remedy="indent with spaces")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            where = _place(source, event.start_mark)
            if depth > DEEPEST:
                raise ConfigError(f"is nested more than {DEEPEST} deep", where=where, remedy=_HOW)
            if isinstance(event, yaml.AliasEvent):
                raise ConfigError("an alias (*name) is used", where=where, remedy="write the value out")
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        where, what = _place(source, error.problem_mark or error.context_mark), error.problem or error.context
        raise ConfigError(f"is not YAML: {what}", where=where, remedy=_HOW) from error
    except yaml.YAMLError as error:  # a character that YAML forbids
        where = f"{source}:{1 + text.count(chr(10), 0, getattr(error, 'position', 0))}"
        what = f"is not YAML: {str(error).partition(chr(10))[0]}"
        raise ConfigError(what, where=where, remedy=_HOW) from error


_HOW = "write one 'key: value' per line"


def _pairs(mapping: Any, prefix: str, source: str) -> Iterator[Override]:
    for key_node, node in mapping.value:
        place = _place(source, key_node.start_mark)
        if not isinstance(key_node.value, str):
            raise ConfigError("a key is not text", where=place, remedy=_HOW)
        key = f"{prefix}.{key_node.value}" if prefix else key_node.value
        if prefix in CHOICES and key_node.value == "name":
            key = prefix  # {name: lstm, hidden_size: 200}
        where = f"{place}: {key}"
        if node.id == "mapping":
            yield from _pairs(node, key, source)
        else:
            values = (_list(node, where),) if node.id == "sequence" else alternatives(_text(node), where)
            yield Override(key, values, place)


def _list(node: Any, where: str) -> Any:
    if node.id == "mapping":
        raise ConfigError("a list contains a mapping", where=where, remedy="write text and numbers in lists")
    return [_list(item, where) for item in node.value] if node.id == "sequence" else _text(node)


def _text(node: Any) -> str:
    return "none" if node.style is None and node.value in NULLS else str(node.value)


def relocated(layer: dict[str, Override], base: str | None, names: Container[str]) -> dict[str, Override]:
    """The overrides of a file; relative paths are those of the folder ``base``, else of the working directory.

    ``names`` are the registered data sets, which are not paths.
    """

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(part) for part in value]
        if not isinstance(value, str) or not value or value in names:
            return value
        there = str(Path(base or "", value))
        return there if is_there(there) else value

    named = [key for key in layer if base and (key in PATHS or key.rpartition(".")[2] in FILES)]
    return layer | {key: replace(layer[key], values=tuple(map(moved, layer[key].values))) for key in named}
