"""Kind ``token``: a label for each token; taggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.scheme_labels import first_tokens
from core.data.schemes import rewritten
from core.data.sources.formats import DOCUMENT
from core.data.token_checks import DOUBLE, OUTER, are_writable, check_written
from core.data.vocab import UNK
from core.errors import DataError
from core.kinds.labelled import Labelled, label_answers, label_names, label_probabilities
from core.kinds.prediction_checks import labels_error
from core.kinds.rendering import AROUND, Prediction, Sentence, conllu_lines, conllu_rows, words_around
from core.task import Task
from core.types import Arrays, Float64s, Int32s


class TokenLabels(Labelled):
    """A label for each token; the end of a row is not an event."""

    name = "token"
    heads = {
        "neural": "core.neural.heads.tagging:TaggingHead",
        "counting": "core.counting.heads.tagging:TaggingCountHead",
    }
    has_probabilities = True
    labels = truth = "token"
    output_formats = ("text", "tsv", "jsonl", "conllu")
    hardest_first = "both wrong first, then the rarest right labels"

    def asks(self, task: Task) -> str | None:
        """Labels that mark spans are others than those of words."""
        return "spans" if task.scheme else self.truth

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The oracle's labels as ids, in the scheme of the corpus."""
        if corpus.labels is None or not corpus.labels.scheme:
            return super().oracle(best, corpus)
        names = rewritten(best["label"], first_tokens(corpus.tokens), corpus.labels.scheme)
        return super().oracle({"label": names}, corpus)

    def examples(self, corpus: Corpus) -> Examples:
        """Every token but END, which is never read."""
        tokens = corpus.tokens
        answers = label_answers(corpus, np.arange(len(tokens.values)), len(tokens.values))
        return Examples(tokens.values, answers, tokens.offsets[:-1], tokens.lengths - 1)

    def empty(self, events: int, size: int) -> Arrays:
        """``label`` int32 (N,), aligned with the tokens, END included."""
        return {"label": np.zeros(events, dtype=np.int32)}

    def scored(self, predictions: Arrays, corpus: Corpus) -> Arrays:
        """The labels without those at END."""
        return {name: array[corpus.tokens.inner] for name, array in predictions.items()}

    def prediction_error(self, predictions: Any, corpus: Corpus, probabilities: bool) -> str:
        """A label per token without the ends of rows, with the probabilities of all where they are asked for."""
        events = len(corpus.tokens.values) - len(corpus)
        return labels_error(predictions, events, self.answer_count(corpus), probabilities)

    def gold(self, corpus: Corpus) -> Int32s:
        """The right label of each token."""
        return corpus.targets.values[corpus.targets.inner]

    def unknown_share(self, corpus: Corpus) -> Float64s:
        """1 for a word that training lacks, else 0."""
        return np.asarray(corpus.closed.values[corpus.tokens.inner] == UNK, dtype=np.float64)

    def event_words(self, task: Task, corpus: Corpus) -> Int32s:
        """The words."""
        return corpus.closed.values[corpus.tokens.inner]

    def place(self, corpus: Corpus, event: int) -> tuple[int, int]:
        """The end of a row is not an event."""
        return corpus.word_place(event)

    def context(self, corpus: Corpus, row: int, token: int, separator: str) -> str:
        """The words on both sides."""
        return words_around(corpus, row, token, AROUND, False, separator)

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """The tags of each row."""
        return _by_row(label_names(corpus, predictions), corpus)

    def probabilities(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """Tag -> probability, for each token of each row."""
        return _by_row(label_probabilities(corpus, predictions), corpus)

    def render_probabilities(self, sentence: Sentence, prediction: Prediction, output: str) -> str:
        """JSON lines with all probabilities, or a line per word with that of its tag."""
        if output == "jsonl":
            return super().render_probabilities(sentence, prediction, output)
        _check_columns(sentence.words, prediction.answer)
        triples = zip(sentence.words, *prediction, strict=True)
        return "".join(f"{word}\t{tag}\t{by_tag[tag]:.6f}\n" for word, tag, by_tag in triples) + "\n"

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """``word_TAG ...``, a line per word, or CoNLL-U."""
        if output == "jsonl":
            return super().render(sentence, answer, output, column)
        if output == "conllu":
            return "".join(conllu_lines(sentence, answer, column))
        pairs = zip(sentence.words, answer, strict=True)
        if output == "tsv":
            _check_columns(sentence.words, answer)
            return "".join(f"{word}\t{tag}\n" for word, tag in pairs) + "\n"
        check_written(sentence.words, answer)
        return " ".join(f"{word}_{tag}" for word, tag in pairs) + "\n"

    def render_rows(self, predictions: Arrays, corpus: Corpus, output: str, column: int, split: str) -> str:
        """CoNLL-U in bulk."""
        if output == "conllu" and type(self).render is TokenLabels.render:
            words = corpus.spell(corpus.tokens.values[corpus.tokens.inner])
            labels = label_names(corpus, predictions)
            if are_writable(words, DOUBLE) and are_writable(labels, DOUBLE):
                return conllu_rows(words, labels, (corpus.tokens.lengths - 1).tolist(), column)
        return super().render_rows(predictions, corpus, output, column, split)

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The tokens with their places in the text, and their labels."""
        return {"tokens": sentence.words, "spans": sentence.spans, "labels": answer}


def _check_columns(words: Sequence[str], labels: Sequence[str]) -> None:
    """Raise where columns between tabs, one token per line, would be read as something else."""
    check_written(words, labels, OUTER)
    if DOCUMENT in words and len(words) > 1:
        what = f"the token {DOCUMENT} would end the sentence, as it begins a document"
        raise DataError(what, remedy="output=jsonl keeps it", code="data.token")


def _by_row(values: list[Any], corpus: Corpus) -> list[Any]:
    """One value per token as one list per row."""
    ends = [0, *np.cumsum(corpus.tokens.lengths - 1).tolist()]
    return [values[start:end] for start, end in zip(ends, ends[1:], strict=False)]
