"""Two kept runs on the same events: where their predictions differ, and whether one is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.vocab import FIRST, UNK
from core.errors import ConfigError, StoreError
from core.evaluation.event_hash import fingerprint
from core.evaluation.report_tables import label_names
from core.runs import components, store
from core.runs.result import Result
from core.runs.trained_model import read_config
from core.task import Task
from core.types import Arrays, Bools, Int64s


@dataclass(frozen=True, eq=False)
class Pair:
    """Two kept runs and the split that both predicted.

    Args:
        task: the task of the first run, which scores the same events as the second's.
        corpus: the split.
        runs: the two records.
        arrays: the predictions of each.
    """

    task: Task
    corpus: Corpus
    runs: tuple[Result, Result]
    arrays: tuple[Arrays, Arrays]

    @property
    def gold(self) -> npt.NDArray[np.int32]:
        """The right label of each event (kinds ``token`` and ``sequence``)."""
        labels = self.corpus.targets
        return labels.values[labels.inner] if self.task.kind == "token" else labels.values[labels.offsets[:-1]]

    @property
    def right(self) -> tuple[Bools, Bools]:
        """Which events each run has right."""
        gold = self.gold
        return self.arrays[0]["label"] == gold, self.arrays[1]["label"] == gold

    @property
    def gain(self) -> npt.NDArray[np.float64]:
        """How much more log-probability the second run gives each event, 0 where none is scored (``next``)."""
        first, second = (arrays["log_prob"].astype(np.float64) for arrays in self.arrays)
        return second - first if self.task.end else (second - first) * self.corpus.tokens.inner

    def hardest(self) -> Int64s:
        """The events on which the two differ, the hardest first.

        Kind ``next``: by the difference of the two log-probabilities. Else what both have wrong comes
        first; then how sure the wrong run was (the surer one of two) where probabilities are kept, else how
        rare the right label is in training; then the order of the text.
        """
        if self.task.kind == "next":
            gain = self.gain
            order = np.argsort(-np.abs(gain), kind="stable")
            return np.asarray(order[gain[order] != 0])
        right = self.right
        events = np.flatnonzero(self.arrays[0]["label"] != self.arrays[1]["label"])
        some_right = (right[0] | right[1])[events]
        sure = self.sure()
        easy = self._frequency()[events] if sure is None else -sure[events]
        return events[np.lexsort((easy, some_right))]

    def sure(self) -> npt.NDArray[np.float64] | None:
        """The probability that the wrong run gave its answer, of two the higher; None where none is kept."""
        if not all("log_probs" in arrays for arrays in self.arrays):
            return None
        found = np.zeros(len(self.gold))
        for arrays, right in zip(self.arrays, self.right, strict=True):
            chosen = arrays["log_probs"][np.arange(len(found)), arrays["label"] - FIRST]
            found = np.maximum(found, np.where(right, 0.0, np.exp(chosen.astype(np.float64))))
        return found

    def _frequency(self) -> Int64s:
        """How often training had the right label of each event; 0 for one that it never had."""
        labels = self.corpus.labels
        counts = np.zeros(0, dtype=np.int64) if labels is None else labels.counts
        return np.append(counts, np.zeros(len(self.corpus.label_words), dtype=np.int64))[self.gold]


def read_pair(root: Path, names: Sequence[str], split: str, plugins: Sequence[str] = ()) -> Pair:
    """Read two kept runs and make the split anew from the first one's config.

    Args:
        root: where ids and names are looked for.
        names: the two runs.
        split: ``dev`` or ``test``.
        plugins: files or modules of plugins that the runs need.

    Raises:
        ConfigError: the runs were not scored on the same events.
        StoreError: a run or its predictions are missing, or the data has changed since.
    """
    first, second = (read_judged(root, name) for name in names)
    if first.fingerprints[split] != second.fingerprints[split]:
        raise ConfigError(
            f"{first.id} and {second.id} were not scored on the same {split} events"
            f" ({first.task} on {first.data}, {second.task} on {second.data})",
            where="runs",
            remedy="name two runs of one task, with the same data and vocabulary",
        )
    task, corpus, arrays = reread(first, split, plugins)
    return Pair(task, corpus, (first, second), (arrays, _renumbered(second, predictions(second, split), corpus)))


def read_judged(root: Path, name: str) -> Result:
    """The record of a kept run that was judged on dev and test here.

    Args:
        root: where ids and names are looked for.
        name: the run.

    Raises:
        StoreError: there is no such run, or its model was imported and never judged.
    """
    run = store.read(store.find(root, name))
    if not run.fingerprints:
        remedy = f"judge it with `seqlab evaluate run={run.id} data=PATH`"
        raise StoreError(
            "this model was imported: no predictions of it are kept", where=str(run.path), remedy=remedy
        )
    return run


def reread(run: Result, split: str, plugins: Sequence[str] = ()) -> tuple[Task, Corpus, Arrays]:
    """A kept run's task, a split made anew from its config, and its predictions for it.

    Args:
        run: the record.
        split: ``dev`` or ``test``.
        plugins: files or modules of plugins that the run needs.

    Raises:
        StoreError: the predictions are missing, or the data has changed since.
    """
    config = read_config(run.path, plugins)
    task, arrays = components.task(config), predictions(run, split)
    corpus = prepare(components.source(config), task, DataOptions(**config.data_options)).splits[split]
    if fingerprint(task, corpus) != run.fingerprints[split]:
        remedy = "run it again on the data as it is now"
        raise StoreError(f"the {split} data has changed since the run", where=str(run.path), remedy=remedy)
    return task, corpus, arrays


def _renumbered(run: Result, arrays: Arrays, corpus: Corpus) -> Arrays:
    """Predictions by the label ids of a corpus: another training split may have numbered the labels otherwise."""
    own = store.read_vocab(run.path, store.LABELS)
    if own is None or corpus.labels is None or list(own.words) == list(corpus.labels.words):
        return arrays
    ids = {name: i for i, name in enumerate(label_names(corpus))}
    table = np.array([ids.get(name, UNK) for name in own.words], dtype=np.int32)
    return {"label": table[arrays["label"]]}  # the columns of log_probs have the other order too


def predictions(run: Result, split: str) -> Arrays:
    """What a kept run has predicted for a split.

    Raises:
        StoreError: the predictions were not kept, or cannot be read.
    """
    path = run.path / store.PREDICTIONS
    if not path.exists():
        what, remedy = "this run kept its numbers only, no predictions", "run again without save=none"
        raise StoreError(what, where=str(run.path), remedy=remedy)
    try:
        with np.load(path, allow_pickle=False) as file:
            names = [name for name in file.files if name.startswith(f"{split}.")]
            return {name.removeprefix(f"{split}."): file[name] for name in names}
    except (OSError, EOFError, ValueError, BadZipFile) as error:
        remedy = "run again with fresh=true"
        raise StoreError(f"the predictions cannot be read ({error})", where=str(path), remedy=remedy) from error


def four_cells(right: tuple[Bools, Bools]) -> tuple[int, int, int, int]:
    """How many events both have right, only the first, only the second, neither."""
    first, second = right
    cells: tuple[Any, ...] = (first & second, first & ~second, ~first & second, ~first & ~second)
    both, only_first, only_second, neither = (int(np.count_nonzero(cell)) for cell in cells)
    return both, only_first, only_second, neither


def place(corpus: Corpus, kind: str, event: int) -> tuple[int, int]:
    """Row and token of an event, counted from 0; the token of a whole row is 0.

    Args:
        corpus: the split.
        kind: of the task, which says what an event is.
        event: its number.
    """
    if kind == "sequence":
        return event, 0
    starts = corpus.tokens.offsets[:-1]
    if kind == "token":  # the end of a row is no event
        starts = starts - np.arange(len(starts))
    row = int(np.searchsorted(starts, event, side="right")) - 1
    return row, event - int(starts[row])
