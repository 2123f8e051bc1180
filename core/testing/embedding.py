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
from core.model.context import Context
from core.neural.base import Embedding
from core.registry import Spec
from core.types import Arrays

TEXT = "the cat sat on the mat . The dogs walked , walking the cat ; 1984 naïve NASA"  # what training has
OPEN = ("cats", "dog", "Naïve", "中文", "x" * 100_000, "", "a b", "☃")  # what only prediction has


def check_embedding(spec: Spec, options: dict[str, Any]) -> None:
    """Fit once, spell, shapes, open words, batch mates, saving, gradients.

    Raises:
        AssertionError: a rule is broken.
    """
    torch.manual_seed(0)
    corpus = _corpus()
    embedding: Embedding = spec.load()(corpus.vocab, **options)
    embedding.fit(corpus, corpus, Context(_no_metrics, "none"))
    embedding.eval()
    with torch.no_grad():
        _check_shapes(embedding)
        _check_open_words(embedding)
        _check_batch_mates(embedding)
        _check_saving(embedding, spec.load()(corpus.vocab, **options).eval())
    _check_weight(embedding)
    _check_gradients(embedding)


def _corpus() -> Corpus:
    """One row of text; every word is in the vocabulary."""
    tokens = TEXT.split()
    types, counts = np.unique(tokens, return_counts=True)
    words = ["</s>", "<unk>", *types.tolist()]
    vocab = Vocab(words, np.concatenate([[1, 0], counts]).astype(np.int64))
    ids = np.array([vocab.ids[token] for token in tokens], dtype=np.int32)
    return Corpus(vocab, {"tokens": close(ids, np.array([len(ids)]))})


def _no_metrics(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    return {"none": 0.0}


def _all(embedding: Embedding, words: Sequence[str]) -> Tensor:
    """The vectors of every closed word and these open ones: (V + O, D)."""
    embedding.spell(words)
    found: Tensor = embedding(torch.arange(embedding.vocab.size + len(words))[None])[0]
    return found


def _check_shapes(embedding: Embedding) -> None:
    size = embedding.vocab.size
    embedding.spell(OPEN)
    for shape in ((2, 3), (1, 1), (3, 0)):
        ids = torch.randint(0, size + len(OPEN), shape)
        vectors, expected = embedding(ids), (*shape, embedding.output_size)
        assert vectors.shape == expected, f"shapes: ids {shape} give {tuple(vectors.shape)}, not {expected}"
        assert vectors.dtype == torch.get_default_dtype(), f"shapes: vectors are {vectors.dtype}"
        assert torch.isfinite(vectors).all(), "shapes: vectors are finite"
    assert torch.isfinite(_all(embedding, OPEN)).all(), "shapes: vectors of odd words are finite"


def _check_open_words(embedding: Embedding) -> None:
    """An open word's vector depends on the word alone: not on its id, nor on what was spelled before."""
    size = embedding.vocab.size
    ahead, turned = _all(embedding, OPEN), _all(embedding, OPEN[::-1])
    same = torch.allclose(ahead[size:], turned[size:].flip(0), atol=1e-5)
    assert same, "open words: a word's vector changed with its place in spell"
    assert torch.allclose(ahead[:size], turned[:size], atol=1e-5), "open words: spell changed a closed word"
    closed = _all(embedding, ())
    assert torch.allclose(closed, ahead[:size], atol=1e-5), "open words: spell() of no words changed a closed word"
    first = torch.tensor([[END, UNK, FIRST]])
    assert embedding(first).shape[:2] == first.shape, "open words: END and UNK have vectors"


def _check_batch_mates(embedding: Embedding) -> None:
    together = _all(embedding, OPEN)
    for i in range(len(together)):
        alone = embedding(torch.tensor([[i]]))[0, 0]
        assert torch.allclose(alone, together[i], atol=1e-5), (
            "batch mates: a vector depends on the batch's other words"
        )


def _check_saving(embedding: Embedding, fresh: Embedding) -> None:
    """What was fitted is in the weights: a loaded embedding is never fitted."""
    from safetensors.torch import load, save

    fresh.load_state_dict(load(save({k: v.contiguous() for k, v in embedding.state_dict().items()})))
    assert torch.equal(_all(embedding, OPEN), _all(fresh, OPEN)), "saving: a loaded embedding gives other bits"


def _check_weight(embedding: Embedding) -> None:
    if embedding.weight is None:
        return
    shape, expected = tuple(embedding.weight.shape), (embedding.vocab.size, embedding.output_size)
    assert shape == expected, f"weight: it is {shape}, not (vocab.size, output_size) = {expected}"


def _check_gradients(embedding: Embedding) -> None:
    embedding.train().zero_grad()
    (_all(embedding, OPEN) ** 2).sum().backward()  # type: ignore[no-untyped-call] # torch's own
    for name, parameter in embedding.named_parameters():
        if parameter.requires_grad:
            grad = parameter.grad.to_dense() if parameter.grad is not None else None  # a table's may be sparse
            reached = grad is not None and bool((grad != 0).any())
            assert reached, f"gradients: none reaches {name}"
    embedding.eval()
