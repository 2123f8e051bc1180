"""The options of a cell: signature, then the head's defaults, the task's, the preset, the file, the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.config.options import REQUIRED
from core.config.schema import Parts, Schema, data_option_names, find_key, owners_of, schema_of
from core.config.selection import DEFAULT, WORD, Cell, Pick, joined
from core.config.yaml_files import CHOICES
from core.data.sources import is_there
from core.errors import ConfigError, PluginError
from core.registry import Registry


class Resolver:
    """Fills in and checks the options of each cell, and remembers which keys fitted none.

    Args:
        found: where names are looked up.
        overridden: section -> the level at which another choice replaced that of a lower level; what the
            lower level set beside it may then fit nothing.
    """

    def __init__(self, found: Registry, overridden: Mapping[str, int]) -> None:
        self.found, self.overridden = found, overridden
        self.fitted: set[str] = set()
        self.misfits: dict[str, ConfigError] = {}

    def values(self, parts: Parts, cell: Cell) -> tuple[Parts, dict[str, Any], tuple[str, ...]]:
        """Every option of one cell.

        Args:
            parts: the cell's choices; the embeddings are added here.
            cell: what the user gave.

        Returns:
            The choices, full key -> checked value, and the user's keys that fit this cell.

        Raises:
            ConfigError: a value that does not fit, or an option without a value.
        """
        defaults: dict[str, Any] = getattr(parts.task.load(), "defaults", {})
        if parts.family == "neural":
            default = Pick(defaults.get("embedding", DEFAULT["embedding"]), WORD, f"task={parts.task.name}")
            parts = replace(parts, embeddings=joined("embedding", cell.get("embedding", default), self.found))
        schema = schema_of(parts)
        values = {key: option.default for key, option in schema.items()}
        head = getattr(parts.kind.import_class("heads", parts.family), "defaults", {})
        _fill(values, head, schema, parts, f"default of the head of kind {parts.kind.name}")
        _fill(values, defaults, schema, parts, f"default of task={parts.task.name}")
        given = self._user(values, cell, schema, parts)
        for key, value in values.items():
            if value is REQUIRED:
                raise ConfigError("has no value", where=key, remedy=f"write {key}=VALUE ({schema[key].type_text})")
        return parts, values, given

    def _user(self, values: dict[str, Any], cell: Cell, schema: Schema, parts: Parts) -> tuple[str, ...]:
        given: list[str] = []
        setters: dict[tuple[int, str], str] = {}
        for key, pick in sorted(cell.items(), key=lambda item: item[1].level):
            chosen = key in CHOICES and not (key == "embedding" and parts.family == "counting")
            place = key if chosen else find_key(key, schema, parts)
            if self._left_behind(key, pick):
                continue
            if isinstance(place, ConfigError):
                place.where = pick.where
                self._misfit(key, pick, place, parts)
                continue
            if other := setters.get((pick.level, place)):
                raise ConfigError(f"means the same as {other}", where=pick.where, remedy="give one of the two")
            setters[pick.level, place] = key
            if not chosen:
                values[place] = schema[place].check(pick.value, pick.where)
            given.append(key)
            self.fitted.add(key)
        return tuple(given)

    def _left_behind(self, key: str, pick: Pick) -> bool:
        """Whether a file's options of its data (columns, paths) are of other data than the words chose."""
        section, _, name = key.partition(".")
        return (
            section == "data" and pick.level < self.overridden.get("data", 0) and name not in data_option_names()
        )

    def _misfit(self, key: str, pick: Pick, error: ConfigError, parts: Parts) -> None:
        replaced = any(pick.level < level for level in self.overridden.values())
        absent = parts.data.spec is None and isinstance(parts.data.target, str)
        absent = absent and key.startswith("data.") and not is_there(parts.data.target)
        if not replaced and not (absent and pick.level < WORD):  # a kept model loads where its data is gone
            known = self.misfits.get(key)
            if known is None or ("did you mean" in error.remedy and "did you mean" not in known.remedy):
                self.misfits[key] = error  # of several cells, the one where the key is nearest to fitting speaks

    def check(self) -> None:
        """Raise the error of the first key that fitted no cell."""
        for key, error in self.misfits.items():
            if key not in self.fitted:
                raise error


def _fill(values: dict[str, Any], defaults: Mapping[str, Any], schema: Schema, parts: Parts, who: str) -> None:
    """Set defaults, in each of joined things; those for keys that this cell does not have are for other cells."""
    for key, value in defaults.items():
        for place in [key] if key in schema else owners_of(key, schema, parts):
            try:
                values[place] = schema[place].check(value, f"{who}: {key}")
            except ConfigError as error:
                raise PluginError(error.what, where=error.where, remedy="mend it in the class") from error
