"""What the CRF reads of each token: its word and its neighbours, their spelling and their pairs, as attributes.

An attribute is a name, such as ``w[-1]=the``, in UTF-8. CRFsuite learns a weight for each attribute and label that
occur together.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

STORED = 20_000  # distinct words whose attributes are kept, since most words are frequent
LONGEST_SHAPE = 8  # characters of the shape that keeps the length of the word


ENDING = 3  # characters of a neighbour's suffix that is paired with the word

# a word in lower case, its ending, and its attributes as a neighbour at each offset: 0, 1, ..., -1
Known = tuple[bytes, bytes, list[list[bytes]]]
OUTSIDE: Known = (b"", b"", [])


class Templates:
    """Writes the attributes of the tokens of a row.

    Args:
        window: how many words on each side of a token are read.
        affixes: the length of the longest prefix and suffix of its word.
        neighbor_affixes: the same for the words next to it.
    """

    def __init__(self, window: int, affixes: int, neighbor_affixes: int) -> None:
        self.window, self.affixes, self.neighbor_affixes = window, affixes, neighbor_affixes
        self.offsets = range(-window, window + 1)
        self.outside = {offset: f"outside[{offset}]".encode() for offset in self.offsets}
        self.stored: dict[str, Known] = {}

    def items(self, words: Sequence[str], start: int, end: int) -> list[list[bytes]]:
        """The attributes of some tokens of a row.

        Args:
            words: the whole row.
            start: the first token.
            end: one past the last.

        Returns:
            One list per token, for ``pycrfsuite.ItemSequence``.
        """
        first = max(0, start - self.window)
        known = [self._of_word(word) for word in words[first : end + self.window]]
        return [self._of_token(known, t - first, first, len(words)) for t in range(start, end)]

    def _of_token(self, known: list[Known], at: int, first: int, size: int) -> list[bytes]:
        """The attributes of the token at ``known[at]``, whose place in a row of ``size`` is ``first + at``."""
        item = [b"bias"]
        for offset in self.offsets:
            if 0 <= first + at + offset < size:
                item += known[at + offset][2][offset]
            elif first + at + offset in (-1, size):
                item.append(self.outside[offset])
        if self.window:
            before = known[at - 1] if first + at else OUTSIDE
            after = known[at + 1] if first + at + 1 < size else OUTSIDE
            item += _pairs(before, known[at][0], after)
        return item

    def _of_word(self, word: str) -> Known:
        """What is known of a word, which is stored."""
        found = self.stored.get(word)
        if found is None:
            if len(self.stored) >= STORED:
                self.stored.clear()
            places = [*range(self.window + 1), *range(-self.window, 0)]  # so that [-1] is that of -1
            texts = [self._at(word, offset) for offset in places]
            attributes = [[_bytes(text) for text in of_place] for of_place in texts]
            lower = word.lower()
            found = (_bytes(lower), _bytes(lower[-ENDING:]), attributes)
            self.stored[word] = found
        return found

    def _at(self, word: str, offset: int) -> list[str]:
        """The attributes of the token that has the word at an offset."""
        lower = word.lower()
        texts = [f"w[{offset}]={lower}"]
        if abs(offset) > 1:
            return texts
        longest = min(len(lower), self.neighbor_affixes if offset else self.affixes)
        for length in range(1, longest + 1):
            texts += [f"prefix[{offset}]={lower[:length]}", f"suffix[{offset}]={lower[-length:]}"]
        texts.append(f"shape[{offset}]={short_shape(word)}")
        return texts if offset else texts + [f"form={word}", f"long={shape(word)[:LONGEST_SHAPE]}", *traits(word)]


def _pairs(before: Known, own: bytes, after: Known) -> list[bytes]:
    """A word with those next to it and with their endings, and these two."""
    return [
        b"w[-1,0]=" + before[0] + b" " + own,
        b"w[0,1]=" + own + b" " + after[0],
        b"w[-1,1]=" + before[0] + b" " + after[0],
        b"ending[-1],w[0]=" + before[1] + b" " + own,
        b"w[0],ending[1]=" + own + b" " + after[1],
    ]


def shape(word: str) -> str:
    """``X`` for each upper-case letter, ``x`` for other letters, ``d`` for digits; other characters stay."""
    return "".join("X" if c.isupper() else "x" if c.isalpha() else "d" if c.isdigit() else c for c in word)


def short_shape(word: str) -> str:
    """The shape with each run of the same character as one: ``McDonald's`` is ``XxXx'x``."""
    return "".join(character for character, _ in groupby(shape(word)))


def traits(word: str) -> list[str]:
    """Which of a few traits of spelling a word has."""
    having = {
        "digit": any(c.isdigit() for c in word),
        "hyphen": "-" in word,
        "capital": any(c.isupper() for c in word),
        "inner-capital": any(c.isupper() for c in word[1:]),
        "all-capitals": word.isupper(),
    }
    return [name for name, has in having.items() if has]


def _bytes(text: str) -> bytes:
    """UTF-8, also of text with half a character."""
    return text.encode("utf-8", "surrogatepass")
