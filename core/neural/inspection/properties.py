"""Properties of tokens that a unit may follow."""

from __future__ import annotations

import numpy as np

from core.data.corpus import Corpus
from core.errors import ConfigError, nearest
from core.types import Array, Bools, Int32s, Int64s

QUOTES = {'"': 0, "''": -1, "``": 1, "“": 1, "”": -1}  # 1 opens, -1 closes, 0 does either
FORMS = "quotes, position, tag:TAG or since:TAG"


def needs_tags(name: str) -> bool:
    """Whether a property is one of labels per token; ConfigError where there is no such property."""
    form, colon, tag = name.partition(":")
    if form in ("tag", "since") and tag:
        return True
    if form in ("quotes", "position") and not colon:
        return False
    raise ConfigError(f"there is no property '{name}'", where="property", remedy=f"write {FORMS}")


def tokens_with(name: str, corpus: Corpus) -> tuple[Array, Bools]:
    """A property of each token.

    Args:
        name: ``quotes``: whether the token is inside quotes; ``position``: how many tokens of the row are before
            it; ``tag:TAG``: whether it has this label; ``since:TAG``: the number of tokens since the last one with
            this label.
        corpus: the split, with labels per token where the property is about them.

    Returns:
        bool or float (N,), and for which tokens it is defined, bool (N,): no END, and ``since`` only from the
        first such label of the row on.

    Raises:
        ConfigError: there is no such label, or no token is inside quotes.
    """
    form, _, tag = name.partition(":")
    tokens, inner = corpus.tokens, corpus.tokens.inner
    place = np.arange(len(tokens.values)) - np.repeat(tokens.offsets[:-1], tokens.lengths)  # (N,), in its row
    if form == "position":
        return place.astype(np.float64), inner
    if form == "quotes":
        return _quoted(corpus), inner
    has = corpus.targets.values == _label(corpus, tag)  # (N,)
    if form == "tag":
        return has, inner
    here = np.arange(len(has))
    last = np.maximum.accumulate(np.where(has, here, -1))
    known = last >= np.repeat(tokens.offsets[:-1], tokens.lengths)
    return (here - last).astype(np.float64), inner & known


def _label(corpus: Corpus, tag: str) -> int:
    names = corpus.label_names
    if tag not in names[2:]:
        raise ConfigError(f"there is no tag '{tag}'", where="property", remedy=nearest(tag, names[2:]))
    return names.index(tag)


def _quoted(corpus: Corpus) -> Bools:
    """Whether each token is inside quotes, between an opening and a closing mark of the same row: bool (N,)."""
    names = [*corpus.vocab.words, *corpus.words]
    marks = {number: QUOTES[word] for number, word in enumerate(names) if word in QUOTES}
    values: Int32s = corpus.tokens.values
    inside, at = np.zeros(len(values), dtype=bool), np.flatnonzero(np.isin(values, list(marks)))
    row_of = np.repeat(np.arange(len(corpus)), corpus.tokens.lengths)
    opened: tuple[int, int] | None = None  # row and place of the mark that is open
    for place in at.tolist():
        row, mark = int(row_of[place]), marks[int(values[place])]
        if opened and opened[0] == row and mark <= 0:
            inside[opened[1] + 1 : place] = True
            opened = None
        elif mark >= 0:
            opened = (row, place)
    if not inside.any():
        what = "no token of this data is inside quotes"
        raise ConfigError(what, where="property", remedy=f"choose another property: {FORMS}")
    return inside


def shuffled(property: Array, seed: int = 0) -> Array:
    """The same values at random tokens: what a search finds where there is nothing to find."""
    order: Int64s = np.random.default_rng(seed).permutation(len(property))
    return property[order]
