"""Predictions as text, TSV, JSON lines or CoNLL-U, beside what was predicted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal, NamedTuple

from core.errors import ConfigError

Format = Literal["auto", "text", "tsv", "jsonl", "conllu"]


class Sentence(NamedTuple):
    """One row to be predicted.

    Args:
        text: as it was.
        words: its tokens.
        spans: where each token starts and ends in the text, in characters.
    """

    text: str
    words: list[str]
    spans: list[tuple[int, int]]


def joined(words: list[str]) -> Sentence:
    """A sentence of which only the tokens are known: they stand one space apart."""
    spans, at = [], 0
    for word in words:
        spans.append((at, at + len(word)))
        at += len(word) + 1
    return Sentence(" ".join(words), words, spans)


def shown(sentence: Sentence, answer: object, kind: str, output: Format, column: int) -> str:
    """One prediction, with the ends of its lines.

    Args:
        sentence: what was predicted.
        answer: its tags, its label, or its log-probability.
        kind: what the task predicts.
        output: the format; ``auto`` is ``text``.
        column: which column of CoNLL-U the tags are written in, from 0.
    """
    if output == "jsonl":
        return json.dumps(_fields(sentence, answer, kind), ensure_ascii=False) + "\n"
    if not isinstance(answer, list):
        return (f"{answer:.4f}" if isinstance(answer, float) else str(answer)) + f"\t{_line(sentence.text)}\n"
    if output == "conllu":
        return "".join(_conllu(sentence, answer, column))
    pairs = zip(sentence.words, answer, strict=True)
    if output == "tsv":
        return "".join(f"{word}\t{tag}\n" for word, tag in pairs) + "\n"
    return " ".join(f"{word}_{tag}" for word, tag in pairs) + "\n"


def check(output: Format, kind: str) -> None:
    """Refuse a format that has no room for what the task predicts.

    Raises:
        ConfigError: CoNLL-U for anything but a label a token.
    """
    if output == "conllu" and kind != "token":
        what = f"CoNLL-U has a label a token, and this model predicts kind {kind}"
        raise ConfigError(what, where="output", remedy="choose text, tsv or jsonl")


def _fields(sentence: Sentence, answer: object, kind: str) -> dict[str, object]:
    if kind == "token":
        return {"text": sentence.text, "tokens": sentence.words, "spans": sentence.spans, "labels": answer}
    return {"text": sentence.text, "label" if kind == "sequence" else "log_prob": answer}


def _line(text: str) -> str:
    """The text on one line, which a cell of a table may not be."""
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def _conllu(sentence: Sentence, tags: list[str], column: int) -> Iterator[str]:
    """The lines of a sentence; one without tokens has none."""
    if not tags:
        return
    yield f"# text = {_line(sentence.text)}\n"
    starts = [start for start, _ in sentence.spans[1:]]
    for i, (word, tag) in enumerate(zip(sentence.words, tags, strict=True)):
        cells = [str(i + 1), word, *"________"]
        cells[column] = tag
        if i < len(starts) and starts[i] == sentence.spans[i][1]:
            cells[9] = "SpaceAfter=No"
        yield "\t".join(cells) + "\n"
    yield "\n"
