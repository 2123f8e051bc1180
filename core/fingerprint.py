"""What makes two figures comparable: the same events, scored over the same answers."""

from __future__ import annotations

import hashlib

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab
from core.task import Task


def fingerprint(task: Task, corpus: Corpus) -> str:
    """Hash of the scored events of a split and of what is summed over.

    Args:
        task: decides which events are scored.
        corpus: the split.

    Returns:
        12 hexadecimal digits; results with different fingerprints never share a column.
    """
    state = hashlib.blake2b(f"{task.kind} {task.end}".encode(), digest_size=6)
    if task.kind == "next":
        _add(state, corpus.vocab, corpus.closed, ())
    elif task.kind in ("token", "sequence") and corpus.labels is not None:
        _add(state, corpus.labels, corpus.targets, tuple(corpus.label_words))
    return state.hexdigest()


def _add(state: hashlib.blake2b, vocab: Vocab, rows: Ragged, open_words: tuple[str, ...]) -> None:
    state.update("\n".join([*vocab.words, *open_words]).encode("utf-8", "surrogatepass"))
    state.update(np.ascontiguousarray(rows.values).tobytes())
    state.update(np.ascontiguousarray(rows.offsets).tobytes())
