"""What makes two figures comparable: the same events, scored over the same answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from core.data.corpus import Corpus, Ragged
from core.task import Task


def fingerprint(task: Task, corpus: Corpus) -> str:
    """Hash of the right answers to the scored events of a split; for kind ``next`` that is the text itself.

    Labels are taken by name, whatever their ids, so that the cells of a learning curve share a column, and so do
    texts that are cut in two ways. Of kind ``next`` the words that are summed over count too.

    Args:
        task: decides which events are scored.
        corpus: the split.

    Returns:
        12 hexadecimal digits; results with different fingerprints never share a column.
    """
    state = hashlib.blake2b(f"{task.kind} {task.end}".encode(), digest_size=6)
    if task.kind == "next":
        _add(state, corpus.closed, corpus.vocab.words)
    elif task.kind == "vector":
        for question in task.questions():
            state.update("\t".join([*question.words, question.answer, "\n"]).encode("utf-8", "surrogatepass"))
    elif corpus.labels is not None:
        names = [*corpus.labels.words, *corpus.label_words]
        order = np.argsort(np.argsort(np.array(names)))  # id -> rank of the name
        used = np.unique(corpus.targets.values)
        ranks = np.zeros(len(names), dtype=np.int32)
        by_name = used[np.argsort(order[used])]
        ranks[by_name] = np.arange(len(by_name), dtype=np.int32)
        _add(state, Ragged(ranks[corpus.targets.values], corpus.targets.offsets), [names[i] for i in by_name])
    return state.hexdigest()


def _add(state: hashlib.blake2b, rows: Ragged, words: Sequence[str]) -> None:
    state.update("\n".join(words).encode("utf-8", "surrogatepass"))
    state.update(np.ascontiguousarray(rows.values).tobytes())
    state.update(np.ascontiguousarray(rows.offsets).tobytes())
