"""Short labels of the rows of a column, no two of them equal: the encoder, and what distinguishes the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from core.printable import one_line

LONGEST = 28  # letters of a label
ENCODER = 20  # letters of an encoder that is numbered
MOST = 3  # options in a label
SEARCHED = 12  # options whose combinations are tried

Options = Mapping[str, str]  # of a row, by key; the first one is the encoder


def labels(rows: Mapping[str, Options]) -> dict[str, str]:
    """Name of the row -> its label; where options do not fit, the rows of the encoder are numbered.

    Args:
        rows: name of the row -> its encoder and the options that differ (``core.view.rows.row_options``).
    """
    by_encoder: dict[str, dict[str, Options]] = {}
    for name, options in rows.items():
        (_, encoder), *others = options.items()
        by_encoder.setdefault(encoder, {})[name] = dict(others)
    found: dict[str, str] = {}
    for encoder, own in by_encoder.items():
        texts = _with_options(encoder, own)
        fitting = all(len(text) <= LONGEST for text in texts.values())
        taken = set(found.values())
        is_distinct = len(set(texts.values())) == len(texts) and not taken & set(texts.values())
        found |= texts if fitting and is_distinct else _numbered(encoder, list(own), taken)
    return {name: found[name] for name in rows}


def _with_options(encoder: str, rows: Mapping[str, Options]) -> dict[str, str]:
    """The encoder and the fewest options by which a row differs from the others of the encoder."""
    if len(rows) == 1:
        return dict.fromkeys(rows, one_line(encoder))
    keys = list(dict.fromkeys(key for options in rows.values() for key in options))
    ends = Counter(key.rpartition(".")[2] for key in keys)
    short = {key: end if ends[end := key.rpartition(".")[2]] == 1 else key for key in keys}
    found: dict[str, str] = {}
    for size in range(1, MOST + 1):
        for chosen in _by_use(rows, list(combinations(keys[:SEARCHED], size))):
            for name in _alone(rows, chosen):
                own = {key: rows[name][key] for key in chosen if key in rows[name]}
                found.setdefault(name, _text(encoder, short, own))
    return {name: found.get(name) or _text(encoder, short, options) for name, options in rows.items()}


def _by_use(rows: Mapping[str, Options], choices: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those that distinguish most rows first, the shorter ones before the longer ones."""
    return sorted(choices, key=lambda keys: (-len(_alone(rows, keys)), sum(map(len, keys))))


def _alone(rows: Mapping[str, Options], keys: Sequence[str]) -> list[str]:
    """The names of the rows whose values of some keys no other row has."""
    values = {name: tuple(options.get(key) for key in keys) for name, options in rows.items()}
    counts = Counter(values.values())
    return [name for name, own in values.items() if counts[own] == 1]


def _text(encoder: str, short: Mapping[str, str], options: Options) -> str:
    return one_line(" ".join([encoder, *(f"{short[key]}={value}" for key, value in options.items())]))


def _numbered(encoder: str, names: Sequence[str], taken: set[str]) -> dict[str, str]:
    """``cnn 1``, ``cnn 2``, without numbers that others have."""
    start = one_line(encoder)
    start = start if len(start) <= ENCODER else f"{start[: ENCODER - 1]}…"
    found, number = {}, 0
    for name in names:
        number += 1
        while f"{start} {number}" in taken:
            number += 1
        found[name] = f"{start} {number}"
    return found
