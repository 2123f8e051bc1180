"""The n-gram model as an encoder: its options, choices, training and record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from core.config.space import Search
from core.counting.base import SHORT_ROWS, CountModel, ImportedModel
from core.counting.checks import check_floats, check_integers
from core.data.corpus import Ragged
from core.errors import ConfigError, StoreError
from core.model.context import Context
from core.types import Arrays, Float64s, Int32s, Int64s, Table
from plugins.encoders.ngram.counting.counts import Grams, Map, count
from plugins.encoders.ngram.counting.external_sort import count_in_runs
from plugins.encoders.ngram.counting.storage import Disk, Memory, bytes_of
from plugins.encoders.ngram.estimation.estimate import Estimate, adjusted_counts
from plugins.encoders.ngram.estimation.fit_smoothing import fit_smoothing, restore_smoothing
from plugins.encoders.ngram.estimation.smoothing import Notify, Smoothing
from plugins.encoders.ngram.level import Level
from plugins.encoders.ngram.places import place_scores
from plugins.encoders.ngram.trie import Trie
from plugins.encoders.ngram.trie_check import check_levels

Name = Literal[
    "mle",
    "laplace",
    "lidstone",
    "jelinek-mercer",
    "witten-bell",
    "absolute",
    "katz",
    "stupid-backoff",
    "kneser-ney",
    "modified-kneser-ney",
]
ORDER = 3  # of order=auto, unless dev separates another one
DELTAS = (0.1, 0.3, 0.03, 1.0, 0.01, 0.003)  # by their distance from the usual one
COST, FIXED = 80, 200 << 20  # bytes per token that counting takes, and bytes in use before it
COST_IN_RUNS = 128  # bytes per token of a small part, which has more types
LEAST = 1 << 16  # tokens counted at a time, however small the memory limit
ALONE = 1 << 18  # up to this many tokens one thread is enough
INTERPOLATED = ("jelinek-mercer", "witten-bell", "absolute", "kneser-ney", "modified-kneser-ney")
TRIED = ("kneser-ney", "witten-bell", "modified-kneser-ney")
ORDERS = (ORDER, 2, 4, 1, 5)  # tried on dev, by their distance from the usual one
TOP_ONLY = ("mle", "laplace", "lidstone")  # use the highest order alone, so longer contexts only lose


class NGram(CountModel):
    """The smoothed distribution of a symbol given the ``order - 1`` symbols before it.

    A row starts with one start mark, so its first histories are shorter. All smoothings except katz and
    stupid-backoff are interpolated down to the uniform distribution; mle, laplace and lidstone use the highest
    order alone (Chen and Goodman, 1998, sections 2 and 3).

    Args:
        vocab_size: the number of ids.
        order: symbols in the longest gram, the predicted one included; auto: 3, unless dev
            separates another one from it (1 to 5).
        smoothing: how unseen grams get probability; auto: modified-kneser-ney for lm, else chosen on dev.
        delta: what lidstone adds to each count; auto: chosen on dev (the other smoothings do not use it).
        weights: the interpolation weights of jelinek-mercer, fitted on dev: one per order, or one per order and
            power of two of the context's count.
        k: the highest count that katz discounts.
        backoff: the weight of the order below in stupid-backoff.
        prune: drop grams with at most this count; one threshold per order, the last one for all higher orders.
        interpolate_unigrams: true gives the mass that order 1 discounts to all words; false only to words that
            do not occur in training, such as <unk>.
        memory: about how much memory to use, such as 2GB; a larger corpus is counted in parts and stored in
            temporary files, with the same result.
    """

    formats = ("arpa",)

    def __init__(
        self,
        vocab_size: int,
        *,
        order: Annotated[Annotated[int, Ge(1)] | Literal["auto"], Search(1, 5)] = "auto",
        smoothing: Annotated[Name | Literal["auto"], Search(choices=INTERPOLATED)] = "auto",
        delta: Annotated[float, Gt(0)] | Literal["auto"] = "auto",
        weights: Literal["order", "bucket"] = "bucket",
        k: Annotated[int, Ge(1)] = 7,
        backoff: Annotated[float, Gt(0), Lt(1)] = 0.4,
        prune: list[Annotated[int, Ge(0)]] | None = None,
        interpolate_unigrams: bool = True,
        memory: str | None = None,
    ) -> None:
        super().__init__(vocab_size)
        self.order: int = ORDER if order == "auto" else order
        self.smoothing: Name = "modified-kneser-ney" if smoothing == "auto" else smoothing
        self.settings: dict[str, Any] = {"delta": delta, "weights": weights, "k": k, "backoff": backoff}
        self.interpolate_unigrams = interpolate_unigrams
        self.memory = None if memory is None else bytes_of(memory)
        self.prune = _thresholds((prune or [0])[: self.order if order == "auto" else None], self.order)
        self.context_size = self.order - 1
        self.normalized = self.smoothing != "stupid-backoff"
        self.tables: Arrays = {}
        uniform = np.full(vocab_size, -np.log(vocab_size), dtype=np.float32)
        self.trie = Trie([Level(np.arange(vocab_size, dtype=np.int32), log_probs=uniform)])

    @classmethod
    def choices(cls, options: dict[str, Any], language_model: bool = False) -> list[dict[str, Any]]:
        """Orders 1 to 5 of each smoothing, order 3 first; methods without interpolation up to order 3.

        For a language model the smoothing is modified Kneser-Ney, and the delta of lidstone is set by the
        likelihood of dev; else each delta is tried.
        """
        order, way, delta = (options.get(key, "auto") for key in ("order", "smoothing", "delta"))
        names = (way,) if way != "auto" else ("modified-kneser-ney",) if language_model else TRIED
        choices, prune = [], options.get("prune") if order == "auto" else None
        for n in ORDERS if order == "auto" else (order,):
            for name in names:
                if order == "auto" and name in TOP_ONLY and n > ORDER:
                    continue
                deltas = DELTAS if name == "lidstone" and delta == "auto" and not language_model else (delta,)
                shorter = {"prune": prune[:n]} if prune else {}
                choices += [{**options, "order": n, "smoothing": name, "delta": d, **shorter} for d in deltas]
        return choices

    def fit(self, rows: Ragged, dev: Ragged, context: Context) -> None:
        """Count the rows, fit the parameters of the smoothing (some on ``dev``) and estimate all probabilities."""
        notify = partial(_note, context)
        self.threads = context.runtime.threads
        with _threads(self.threads, rows) as run:
            grams, storage = self._count(rows, run)
            longest = max((k for k, gram in enumerate(grams, 1) if len(gram)), default=1)
            if longest < self.order:
                text = f"no row is long enough for grams of order {longest + 1} and higher"
                context.notify("note", code=SHORT_ROWS, text=text, values={"order": longest + 1})
            kneser_ney = self.smoothing.endswith("kneser-ney")
            counts = adjusted_counts(grams, storage) if kneser_ney else [gram.counts for gram in grams]
            method, self.tables = fit_smoothing(self.smoothing, grams, counts, dev.values, notify, **self.settings)
            kept = [g.counts > least if least else None for g, least in zip(grams, self.prune, strict=True)]
            base = self._base(counts[0], method, notify)
            self.trie = Estimate(grams, counts, method, kept, base, storage, run).trie()
        self.tables["types"] = np.array([np.count_nonzero(level.counts) for level in self.trie.levels])

    def _count(self, rows: Ragged, run: Map) -> tuple[list[Grams], Memory]:
        """The grams, and the storage for arrays of their size."""
        if self.memory is None or len(rows.values) * COST + FIXED <= self.memory:
            return count(rows.values, self.vocab_size, self.order, run), Memory()
        tokens, storage = max(LEAST, (self.memory - FIXED) // COST_IN_RUNS), Disk()
        return count_in_runs(rows, self.vocab_size, self.order, tokens, storage, run), storage

    def _base(self, unigrams: Int32s, method: Smoothing, notify: Notify) -> Float64s:
        """The distribution that order 1 is interpolated with, float64 (vocab_size,)."""
        uniform = np.full(self.vocab_size, 1 / self.vocab_size)
        if self.interpolate_unigrams or method.top_only:
            return uniform
        unseen = unigrams == 0
        if not unseen.any():
            notify("interpolate_unigrams=false: every word occurs in training, so no word gets what is discounted")
        return np.asarray(unseen / max(1, np.count_nonzero(unseen)))

    def log_probs(self, rows: Ragged) -> Float64s:
        """See ``CountModel.log_probs``."""
        return np.asarray(self.answers(rows)["log_prob"])

    def log_probs_by_order(self, rows: Ragged) -> Float64s:
        """See ``CountModel.log_probs_by_order``; a method that uses the highest order alone has no others."""
        if self.smoothing in TOP_ONLY:
            return self.log_probs(rows)[None]
        return self.trie.log_probs_by_order(rows.values)

    def answers(self, rows: Ragged) -> Arrays:
        """See ``CountModel.answers``; ``order`` int16 (N,) is the length of the longest known gram."""
        self.trie.prepare(len(rows.values))
        with _threads(self.threads, rows) as run:
            edges = rows.offsets[np.linspace(0, len(rows), 2 if run is map else self.threads + 1).astype(int)]
            parts = list(run(self.trie.log_probs, np.split(rows.values, edges[1:-1])))
        log_probs, orders = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        return {"log_prob": log_probs, "order": orders}

    def next_log_probs(self, histories: Int32s) -> Float64s:
        """See ``CountModel.next_log_probs``."""
        return self.trie.next_log_probs(histories)

    def place_scores(self, rows: Ragged, places: Int64s) -> Float64s:
        """See ``CountModel.place_scores``."""
        return place_scores(self.trie, rows, places)

    def arrays(self) -> Arrays:
        """See ``CountModel.arrays``."""
        return self.trie.arrays() | self.tables

    def restore(self, arrays: Arrays) -> None:
        """See ``CountModel.restore``."""
        trie = Trie.of(arrays)
        if (trie.order, trie.vocab_size) != (self.order, self.vocab_size):
            raise StoreError(
                f"the saved n-grams have order {trie.order} and {trie.vocab_size} symbols, "
                f"this model {self.order} and {self.vocab_size}",
                where="encoder.order",
                remedy="load the model with the config that it was saved with",
            )
        check_levels(trie.levels, self.vocab_size)
        self._check_tables(arrays)
        self.trie = trie
        own = trie.arrays()
        self.tables = {name: array for name, array in arrays.items() if name not in own}

    def _check_tables(self, arrays: Arrays) -> None:
        """Refuse saved parameters of the smoothing that are of another shape; ValueError."""
        check_floats("missing", arrays["missing"], (), most=0)
        if "types" in arrays:
            check_integers("types", arrays["types"], (self.order,), 0, 1 << 62)
        shapes = {"discounts": (self.order, 3), "weights": (None, None), "ratios": (self.order, None), "delta": ()}
        for name, shape in shapes.items():
            if name in arrays:
                check_floats(name, np.nan_to_num(arrays[name]), shape)

    def write_as(self, format: str, path: Path, words: Sequence[str]) -> None:
        """See ``CountModel.write_as``."""
        from plugins.encoders.ngram.arpa.write import write_arpa

        write_arpa(self.trie, words, path)

    @classmethod
    def read_as(cls, format: str, path: Path) -> ImportedModel:
        """See ``CountModel.read_as``."""
        from plugins.encoders.ngram.arpa.read import read_arpa

        arpa = read_arpa(path)
        types = np.array([len(level) for level in arpa.trie.levels])
        return ImportedModel(
            arpa.words, {"order": arpa.trie.order}, arpa.trie.arrays() | {"types": types}, arpa.notes
        )

    def explain(self, history: Int32s, words: Sequence[str], limit: int) -> list[Table]:
        """See ``CountModel.explain``."""
        from plugins.encoders.ngram.explain import explain

        known = len(self.trie.levels[0].counts) > 0
        floor = self._floor() if known and self.smoothing in INTERPOLATED else None
        return explain(self.trie, self.discounts, floor, history, words, limit)

    def _floor(self) -> Float64s:
        """The part of the order 1 probabilities that comes from the base distribution, float64 (vocab_size,)."""
        counts, method = self.trie.levels[0].counts, restore_smoothing(self.tables)
        base = self._base(counts, method, lambda message: None)
        if not counts.any():
            return base
        _, left = method.share(1, counts, np.zeros(len(counts), dtype=np.int64), 1)
        return left * base

    @property
    def discounts(self) -> Float64s:
        """The discounts of counts of 1, 2, and 3 or more, float64 (order, 3); NaN without discounts."""
        return np.asarray(self.tables.get("discounts", np.full((self.order, 3), np.nan)))

    def facts(self) -> dict[str, Any]:
        """Order, smoothing and its fitted parameters, gram types per order, bytes."""
        known = len(self.trie.levels[0].counts) > 0
        facts: dict[str, Any] = {"order": self.order, "smoothing": self.smoothing if known else "of a file"}
        facts["grams"] = self.tables["types"].tolist() if "types" in self.tables else []
        facts["bytes"] = sum(array.nbytes for array in self.arrays().values())
        for name in ("delta", "discounts", "ratios"):
            if name in self.tables and self.smoothing not in ("mle", "laplace"):
                facts[name] = self.tables[name].tolist()
        if "weights" in self.tables:
            columns = 1 if self.settings["weights"] == "order" else 32
            facts["weights"] = self.tables["weights"][:, :columns].tolist()
        if any(self.prune):
            facts["prune"] = self.prune
        return facts


def _thresholds(prune: list[int], order: int) -> list[int]:
    """One threshold per order."""
    if len(prune) > order or prune[0] or sorted(prune) != prune:
        raise ConfigError(
            f"{prune} are not valid thresholds for order {order}",
            where="encoder.prune",
            remedy=f"give at most {order} numbers that start with 0 and never decrease, such as [0,0,1]",
        )
    return prune + prune[-1:] * (order - len(prune))


def _note(context: Context, text: str) -> None:
    context.notify("note", code="ngram.smoothing", text=text)


@contextmanager
def _threads(threads: int, rows: Ragged) -> Iterator[Map]:
    """The ``map`` to work with: that of a thread pool, or Python's own for few tokens."""
    if threads == 1 or len(rows.values) <= ALONE:
        yield map
    else:
        with ThreadPoolExecutor(threads) as pool:
            yield pool.map
