"""Notes on text that is cut into the wrong tokens: rows without spaces, words of which most occur once."""

from __future__ import annotations

import unicodedata
from statistics import median

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.types import Note

UNSPACED, RARE = "text.unspaced", "text.rare_words"  # codes of notes
SAMPLED = 1000  # rows that are looked at
# The mean length of a word is 4 to 8 letters in most languages, and below 12 in all for which it is known.
LONG, OVERLONG = 12, 16  # columns of a row's only token, and of the median token of a row, that are no word
JOINTS = ",;|"  # what joins items within a token
# Heaps' law (1978): N tokens have K N^b types, of which a share b occurs once. Finnish, with many forms of each
# word, has K near 2.8 and b near 0.8: 2.24 N^-0.2 of its tokens occur once; English has a third of that.
MOST, FALL = 1.25 * 2.24, -0.2
# Of the types, 0.5 to 0.9 occur once, the more the smaller the text; in less than this nearly all may.
NEARLY_ALL, FEWEST = 0.95, 500


def unspaced_rows(corpus: Corpus, split: str, cut: str) -> list[Note]:
    """A note where most rows are one long token, or tokens that are too long to be words.

    Args:
        corpus: the rows.
        split: their name.
        cut: how text is cut, ``space`` or ``words``; characters are never too long.
    """
    filled = np.flatnonzero(corpus.tokens.lengths > 1)
    if cut == "char" or not len(filled):
        return []
    rows = filled[np.linspace(0, len(filled) - 1, min(SAMPLED, len(filled))).astype(np.int64)]
    words = [corpus.spell(corpus.tokens[row][:-1]) for row in rows.tolist()]
    if 2 * sum(map(_is_unspaced, words)) <= len(words):
        return []
    tokens = sum(map(len, words))
    mean, width = tokens / len(words), sum(len(word) for row in words for word in row) / tokens
    how = "at white space" if cut == "space" else "by the rules of task.tokens=words"
    remedy = "put spaces between the tokens, or set task.tokens=char" + (" or words" if cut == "space" else "")
    size = f"{mean:.1f} {'tokens' if mean >= 1.05 else 'token'} per row, of {width:.0f} characters"
    text = f"{split}: text is cut {how}, which leaves {size}: too long for words; {remedy}"
    return [Note(UNSPACED, text, {"split": split, "tokens": mean, "characters": width})]


def _is_unspaced(words: list[str]) -> bool:
    """Whether a row is one long token or several joined ones, or half of its tokens are too long for words."""
    if len(words) > 1:
        return median(map(_columns, words)) >= OVERLONG
    return _columns(words[0]) >= LONG or any(words[0].count(joint) > 1 for joint in JOINTS)


def _columns(word: str) -> int:
    """How wide a word is on a terminal: a Chinese or Japanese character holds about as much as two letters."""
    wide = 0 if word.isascii() else sum(unicodedata.east_asian_width(character) in "WF" for character in word)
    return len(word) + wide


def rare_words(vocab: Vocab) -> list[Note]:
    """A note where more words of the training text occur once than in text of this size in any language."""
    tokens, known = int(vocab.counts[1:].sum()), vocab.size - FIRST
    once = int(np.count_nonzero(vocab.counts[FIRST:] == 1))
    if tokens < FEWEST or (once <= NEARLY_ALL * known and once <= MOST * tokens ** (1 + FALL)):
        return []
    text = (
        f"train: {once:,} of {known:,} words occur once ({once / tokens:.0%} of its {tokens:,} tokens), more "
        "than in natural text of this size: numbers, names, joined words? try task.tokens=char or task.min_count=2"
    )
    return [Note(RARE, text, {"words": once, "of": known, "tokens": tokens})]
