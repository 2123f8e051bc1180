"""The checks of an embedding's contract (see ``core.testing.check_embedding``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from core.data.corpus import SPANS, Corpus, Ragged
from core.data.interning import close
from core.data.vocab import END, FIRST, UNK, Vocab
from core.neural.base import Embedding
from core.neural.contract_probe import embedding_error
from core.neural.ops.collation import to_device
from core.registry import Spec
from core.testing.modules import changed_by, check_gradients, check_resuming, load_saved
from core.testing.rows import unscored_context
from core.testing.space import check_space

TEXT = "the cat sat on the mat . The dogs walked , walking the cat ; 1984 naïve NASA"  # for training
OPEN = ("cats", "dog", "Naïve", "中文", "x" * 100_000, "", "a b", "☃")  # words that occur only in prediction


def check_embedding(spec: Spec, options: dict[str, Any]) -> None:
    """Fit once, shapes, open words, concurrency, batch mates, saving, gradients, resuming.

    Raises:
        AssertionError: a rule is broken.
    """
    torch.manual_seed(0)
    corpus = _corpus()
    embedding: Embedding = spec.load()(corpus.vocab, **options)
    assert not (message := embedding_error(embedding)), message
    embedding.fit(corpus, corpus, unscored_context())
    embedding.eval()
    with torch.no_grad():
        _check_shapes(embedding)
        _check_open_words(embedding)
        _check_concurrency(embedding)
        _check_batch_mates(embedding)
        if embedding.reads_spans:
            _check_spans(embedding)
        _check_saving(embedding, spec.load()(corpus.vocab, **options).eval())
    _check_weight(embedding)
    check_gradients(embedding, _all(embedding.train(), OPEN))
    fresh: Embedding = spec.load()(corpus.vocab, **options)
    fresh.fit(corpus, corpus, unscored_context())  # a run that resumes fits it again
    check_resuming(embedding, fresh, lambda module: _all(module, OPEN))
    check_space(spec, lambda drawn: spec.load()(corpus.vocab, **{**options, **drawn}))


def _corpus() -> Corpus:
    """One row of text with two marked spans; every word is in the vocabulary."""
    tokens = TEXT.split()
    types, counts = np.unique(tokens, return_counts=True)
    vocab = Vocab(["</s>", "<unk>", *types.tolist()], np.concatenate([[1, 0], counts]).astype(np.int64))
    ids = np.array([vocab.ids[token] for token in tokens], dtype=np.int32)
    spans = Ragged(np.array([1, 2, 5, 6], dtype=np.int32), np.array([0, 4]))
    return Corpus(vocab, {"tokens": close(ids, np.array([len(ids)])), SPANS: spans})


def _look_up(embedding: Embedding, ids: Tensor, prepared: Any) -> Tensor:
    """The vectors of ids, as a model reads them: nothing prepared is not passed on."""
    vectors: Tensor = embedding(ids) if prepared is None else embedding(ids, prepared)
    return vectors


def _all(embedding: Embedding, words: Sequence[str]) -> Tensor:
    """The vectors of all closed words and of these open words: (V + O, D)."""
    ids = torch.arange(embedding.vocab.size + len(words))[None]
    return _look_up(embedding, ids, embedding.prepare(words))[0]


def _check_shapes(embedding: Embedding) -> None:
    prepared = embedding.prepare(OPEN)
    for shape in ((2, 3), (1, 1), (3, 0)):
        ids = torch.randint(0, embedding.vocab.size + len(OPEN), shape)
        vectors, expected = _look_up(embedding, ids, prepared), (*shape, embedding.output_size)
        assert vectors.shape == expected, f"shapes: ids {shape} give {tuple(vectors.shape)}, not {expected}"
        assert vectors.dtype == torch.get_default_dtype(), f"shapes: vectors are {vectors.dtype}"
        assert torch.isfinite(vectors).all(), "shapes: vectors are finite"
    assert torch.isfinite(_all(embedding, OPEN)).all(), "shapes: vectors of unusual words are finite"


def _check_open_words(embedding: Embedding) -> None:
    """The vector of an open word depends on the word, not on its id or on words that were prepared before."""
    size = embedding.vocab.size
    forward, backward = _all(embedding, OPEN), _all(embedding, OPEN[::-1])
    same = torch.allclose(forward[size:], backward[size:].flip(0), atol=1e-5)
    assert same, "open words: the vector of a word changed with its position in prepare"
    assert torch.allclose(forward[:size], backward[:size], atol=1e-5), "open words: prepare changed a closed word"
    for same in (
        torch.allclose(found, forward[:size], atol=1e-5) for found in (_all(embedding, ()), _closed(embedding))
    ):
        assert same, "open words: a closed word has another vector where nothing is prepared"
    first = torch.tensor([[END, UNK, FIRST]])
    assert embedding(first).shape[:2] == first.shape, "open words: END and UNK have vectors"


def _closed(embedding: Embedding) -> Tensor:
    """The vectors of all closed words, with nothing prepared: (V, D)."""
    return _look_up(embedding, torch.arange(embedding.vocab.size)[None], None)[0]


def _check_concurrency(embedding: Embedding) -> None:
    """Threads share an embedding, so what one prepares or reads does not change what the others read."""
    size = embedding.vocab.size
    orders = [OPEN[i:] + OPEN[:i] for i in range(len(OPEN))]
    ids = torch.arange(size, size + len(OPEN))[None]
    prepared = [embedding.prepare(words) for words in orders]
    for words, own in zip(orders, prepared, strict=True):
        same = torch.allclose(_look_up(embedding, ids, own)[0], _all(embedding, words)[size:], atol=1e-5)
        assert same, "concurrency: what prepare returned changed when other words were prepared"
    message = changed_by(embedding, lambda: _all(embedding, OPEN))
    assert not message, f"concurrency: prepare or forward {message}; threads share the embedding"


def _check_batch_mates(embedding: Embedding) -> None:
    prepared = embedding.prepare(OPEN)
    for i, vector in enumerate(_all(embedding, OPEN)):
        same = torch.allclose(_look_up(embedding, torch.tensor([[i]]), prepared)[0, 0], vector, atol=1e-5)
        assert same, "batch mates: a vector depends on the batch's other words"


def _check_spans(embedding: Embedding) -> None:
    """Where spans are decides vectors; the other rows of a batch, and how far they are padded, do not."""
    ids, collate = torch.full((3, 9), FIRST), cast(Any, embedding).collate
    spans = np.array([[0, 1, 4, 6], [4, 6, 0, 1], [2, 3, 2, 3]])

    def vectors(rows: slice, steps: int) -> Tensor:
        part = ids[rows, :steps]
        found = to_device(collate(part.numpy(), None, spans[rows]), part.device)
        result: Tensor = embedding(part, None, found)
        return result

    together = vectors(slice(None), 9)
    assert together.shape == (3, 9, embedding.output_size), f"spans: the vectors are {tuple(together.shape)}"
    assert not torch.allclose(together[0], together[2]), "spans: rows with different spans have the same vectors"
    for row in range(3):
        same = torch.allclose(vectors(slice(row, row + 1), 7)[0], together[row, :7], atol=1e-5)
        assert same, "spans: the vectors of a row depend on the batch that it is in"


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
