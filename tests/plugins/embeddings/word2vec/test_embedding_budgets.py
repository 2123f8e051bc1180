"""Word2vec under budgets: its vectors count as parameters, and its training as seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from context_cases import context_of

from core.data.corpus import Corpus
from core.data.interning import close
from core.data.vocab import Vocab
from core.model.time_budget import TimeBudget
from plugins.embeddings.word2vec.embedding import Word2Vec

ROWS = 50
VOCAB = Vocab(["</s>", "<unk>", "the", "cat"], np.array([ROWS, 2 * ROWS, 2 * ROWS, ROWS]))


def corpus() -> Corpus:
    """``the cat The mat the dog``; of these the vocabulary has the and cat."""
    row = [2, 3, 4, 5, 2, 6]
    rows = np.full(ROWS, len(row))
    return Corpus(VOCAB, {"tokens": close(np.array(row * ROWS, dtype=np.int32), rows)}, ["The", "mat", "dog"])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))


def fitted(time: TimeBudget | None = None, **options: Any) -> tuple[Word2Vec, bool]:
    """The embedding, and whether it has taken stored vectors."""
    codes = []
    embedding = Word2Vec(VOCAB, dim=3, epochs=1, sample=0, **options)
    context = context_of(notify=lambda event, **facts: codes.append(facts.get("code")), time=time)
    embedding.fit(corpus(), corpus(), context)
    return embedding, "word2vec.cached" in codes


@pytest.mark.parametrize("options", [{"tune": True}, {"tune": False}, {"tune": True, "max_vocab": 3}])
def test_the_vectors_that_will_be_trained_are_counted_before(options: dict[str, Any]) -> None:
    embedding, _ = fitted(**options)
    expected = {True: 3 * (5 - 2), False: 3 * 5}  # with tune the network trains the vectors of the and cat
    found = Word2Vec(VOCAB, dim=3, epochs=1, sample=0, **options).count_fitted(corpus())
    assert found == embedding.fitted_parameters
    if options.keys() == {"tune"}:
        assert found == expected[options["tune"]]


def test_with_a_budget_of_seconds_the_vectors_are_trained_again_unless_the_run_is_resumed() -> None:
    assert not fitted()[1] and fitted()[1]
    assert not fitted(TimeBudget(9.0, lambda: 0.0))[1]
    assert fitted(TimeBudget(9.0, lambda: 5.0, resumed=True))[1]
