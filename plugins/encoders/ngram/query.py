"""The interface of KenLM's Python module: sentences in, log10 probabilities out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from core.data.vocab import END, START, UNK
from core.errors import ConfigError
from core.types import Float64s, Int64s
from plugins.encoders.ngram.arpa.read import read_arpa
from plugins.encoders.ngram.trie import Trie


class Model:
    """A model with the methods of ``kenlm.Model``.

    Args:
        path: an ARPA file, plain or gzip, or the folder, id or name of a saved run.
        runs: the folder in which ids and names are looked up.

    Raises:
        DataError: the ARPA file cannot be read.
        StoreError: there is no such run.
        ConfigError: the run is not an n-gram language model.
    """

    def __init__(self, path: str | Path, runs: str | Path = "runs") -> None:
        self.path = Path(path)
        if self.path.is_file():
            arpa = read_arpa(self.path)
            self.notes = arpa.notes
            self._set(arpa.trie, arpa.words)
            return
        from core.experiment.interchange import count_model
        from core.runs.trained_model import load
        from plugins.encoders.ngram.model import NGram

        saved = load(path, runs=runs)
        model = count_model(saved)
        if not isinstance(model, NGram):
            what = f"encoder={saved.config.encoder.name} is not an n-gram model"
            raise ConfigError(what, where=str(path), remedy="give a run with encoder=ngram")
        self.notes = []
        self._set(model.trie, saved.vocab.words)

    def _set(self, trie: Trie, words: Sequence[str]) -> None:
        self.trie, self.ids = trie, {word: i for i, word in enumerate(words)}

    @property
    def order(self) -> int:
        """Symbols in the longest gram."""
        return self.trie.order

    def __contains__(self, word: str) -> bool:
        return word == START or self.ids.get(word, UNK) != UNK

    def score(self, sentence: str, bos: bool = True, eos: bool = True) -> float:
        """log10 of the probability of a sentence.

        Args:
            sentence: words separated by white space, without ``<s>``.
            bos: whether it starts after the start mark.
            eos: whether its end is scored.
        """
        return float(self._answers(sentence, bos, eos)[0].sum())

    def full_scores(self, sentence: str, bos: bool = True, eos: bool = True) -> Iterator[tuple[float, int, bool]]:
        """For each word and the end: log10 probability, length of the longest known gram, whether it is unknown.

        Args:
            sentence: words separated by white space, without ``<s>``.
            bos: whether it starts after the start mark.
            eos: whether its end is scored.
        """
        scores, orders, ids = self._answers(sentence, bos, eos)
        yield from zip(scores.tolist(), orders.tolist(), (ids == UNK).tolist(), strict=True)

    def perplexity(self, sentence: str) -> float:
        """10 to the power of minus the mean log10 probability per word, the end counted as a word."""
        events = len(_words(sentence)) + 1
        with np.errstate(over="ignore"):
            return float(np.power(10.0, -self.score(sentence) / events))

    def _answers(self, sentence: str, bos: bool, eos: bool) -> tuple[Float64s, Int64s, Int64s]:
        """log10 (n,), length of the longest known gram (n,), id (n,) of each word."""
        words = _words(sentence)
        if START in words:
            remedy = "leave it out: bos=True puts it before the sentence"
            raise ConfigError(f"{START} is never predicted", where="sentence", remedy=remedy)
        ids = np.array([*(self.ids.get(word, UNK) for word in words), *[END] * eos], dtype=np.int64)
        levels = self.trie.levels
        scores, orders, grams = levels[0].log_probs[ids].astype(np.float64), np.ones(len(ids), dtype=np.int64), ids
        for k in range(2, self.order + 1):
            ended = np.where(ids == END, -1, grams)  # nothing follows the end of a sentence
            contexts = np.append(END if bos and k == 2 else -1, ended)[: len(ids)]
            weights, known = self._missing(k, bos, len(ids)), np.flatnonzero(contexts >= 0)
            weights[known] = levels[k - 2].backoffs[contexts[known]]
            scores += weights
            grams = self.trie.find(k, contexts, ids)
            found = np.flatnonzero(grams >= 0)
            scores[found], orders[found] = levels[k - 1].log_probs[grams[found]], k
        return scores / np.log(10), orders, ids

    def _missing(self, k: int, bos: bool, size: int) -> Float64s:
        """The weight of an unseen context of order ``k``, 0 where fewer symbols precede."""
        return np.where(np.arange(size) + bos >= k - 1, self.trie.missing, 0.0)


def _words(sentence: str) -> list[str]:
    """The words between ASCII white space, as KenLM and ``task.tokens=space`` split them."""
    return [
        word.decode("utf-8", "surrogateescape") for word in sentence.encode("utf-8", "surrogateescape").split()
    ]
