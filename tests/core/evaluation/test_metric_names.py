"""The names of metrics as people read them."""

from __future__ import annotations

import pytest

from core.evaluation.metric_names import in_words


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("accuracy", "accuracy"),
        ("unknown_accuracy", "unknown accuracy"),
        ("macro_f1", "macro F1"),
        ("f1", "F1"),
        ("bleu", "BLEU"),
        ("hit@10", "hit@10"),
        ("ndcg@10", "NDCG@10"),
        ("rmse", "RMSE"),
        ("f1_gap", "F1 gap"),
    ],
)
def test_names_in_words(metric: str, words: str) -> None:
    assert in_words(metric) == words
