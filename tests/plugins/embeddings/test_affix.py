"""Vectors from spelling: the features of a word and their vectors."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
import torch

from core.data.vocab import END, UNK, Vocab, build_vocab
from core.errors import ConfigError
from plugins.embeddings.affix import Affix, shapes

WORDS = {"the": 9, "The": 3, "walking": 2, "walked": 3, "Talking": 1, "x": 1, "Éa": 1, "the-end": 1}


def vocab(words: dict[str, int] = WORDS) -> Vocab:
    return build_vocab(list(words), np.array(list(words.values())), rows=5)


def features(word: str) -> list[str]:
    low = word.lower()
    return [low, *(low[:n] for n in (1, 2, 3)), *(low[-n:] for n in (1, 2, 3, 4))]


def vectors(embedding: Affix, words: list[str]) -> torch.Tensor:
    return embedding(embedding.vocab.size + torch.arange(len(words))[None], embedding.prepare(words))[0]


def test_shapes_keep_classes_and_shorten_runs() -> None:
    words = ["NASA-2003", "iPhone", "Xx", "中文字", "3.5", "", "naïve"]
    assert shapes(pa.array(words)).to_pylist() == ["XX-dd", "xXxx", "Xx", "oo", "d.d", "", "xx"]


def test_rows_distinguish_features_as_a_count_by_hand() -> None:
    embedding = Affix(vocab(), shape=False, min_count=3)
    counts = Counter((k, f) for word, n in WORDS.items() for k, f in enumerate(features(word)) for _ in range(n))
    words = [*WORDS, "walks", "then", "Ex", ""]
    rows = embedding.prepare(words).tolist()
    named: dict[int, tuple[int, str]] = {}
    for word, found in zip(words, rows, strict=True):
        for k, (feature, row) in enumerate(zip(features(word), found, strict=True)):
            expected = (k, feature) if counts[k, feature] >= 3 else (k, "unknown")
            assert named.setdefault(row, expected) == expected
    assert len(set(named.values())) == len(named)


def test_the_vector_is_the_sum_or_the_concatenation_of_the_rows() -> None:
    for join in ("sum", "concat"):
        embedding = Affix(vocab(), dim=4, join=join).eval()
        ids = torch.tensor([[2, 5, 2], [1, 0, 9]])
        rows = embedding.weights[torch.from_numpy(embedding.table)[ids]]  # (B, T, kinds, D)
        expected = rows.sum(2) if join == "sum" else rows.flatten(2)
        assert torch.allclose(embedding(ids), expected, atol=1e-6)


def test_an_open_word_spelled_as_a_closed_one_has_its_vector() -> None:
    for kind in ("listed", "hashed"):
        embedding = Affix(vocab(), features=kind).eval()
        same = vectors(embedding, ["walked"])[0]
        assert torch.equal(same, embedding(torch.tensor([[embedding.vocab.ids["walked"]]]))[0, 0])


def test_a_known_suffix_of_a_new_word_is_used() -> None:
    embedding = Affix(vocab(), min_count=1).eval()
    new, other = vectors(embedding, ["zzing", "zzinq"])
    assert not torch.equal(new, other)


def test_each_distinct_word_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, bag = [], torch.nn.functional.embedding_bag
    monkeypatch.setattr(
        torch.nn.functional, "embedding_bag", lambda rows, *a, **k: sizes.append(len(rows)) or bag(rows, *a, **k)
    )
    Affix(vocab())(torch.tensor([[2, 3, 2, 2], [3, 3, 3, 2]]))
    assert sizes == [2]


def test_unknown_features_are_trained_on_rare_ones() -> None:
    embedding = Affix(vocab(), min_count=1, word_dropout=5.0)
    kinds = embedding.table.shape[1]
    torch.manual_seed(0)
    for _ in range(30):
        embedding(torch.arange(2, embedding.vocab.size)[None]).sum().backward()
    assert bool((embedding.weights.grad[:kinds] != 0).all())
    embedding.zero_grad()
    embedding.eval()(torch.arange(2, embedding.vocab.size)[None]).sum().backward()
    assert not embedding.weights.grad[:kinds].any()


def test_hashed_features_never_have_more_rows_than_buckets() -> None:
    few, many = (Affix(vocab(), features="hashed", buckets=n, min_count=1) for n in (4, 10_000))
    assert len(few.weights) <= 4 + few.table.shape[1] + 1
    assert len(many.weights) > 20
    again = Affix(vocab(), features="hashed", buckets=10_000, min_count=1)
    assert np.array_equal(again.table, many.table)


def test_the_end_and_the_unknown_word_differ() -> None:
    embedding = Affix(vocab()).eval()
    end, unknown = embedding(torch.tensor([[END, UNK]]))[0]
    assert not torch.equal(end, unknown)


def test_switching_off_all_features_is_rejected() -> None:
    with pytest.raises(ConfigError, match="all features are switched off"):
        Affix(vocab(), prefixes=0, suffixes=0, lower=False, shape=False)
