"""Labels that are probably meant to be one: they differ only in case or in how they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.types import Note

NUMBER = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+", re.ASCII)
SHOWN = 3  # groups named in a note


def similar_labels(labels: Sequence[str]) -> list[Note]:
    """A note if some labels differ only in case, Unicode form, inner white space, or as ``1`` and ``1.0`` do.

    Args:
        labels: the distinct labels, those of dev and test included.
    """
    forms: dict[str, list[str]] = {}
    for label in labels:
        forms.setdefault(_form(label), []).append(label)
    groups = [group for group in forms.values() if len(group) > 1]
    if not groups:
        return []
    shown = "; ".join(" and ".join(map(_quoted, group)) for group in groups[:SHOWN])
    more = "; ..." if len(groups) > SHOWN else ""
    text = f"labels that differ only in case or form are different classes: {shown}{more}"
    return [Note("labels.similar", text, {"groups": groups})]


def _form(label: str) -> str:
    """What similar labels have in common."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
    text = " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())
    return str(float(text)) if NUMBER.fullmatch(text) else text


def _quoted(label: str) -> str:
    """A label with its code points where it does not show how it is written."""
    is_plain = label.isprintable() and label == unicodedata.normalize("NFKC", label)
    return f"'{label}'" if is_plain else ascii(label)
