"""``predict run=ID``: new sentences from arguments, ``file=`` or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import islice

from core.verbs.common import KEPT, kept_run, lines, take

BATCH = 1000  # sentences read before they are predicted


def verb(words: list[str]) -> None:
    """Print one prediction a sentence: ``word_TAG ...``, ``label<tab>text`` or ``log-probability<tab>text``."""
    taken, sentences = take(words, *KEPT, "file")
    model = kept_run(taken, "predict")
    texts = iter(sentences) if sentences else lines(taken.get("file"))
    while batch := list(islice(texts, 1 if sys.stdin.isatty() else BATCH)):
        corpus = model.corpus(batch)
        for row, (text, answer) in enumerate(zip(batch, model.predict(batch), strict=True)):
            print(_line(text, answer, corpus.spell(corpus.tokens[row][:-1])))
        sys.stdout.flush()


def _line(text: str, answer: object, words: Sequence[str]) -> str:
    if isinstance(answer, list):
        return " ".join(f"{word}_{tag}" for word, tag in zip(words, answer, strict=True))
    shown = f"{answer:.4f}" if isinstance(answer, float) else str(answer)
    return f"{shown}\t{text}"
