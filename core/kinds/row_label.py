"""Kind ``sequence``: a label for each row; classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.vocab import FIRST, UNK
from core.kinds.base import SURE
from core.kinds.labelled import Labelled, label_answers, label_names, label_probabilities, label_vocab
from core.kinds.prediction_checks import labels_error
from core.kinds.rendering import marked_words
from core.types import Arrays, Float64s, Int32s


class RowLabel(Labelled):
    """One label for each row."""

    name = "sequence"
    heads = {
        "neural": "core.neural.heads.classification:ClassificationHead",
        "counting": "core.counting.heads.classification:ClassificationCountHead",
    }
    has_probabilities = True
    output_formats = ("text", "tsv", "jsonl", "numbered")
    labels = truth = "row"
    hardest_first = "both wrong first, then where the wrong model is surest"

    def examples(self, corpus: Corpus) -> Examples:
        """Every row without its END."""
        tokens, rows = corpus.tokens, len(corpus)
        places = corpus.targets.offsets[:-1] if "labels" in corpus.columns else np.zeros(0, dtype=np.int64)
        answers = label_answers(corpus, places, rows)
        where = tokens.offsets[:-1], tokens.lengths - 1
        return Examples(tokens.values, answers, *where, per_row=True, spans=corpus.spans)

    def empty(self, events: int, size: int) -> Arrays:
        """``label`` int32 (R,) and ``log_probs`` float32 (R, size)."""
        log_probs = np.zeros((events, size), dtype=np.float32)
        return {"label": np.zeros(events, dtype=np.int32), "log_probs": log_probs}

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """A label per row, with the probabilities of all."""
        return labels_error(predictions, len(corpus), self.answer_count(corpus), True)

    def gold(self, corpus: Corpus) -> Int32s:
        """The right label of each row."""
        return corpus.targets.values[corpus.targets.offsets[:-1]]

    def context(self, corpus: Corpus, row: int, token: int, separator: str) -> str:
        """The row, with marks around its spans if it has such."""
        words = corpus.spell(corpus.tokens[row][:-1])
        spans = corpus.spans
        return separator.join(words if spans is None else marked_words(words, spans[row].tolist()))

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """The share of a row's words that training lacks; 0 for a row without words."""
        return unknown_in_rows(corpus)

    def sure(self, labels: Int32s, corpus: Corpus) -> Arrays:
        """Labels as predictions, with nearly all probability on them."""
        size = label_vocab(corpus).size - FIRST
        right = (labels - FIRST)[:, None] == np.arange(size)  # (R, size); none where training lacks the label
        return {"label": labels, "log_probs": np.log(np.where(right, SURE, (1 - SURE) / max(1, size - 1)))}

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """The label of each row."""
        return label_names(corpus, predictions)

    def probabilities(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """Label -> probability, for each row."""
        return label_probabilities(corpus, predictions)


def unknown_in_rows(corpus: Corpus) -> Float64s:
    """The share of each row's words that training lacks, float64 (R,); 0 for a row without words."""
    unknown = np.add.reduceat(corpus.closed.values == UNK, corpus.tokens.offsets[:-1], dtype=np.float64)
    return np.asarray(unknown / np.maximum(1, corpus.tokens.lengths - 1))
