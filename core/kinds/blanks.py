"""Places that are marked in a text, and the words that fill them, as ``predict`` writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.kinds.rendering import Prediction, Sentence, one_line
from core.printable import one_line as in_cell
from core.types import Arrays, Note

MARKS = ("___", "[MASK]")  # a token of a text to be predicted, where a word is missing
MOST = 100  # words at each place whose probabilities are known


class Blanks:
    """How a kind that predicts the word at a place answers to rows in which places are marked."""

    def answers(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """The words of the marked places of each row."""
        words = corpus.vocab.words
        return [[words[i] for i in predictions["word"][events].tolist()] for events in _marked(corpus)]

    def row_notes(self, corpus: Corpus) -> list[Note]:
        """That no place is marked, so nothing is filled in."""
        if any(map(len, _marked(corpus))):
            return []
        return [Note("cloze.no_marks", f"no token is {' or '.join(MARKS)}, so there is no place to fill")]

    def probabilities(self, predictions: Arrays, corpus: Corpus) -> list[Any]:
        """Word -> probability at each marked place of each row, the most likely first."""
        return [[_likely(predictions, corpus, event) for event in events] for events in _marked(corpus)]

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """The text with its places filled, the words and the text, or JSON lines."""
        if output == "jsonl":
            return json.dumps({"text": sentence.text, **self.fields(sentence, answer)}, ensure_ascii=False) + "\n"
        if output == "tsv":
            return "\t".join([" ".join(map(in_cell, answer)), one_line(sentence.text)]) + "\n"
        return one_line(_filled(sentence, answer)) + "\n"

    def render_probabilities(self, sentence: Sentence, prediction: Prediction, output: str) -> str:
        """JSON lines, or a line per place: the number of its token from 1, the text, each word and probability."""
        if output == "jsonl":
            fields = self.fields(sentence, prediction.answer)
            for place, words in zip(fields["places"], prediction.probabilities, strict=True):
                place["probabilities"] = words
            return json.dumps({"text": sentence.text, **fields}, ensure_ascii=False) + "\n"
        lines = []
        for token, words in zip(_places(sentence.words), prediction.probabilities, strict=True):
            cells = (cell for word, p in words.items() for cell in (in_cell(word), f"{p:.6f}"))
            lines.append("\t".join([str(token + 1), one_line(sentence.text), *cells]) + "\n")
        return "".join(lines)

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The filled text, and the marked places with their words."""
        places = [
            {"token": token, "span": sentence.spans[token], "word": word}
            for token, word in zip(_places(sentence.words), answer, strict=True)
        ]
        return {"filled": _filled(sentence, answer), "places": places}


def _places(words: Sequence[str]) -> list[int]:
    """The tokens that are marks."""
    return [i for i, word in enumerate(words) if word in MARKS]


def _marked(corpus: Corpus) -> list[list[int]]:
    """The events of each row whose token is a mark."""
    values = corpus.tokens.values[corpus.tokens.inner]
    names = [*corpus.vocab.words, *corpus.words]
    marks = np.array([i for i, name in enumerate(names) if name in MARKS], dtype=values.dtype)
    events = np.flatnonzero(np.isin(values, marks))
    ends = np.cumsum(corpus.tokens.lengths - 1)
    return [part.tolist() for part in np.split(events, np.searchsorted(events, ends)[:-1])] if len(ends) else []


def _likely(predictions: Arrays, corpus: Corpus, event: int) -> dict[str, float]:
    ids, log_probs = (predictions[name][event] for name in ("top_words", "top_log_probs"))
    return {corpus.vocab.words[i]: p for i, p in zip(ids.tolist(), np.exp(log_probs).tolist(), strict=True)}


def _filled(sentence: Sentence, answer: Sequence[str]) -> str:
    """The text with a word in each marked place."""
    parts, at = [], 0
    for token, word in zip(_places(sentence.words), answer, strict=True):
        start, end = sentence.spans[token]
        parts += [sentence.text[at:start], word]
        at = end
    return "".join([*parts, sentence.text[at:]])
