"""``predict run=ID``: new sentences from arguments, ``file=`` or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.verbs.common import KEPT, kept_run, lines, take

if TYPE_CHECKING:
    from core.data.corpus import Corpus
    from core.loaded import Loaded
    from core.neural.contract import Firing

BATCH = 1000  # sentences read before they are predicted


def verb(words: list[str]) -> None:
    """Print one prediction a sentence: ``word_TAG ...``, ``label<tab>text`` or ``log-probability<tab>text``."""
    taken, sentences = take(words, *KEPT, "file", "explain")
    model = kept_run(taken, "predict")
    explain = taken.get("explain", "false") == "true"
    texts = iter(sentences) if sentences else lines(taken.get("file"))
    while batch := list(islice(texts, 1 if sys.stdin.isatty() else BATCH)):
        corpus = model.corpus(batch)
        reasons = _reasons(model, corpus) if explain else [[]] * len(batch)
        for row, (text, answer) in enumerate(zip(batch, model.predict(batch), strict=True)):
            words = corpus.spell(corpus.tokens[row][:-1])
            print(_line(text, answer, words))
            for firing in reasons[row]:
                span = " ".join(words[firing.start : firing.end])
                print(f"  {firing.activation:8.3f}  filter {firing.filter} of width {firing.width}: {span}")
        sys.stdout.flush()


def _reasons(model: Loaded, corpus: Corpus) -> Sequence[Sequence[Firing]]:
    """The strongest filters of each row.

    Raises:
        ConfigError: the encoder has none.
    """
    explain = getattr(model.model, "explain", None)
    found = explain(corpus) if explain else None
    if found is None:
        what = f"encoder={model.config.encoder.name} has no filters to explain"
        raise ConfigError(what, where="explain", remedy="leave it out, or take an encoder that has")
    return found  # type: ignore[no-any-return] # of the neural family


def _line(text: str, answer: object, words: Sequence[str]) -> str:
    if isinstance(answer, list):
        return " ".join(f"{word}_{tag}" for word, tag in zip(words, answer, strict=True))
    shown = f"{answer:.4f}" if isinstance(answer, float) else str(answer)
    return f"{shown}\t{text}"
