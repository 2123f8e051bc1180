"""Sentences to be predicted, and predictions as lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from core.data.token_checks import DOUBLE, check_written
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.corpus import Corpus

AROUND = 6  # words shown on each side of the one in question


class Sentence(NamedTuple):
    """One row to be predicted.

    Args:
        text: the row as it was given.
        words: its tokens; none where the model cuts the text itself, since spans are marked in it.
        spans: where each token starts and ends in the text, in characters.
    """

    text: str
    words: list[str]
    spans: list[tuple[int, int]]


class Prediction(NamedTuple):
    """The answer to one sentence, and how probable it and the others are.

    Args:
        answer: the tags, the label, or of a language model the log-probability of the sentence.
        probabilities: label -> probability, for each token or for the sentence; of a language model the most
            likely next words.
    """

    answer: Any
    probabilities: Any


def from_tokens(words: list[str]) -> Sentence:
    """A sentence of which only the tokens are known: its text has one space between them."""
    spans, at = [], 0
    for word in words:
        spans.append((at, at + len(word)))
        at += len(word) + 1
    return Sentence(" ".join(words), words, spans)


def marked_words(words: Sequence[str], spans: Sequence[int]) -> list[str]:
    """The words of a row with the marks of its two spans, unless these are words already; see ``Corpus.spans``."""
    shown = list(words)
    for name, start, end in zip(("e1", "e2"), spans[::2], spans[1::2], strict=True):
        if start == 0 or words[start - 1] != f"<{name}>":
            shown[start] = f"<{name}>{shown[start]}"
            shown[end - 1] += f"</{name}>"
    return shown


@contextmanager
def located(where: str) -> Iterator[None]:
    """Within this, an error of a row that cannot be written names its place."""
    try:
        yield
    except DataError as error:
        error.where = error.where or where
        raise


def one_line(text: str) -> str:
    """The text as one cell of a table between tabs: its tabs and line ends become spaces."""
    return re.sub(r"\r\n|[\t\n\r]", " ", text)


def conllu_lines(sentence: Sentence, labels: Sequence[str], column: int) -> Iterator[str]:
    """A sentence with its labels in a column (from 0) as lines of CoNLL-U; none for a sentence without tokens.

    Raises:
        DataError: a token or a label would be read as something else; the caller adds the place.
    """
    if not labels:
        return
    check_written(sentence.words, labels, DOUBLE)
    yield f"# text = {one_line(sentence.text)}\n"
    starts = [start for start, _ in sentence.spans[1:]]
    for i, (word, label) in enumerate(zip(sentence.words, labels, strict=True)):
        cells = [str(i + 1), word, *"________"]
        cells[column] = label
        if i < len(starts) and starts[i] == sentence.spans[i][1]:
            cells[9] = "SpaceAfter=No"
        yield "\t".join(cells) + "\n"
    yield "\n"


def conllu_rows(words: Sequence[str], labels: Sequence[str], lengths: Sequence[int], column: int) -> str:
    """What ``conllu_lines`` gives for sentences of which only the tokens are known, in bulk.

    Args:
        words: the tokens of all rows, which ``check_written`` lets pass.
        labels: their labels.
        lengths: the number of tokens of each row.
        column: the column of the labels, from 0.
    """
    ends = {
        label: "\t".join(["", *(label if i == column else "_" for i in range(2, 10))]) + "\n"
        for label in set(labels)
    }
    lines = list(map(str.__add__, words, map(ends.__getitem__, labels)))
    numbers = [f"{i + 1}\t" for i in range(max(lengths, default=0))]
    parts, start = [], 0
    for length in filter(None, lengths):
        end = start + length
        parts.append(f"# text = {' '.join(words[start:end])}\n")
        parts += map(str.__add__, numbers[:length], lines[start:end])
        parts.append("\n")
        start = end
    return "".join(parts)


def words_around(corpus: Corpus, row: int, token: int, ahead: int, end: bool, separator: str) -> str:
    """A token of a row in brackets, with words before and ``ahead`` words after it; the end of a row if asked."""
    ids, first = corpus.tokens[row], max(0, token - AROUND)
    words = corpus.spell((ids if end else ids[:-1])[first : token + 1 + ahead])
    words[token - first] = f"[{words[token - first]}]"
    return separator.join(words)
