"""Hash of the scored events; scores are compared only where it is equal."""

from __future__ import annotations

import hashlib

from core.data.corpus import Corpus
from core.kinds.base import Kind
from core.task import Task


def event_hash(kind: Kind, task: Task, corpus: Corpus) -> str:
    """Hash of the right answers to the scored events of a split, and of the rule: 12 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=6)
    for part in kind.hash_parts(task, corpus):
        state.update(part)
    state.update(task.rule.encode())
    return state.hexdigest()
