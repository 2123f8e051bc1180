"""JSON that is one document: an array of objects, an object with such an array, or objects over several lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from core.data.sources.blocks import Block
from core.data.sources.column_guessing import TEXT, TOKENS
from core.errors import DataError

FILLED = re.compile(r"\S")
LARGEST = 1 << 28  # bytes of a document, which is parsed as a whole
REMEDY = "write one object per line, such as `jq -c .[] FILE` does with an array"


def is_document(first: bytes, text: str | None) -> bool:
    """Whether a file is one document and not one object per line.

    Args:
        first: the first block of the file.
        text: the column of the text that the user named.
    """
    line, _, rest = first.lstrip().partition(b"\n")
    if not line.startswith((b"[", b"{")):
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):  # an object over several lines, or a line that is broken
        return line.startswith(b"[") or line.rstrip().endswith((b"{", b"[", b","))
    if rest.strip():
        return False
    if isinstance(value, list):
        return not value or any(map(_is_object, value))
    is_table = text is None and bool(value) and all(map(_is_object, value.values()))  # as pandas writes one
    return is_table or _rows_key(value, text) is not None


def read_document(first: Block, others: Iterable[Block], text: str | None) -> list[Any]:
    """The rows of a document.

    Args:
        first: the first block of the file.
        others: the blocks after it.
        text: the column of the text that the user named.

    Raises:
        DataError: it is not JSON, too large, or not rows.
    """
    data, path = bytearray(), first.path
    for block in chain([first], others):
        data += block.data
        if len(data) > LARGEST:
            what = f"the file is one JSON document of more than {LARGEST >> 20} MB"
            raise DataError(what, where=str(path), remedy=REMEDY)
    values = _values(data.decode("utf-8").rstrip(), first)
    if len(values) == 1 and isinstance(values[0], list):
        return values[0]
    if len(values) == 1 and isinstance(values[0], dict) and (key := _rows_key(values[0], text)):
        return list(values[0][key])
    if len(values) == 1:
        _check_row(values[0], first)
    return values


def _values(text: str, first: Block) -> list[Any]:
    """The JSON values in a text, one after the other."""
    decode, values, at = json.JSONDecoder().raw_decode, [], 0
    try:
        while (match := FILLED.search(text, at)) is not None:
            value, at = decode(text, match.start())
            values.append(value)
    except json.JSONDecodeError as error:
        where = f"{first.path}:{error.lineno}"
        raise DataError(f"not JSON ({error.msg}: column {error.colno})", where=where, remedy=REMEDY) from None
    except (ValueError, RecursionError) as error:  # a number of very many digits, or very many brackets
        raise DataError(f"not JSON ({reason(error)})", where=f"{first.path}:1", remedy=REMEDY) from None
    return values


def reason(error: Exception) -> str:
    """Why JSON cannot be read, without the advice that Python gives to programmers."""
    return str(error).partition("; use sys.")[0]


def _rows_key(document: Any, text: str | None) -> str | None:
    """The only key of an object whose value is a list of objects, where the object itself is not a row."""
    if not isinstance(document, dict):
        return None
    lists = [key for key, value in document.items() if isinstance(value, list) and any(map(_is_object, value))]
    if len(lists) != 1 or {*TEXT, *TOKENS} & (set(document) - set(lists)):
        return None
    asked = text is not None and (text in document or text.startswith(f"{lists[0]}."))
    return None if asked else lists[0]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _check_row(value: Any, first: Block) -> None:
    """Raise where an object holds columns, or rows by name, instead of being one row."""
    if isinstance(value, dict) and value and all(isinstance(part, (list, dict)) for part in value.values()):
        names = ", ".join(list(value)[:10])
        what = f"the file is one JSON object, whose keys ({names}) hold lists or objects, not one row"
        raise DataError(what, where=str(first.path), remedy="write one object per row (pandas: orient='records')")
