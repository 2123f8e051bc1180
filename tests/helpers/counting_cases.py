"""Small corpora for the counting family."""

from __future__ import annotations

from typing import Any

import numpy as np
from context_cases import context_of

from core.counting.heads.tagging import TaggingCountHead
from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab, build_vocab
from core.model.context import Context
from core.types import Arrays
from plugins.encoders.ngram import NGram

Row = tuple[list[str], list[str]]


def vocab_of(sequences: list[list[str]], min_count: int = 1) -> Vocab:
    flat = [word for sequence in sequences for word in sequence]
    types = list(dict.fromkeys(flat))
    counts = np.array([flat.count(t) for t in types], dtype=np.int64)
    return build_vocab(types, counts, len(sequences), min_count=min_count)


def ragged(sequences: list[list[str]], vocab: Vocab) -> tuple[Ragged, list[str]]:
    opened: dict[str, int] = {}
    values = []
    for sequence in sequences:
        for word in sequence:
            known = vocab.ids.get(word)
            values.append(vocab.size + opened.setdefault(word, len(opened)) if known is None else known)
        values.append(0)
    offsets = np.cumsum([0, *(len(s) + 1 for s in sequences)]).astype(np.int64)
    return Ragged(np.array(values, dtype=np.int32), offsets), list(opened)


def corpora(train: list[Row], *others: list[Row], min_count: int = 1) -> list[Corpus]:
    vocab = vocab_of([words for words, _ in train], min_count)
    labels = vocab_of([tags for _, tags in train])
    result = []
    for rows in (train, *others):
        tokens, words = ragged([words for words, _ in rows], vocab)
        targets, label_words = ragged([tags for _, tags in rows], labels)
        result.append(Corpus(vocab, {"tokens": tokens, "labels": targets}, words, labels, label_words))
    return result


def token_accuracy(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    return {"accuracy": float(np.mean(predictions["label"] == corpus.targets.values[corpus.targets.inner]))}


def row_accuracy(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    gold = corpus.targets.values[corpus.targets.offsets[:-1]]
    return {"accuracy": float(np.mean(predictions["label"] == gold))}


def mean_log_prob(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    return {"perplexity": float(np.exp(-predictions["log_prob"].mean()))}


def context(metrics=token_accuracy, primary: str = "accuracy", **more) -> Context:
    return context_of(metrics, primary, **more)


def tagged_rows(seed: int, rows: int, words: int = 12, tags: int = 3) -> list[Row]:
    """Words whose tags are ambiguous; words beyond a smaller ``words`` are unknown to its draws."""
    draw = np.random.default_rng(seed)
    result = []
    for _ in range(rows):
        picked = draw.integers(0, words, draw.integers(0, 6))
        labels = [f"T{(w + int(draw.integers(0, 2))) % tags}" for w in picked.tolist()]
        result.append(([f"w{chr(97 + w % 7)}{'x' * (w // 7)}" for w in picked.tolist()], labels))
    return result


HEAD = ("words", "capital", "suffix", "rare", "spelling", "fold")


def tagger(corpus: Corpus, **options: Any) -> TaggingCountHead:
    """An unfitted tagging head; ``options`` are those of the head and of the n-gram model."""
    own = {name: options.pop(name) for name in HEAD if name in options}
    return TaggingCountHead(lambda size: NGram(size, **options), corpus.vocab, corpus.labels, **own)
