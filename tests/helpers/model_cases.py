"""A whole model for tests: naive Bayes over the words of training, which breaks one rule by name."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt

from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.model.context import Context
from core.model.interface import Model
from core.model.runtime import Runtime
from core.registry import registry
from core.types import Arrays


class Votes(Model):
    """Naive Bayes over the words of training.

    Args:
        vocab: the words.
        labels: the labels.
        added: what is added to each count; auto is 1, as if it were chosen on dev.
        fault: the rule that is broken.
    """

    seeded = False

    def __init__(
        self,
        vocab: Vocab,
        labels: Vocab,
        *,
        added: Annotated[float, Gt(0)] | Literal["auto"] = "auto",
        fault: str = "",
    ) -> None:
        if fault != "super":
            super().__init__()
        self.shared: dict[str, Corpus] = {}
        self.vocab, self.size, self.added, self.fault = vocab, labels.size - FIRST, added, fault

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Count the words of each class."""
        if self.fault == "interrupt":
            raise KeyboardInterrupt
        if self.added == "auto":
            self.chosen["encoder.added"] = 1.0
        self.chosen |= {"key": {"encoder.size": 3}, "value": {"encoder.added": -1.0}}.get(self.fault, {})
        added = 1.0 if self.added == "auto" else self.added
        classes = train.targets.values[train.targets.offsets[:-1]] - FIRST
        rows = np.repeat(classes, train.tokens.lengths)
        counts = np.full((self.size, self.vocab.size), added)
        np.add.at(counts, (rows, train.closed.values), 1)
        if self.fault in ("seed", "random"):
            seed = None if self.fault == "random" else context.runtime.seed
            counts += np.random.default_rng(seed).random(counts.shape)
        self.prior = np.log(np.bincount(classes, minlength=self.size) + added)  # (C,)
        self.table = np.log(counts / counts.sum(1, keepdims=True))  # (C, V)

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """Bayes' rule."""
        if self.fault == "unknown" and (corpus.tokens.values >= self.vocab.size).any():
            raise IndexError("index out of bounds")
        if self.fault == "empty" and corpus.tokens.lengths.min() == 1:
            raise ValueError("a row without words")
        if self.fault == "targets":
            assert len(corpus.targets)
        if self.fault == "threads":  # the rows are shared by all threads
            self.shared["rows"] = corpus
            time.sleep(0.01)
            corpus = self.shared["rows"]
        words = self.table[:, corpus.closed.values]  # (C, N)
        scores = self.prior + np.add.reduceat(words, corpus.tokens.offsets[:-1], axis=1).T  # (R, C)
        if self.fault == "mates":
            scores -= scores.mean(0)
        if self.fault == "calls":
            scores += np.random.default_rng().random(scores.shape)
        if self.fault == "changes":
            self.table = self.table + 0.1 * np.arange(self.table.size).reshape(self.table.shape)
        scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return self._broken({"label": (scores.argmax(1) + FIRST).astype(np.int32), "log_probs": scores})

    def _broken(self, arrays: Arrays) -> Any:
        """The arrays, or what a faulty model returns instead."""
        label, scores = arrays["label"], arrays["log_probs"]
        faults: dict[str, Any] = {
            "tuple": (label, scores),
            "list": {**arrays, "label": label.tolist()},
            "missing": {"label": label},
            "shape": {**arrays, "label": label[:, None]},
            "dtype": {**arrays, "label": label.astype(np.int64)},
            "range": {**arrays, "label": label - FIRST},
            "classes": {**arrays, "log_probs": np.pad(scores, ((0, 0), (FIRST, 0)))},
            "nan": {**arrays, "log_probs": np.where(np.arange(len(scores))[:, None] == 0, np.nan, scores)},
            "sums": {**arrays, "log_probs": scores - 1},
        }
        return faults.get(self.fault, arrays)

    @property
    def parameters(self) -> int:
        """Every count."""
        return -1 if self.fault == "parameters" else self.table.size + self.prior.size

    def save(self, folder: Path) -> None:
        """One file with both arrays."""
        if self.fault == "pickle":
            (folder / "model.bin").write_bytes(pickle.dumps(Runtime()))
        if self.fault == "nothing":
            return
        if self.fault == "ending":
            (folder / "model.pkl").write_text("")
        prior = np.zeros(self.size) if self.fault == "forgets" else self.prior
        np.savez(folder / "model.npz", prior=prior, table=self.table)
        (folder / "about.json").write_text(json.dumps({"classes": self.size}))

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """Read what ``save`` wrote."""
        if self.fault == "pickle":
            pickle.loads((folder / "model.bin").read_bytes())
        with np.load(folder / ("other.npz" if self.fault == "restore" else "model.npz")) as arrays:
            self.prior, self.table = arrays["prior"], arrays["table"]


def register(name: str = "votes", **more: Any) -> None:
    """Register it in this process."""
    from core import register_encoder

    register_encoder(name, Votes, **{"family": "model", "kinds": ("sequence",), "help": "votes"} | more)


def registered() -> Iterator[None]:
    """Register the model for one test; made a fixture where it is used."""
    found = registry()
    found.plugins()
    before = set(found._plugins)
    register()
    yield
    for source in set(found._plugins) - before:
        found._forget(source)
