"""The checks of an embedding's contract (see ``core.testing.check_embedding``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.corpus import Corpus
from core.data.interning import close
from core.data.vocab import END, FIRST, UNK, Vocab
from core.neural.base import Embedding
from core.registry import Spec
from core.testing.modules import check_gradients, load_saved
from core.testing.rows import unscored_context

TEXT = "the cat sat on the mat . The dogs walked , walking the cat ; 1984 naïve NASA"  # for training
OPEN = ("cats", "dog", "Naïve", "中文", "x" * 100_000, "", "a b", "☃")  # words that occur only in prediction


def check_embedding(spec: Spec, options: dict[str, Any]) -> None:
    """Fit once, spell, shapes, open words, batch mates, saving, gradients.

    Raises:
        AssertionError: a rule is broken.
    """
    torch.manual_seed(0)
    corpus = _corpus()
    embedding: Embedding = spec.load()(corpus.vocab, **options)
    embedding.fit(corpus, corpus, unscored_context())
    embedding.eval()
    with torch.no_grad():
        _check_shapes(embedding)
        _check_open_words(embedding)
        _check_batch_mates(embedding)
        _check_saving(embedding, spec.load()(corpus.vocab, **options).eval())
    _check_weight(embedding)
    check_gradients(embedding, _all(embedding.train(), OPEN))


def _corpus() -> Corpus:
    """One row of text; every word is in the vocabulary."""
    tokens = TEXT.split()
    types, counts = np.unique(tokens, return_counts=True)
    vocab = Vocab(["</s>", "<unk>", *types.tolist()], np.concatenate([[1, 0], counts]).astype(np.int64))
    ids = np.array([vocab.ids[token] for token in tokens], dtype=np.int32)
    return Corpus(vocab, {"tokens": close(ids, np.array([len(ids)]))})


def _all(embedding: Embedding, words: Sequence[str]) -> Tensor:
    """The vectors of all closed words and of these open words: (V + O, D)."""
    embedding.spell(words)
    vectors: Tensor = embedding(torch.arange(embedding.vocab.size + len(words))[None])[0]
    return vectors


def _check_shapes(embedding: Embedding) -> None:
    embedding.spell(OPEN)
    for shape in ((2, 3), (1, 1), (3, 0)):
        ids = torch.randint(0, embedding.vocab.size + len(OPEN), shape)
        vectors, expected = embedding(ids), (*shape, embedding.output_size)
        assert vectors.shape == expected, f"shapes: ids {shape} give {tuple(vectors.shape)}, not {expected}"
        assert vectors.dtype == torch.get_default_dtype(), f"shapes: vectors are {vectors.dtype}"
        assert torch.isfinite(vectors).all(), "shapes: vectors are finite"
    assert torch.isfinite(_all(embedding, OPEN)).all(), "shapes: vectors of unusual words are finite"


def _check_open_words(embedding: Embedding) -> None:
    """The vector of an open word depends on the word, not on its id or on words that were spelled before."""
    size = embedding.vocab.size
    forward, backward = _all(embedding, OPEN), _all(embedding, OPEN[::-1])
    same = torch.allclose(forward[size:], backward[size:].flip(0), atol=1e-5)
    assert same, "open words: the vector of a word changed with its position in spell"
    assert torch.allclose(forward[:size], backward[:size], atol=1e-5), "open words: spell changed a closed word"
    same = torch.allclose(_all(embedding, ()), forward[:size], atol=1e-5)
    assert same, "open words: spell() of no words changed a closed word"
    first = torch.tensor([[END, UNK, FIRST]])
    assert embedding(first).shape[:2] == first.shape, "open words: END and UNK have vectors"


def _check_batch_mates(embedding: Embedding) -> None:
    for i, vector in enumerate(_all(embedding, OPEN)):
        same = torch.allclose(embedding(torch.tensor([[i]]))[0, 0], vector, atol=1e-5)
        assert same, "batch mates: a vector depends on the batch's other words"


def _check_saving(embedding: Embedding, fresh: Embedding) -> None:
    """A loaded embedding is not fitted again."""
    load_saved(embedding, fresh)
    same = torch.equal(_all(embedding, OPEN), _all(fresh, OPEN))
    assert same, "saving: the vectors of a loaded embedding differ"


def _check_weight(embedding: Embedding) -> None:
    if embedding.weight is None:
        return
    shape, expected = tuple(embedding.weight.shape), (embedding.vocab.size, embedding.output_size)
    assert shape == expected, f"weight: it is {shape}, not (vocab.size, output_size) = {expected}"
