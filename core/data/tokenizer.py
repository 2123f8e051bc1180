"""Raw text to tokens with their positions: at white space, or as words by rules."""

from __future__ import annotations

from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrow_numpy import to_arrow, to_numpy, to_strings
from core.data.sources.blocks import Block
from core.errors import ConfigError
from core.types import Int64s

ASCII_SPACE = [*range(9, 14), 0x20]
SPACE = [*ASCII_SPACE, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]

# Scripts without spaces between words: each character is a token. _LETTER is any other letter with its marks.
_ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{N}}\p{{M}}_]&&[^{_ALONE}]]"
_NOT, _CLITIC = r"(?i:n['’]t)(?!\p{L})", r"(?i:['’](?:s|m|d|re|ve|ll))(?!\p{L})"
_RULES = "|".join(
    [
        r"(?:https?://|www\.)\S*[^\s\p{P}]/?",
        r"[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+",
        r"<\w+>",  # such as <unk>
        r"(?:\p{L}\.){2,}",  # U.S., e.g.
        r"(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc)\.",
        r"\d+(?:[.,:]\d+)+",
        rf"[{_ALONE}]\p{{M}}*",
        _NOT,
        _CLITIC,
        rf"{_LETTER}+?(?={_NOT})",  # do|n't, as in the Penn Treebank
        rf"{_LETTER}+(?:(?:-|(?!{_CLITIC})['’]){_LETTER}+)*",  # state-of-the-art, o'clock
        r"([^\s\p{L}\p{N}])\1+",  # ..., --
        r"(?=\S)\X",
    ]
)


class Cut(NamedTuple):
    """Rows of text cut into tokens.

    Args:
        tokens: string (N,), the tokens of all rows.
        lengths: int64 (R,), tokens per row.
        starts: int64 (N,), where each token starts in its row, in characters.
        ends: int64 (N,), one past its last character.
    """

    tokens: pa.StringArray
    lengths: Int64s
    starts: Int64s
    ends: Int64s


def cut(column: pa.Array, tokens: str) -> Cut:
    """Cut raw text into tokens with their positions.

    With ``words`` the rules are the regular ones of the Penn Treebank: punctuation marks are tokens and ``don't``
    is ``do n't``. Text in a script without spaces is cut into characters. Each distinct piece is cut once.

    Args:
        column: string (R,), the rows.
        tokens: ``space`` (white space of ASCII) or ``words``.

    Raises:
        ConfigError: ``words`` without the package ``tokenizers``.
    """
    if tokens == "space":
        return _between(column, ASCII_SPACE)
    pieces = _between(column, SPACE)
    coded = pieces.tokens.dictionary_encode()
    parts = [_rules().pre_tokenize_str(piece) for piece in coded.dictionary.to_pylist()]
    counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))  # (distinct pieces,)
    flat = list(chain.from_iterable(parts))
    words = to_strings([word for word, _ in flat])
    spans = np.array([span for _, span in flat], dtype=np.int64)
    codes = to_numpy(coded.indices)
    each = counts[codes]  # (N,), tokens per piece
    ends = np.concatenate([[0], np.cumsum(each)])
    index = np.arange(ends[-1]) + np.repeat((np.cumsum(counts) - counts)[codes] - ends[:-1], each)
    spans = spans.reshape(-1, 2)[index] + np.repeat(pieces.starts, each)[:, None]  # (tokens, 2)
    lengths = np.diff(ends[np.concatenate([[0], np.cumsum(pieces.lengths)])])
    return Cut(words.take(to_arrow(index)), lengths, spans[:, 0], spans[:, 1])


def _between(column: pa.Array, spaces: list[int]) -> Cut:
    """Cut at white space."""
    text = "".join(f"{row}\n" for row in column.to_pylist())
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    edges = np.flatnonzero(np.diff(np.isin(points, spaces), prepend=True, append=True))
    starts, ends = edges[0::2], edges[1::2]
    sizes = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)  # bytes of UTF-8
    at = np.concatenate([[0], np.cumsum(sizes)])  # the byte of each character
    tokens = Block(Path(), 1, text.encode("utf-8")).strings(at[starts], at[ends])
    offsets = np.concatenate([[0], np.cumsum(to_numpy(pc.utf8_length(column)).astype(np.int64) + 1)])  # (R + 1,)
    row = np.searchsorted(offsets[1:], starts, side="right")  # (N,), the row of each token
    lengths = np.bincount(row, minlength=len(column)).astype(np.int64)
    return Cut(tokens, lengths, starts - offsets[row], ends - offsets[row])


@cache
def _rules() -> Any:
    try:
        from tokenizers import Regex, pre_tokenizers
    except ImportError as error:
        remedy = "install it: pip install tokenizers"
        raise ConfigError("words needs the package tokenizers", where="task.tokens", remedy=remedy) from error
    return pre_tokenizers.Split(Regex(_RULES), "removed", invert=True)
