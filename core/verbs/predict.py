"""``predict run=ID``: new sentences from arguments, ``file=`` or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from core.errors import ConfigError, DataError
from core.verbs.common import take

BATCH = 1000  # sentences read before they are predicted


def verb(words: list[str]) -> None:
    """Print one prediction a sentence: ``word_TAG ...``, ``label<tab>text`` or ``log-probability<tab>text``."""
    taken, sentences = take(words, "run", "runs", "file", "device", "plugin")
    if "run" not in taken:
        raise ConfigError("which run?", where="predict", remedy="name one: run=ID (see `seqlab runs`)")
    from core.load import load

    plugins = [p for p in taken.get("plugin", "").split(",") if p]
    model = load(taken["run"], runs=taken.get("runs", "runs"), device=taken.get("device", "auto"), plugins=plugins)
    lines = iter(sentences) if sentences else _lines(taken.get("file"))
    while batch := list(islice(lines, 1 if sys.stdin.isatty() else BATCH)):
        corpus = model.corpus(batch)
        answers = model.spell(corpus, model.model.predict(corpus))
        for row, (text, answer) in enumerate(zip(batch, answers, strict=True)):
            print(_line(text, answer, corpus.spell(corpus.tokens[row][:-1])))
        sys.stdout.flush()


def _lines(name: str | None) -> Iterator[str]:
    if name is None:
        yield from _stripped(sys.stdin)
        return
    try:
        with Path(name).open(encoding="utf-8", newline="\n") as file:
            yield from _stripped(file)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=name, remedy="name a text file") from error
    except UnicodeDecodeError as error:
        remedy = "convert it, with iconv for instance"
        raise DataError("is not UTF-8", where=name, remedy=remedy) from error


def _stripped(lines: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in lines)


def _line(text: str, answer: object, words: Sequence[str]) -> str:
    if isinstance(answer, list):
        return " ".join(f"{word}_{tag}" for word, tag in zip(words, answer, strict=True))
    shown = f"{answer:.4f}" if isinstance(answer, float) else str(answer)
    return f"{shown}\t{text}"
