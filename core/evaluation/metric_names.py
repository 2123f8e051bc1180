"""The names of metrics as people read them."""

from __future__ import annotations

WRITTEN = {
    "bleu": "BLEU",
    "chrf": "chrF",
    "f1": "F1",
    "mae": "MAE",
    "mrr": "MRR",
    "ndcg": "NDCG",
    "rmse": "RMSE",
}


def in_words(metric: str) -> str:
    """The name of a metric in words: ``macro_f1`` is macro F1, ``ndcg@10`` is NDCG@10."""
    words = (word.split("@") for word in metric.split("_"))
    return " ".join("@".join([WRITTEN.get(name, name), *rest]) for name, *rest in words)
