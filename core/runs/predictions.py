"""The predictions of saved runs, together with the events that they were scored on."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.regular import open_regular
from core.errors import ConfigError, StoreError
from core.evaluation.comparison import Pair
from core.evaluation.event_hash import event_hash
from core.runs import components, store
from core.runs.npz import read_arrays
from core.runs.result import Result
from core.runs.saved_config import read_config
from core.task import Task
from core.types import Arrays

WIDEST = 1024  # values per prediction, such as the tokens of an output, where there are not more labels


def read_pair(root: Path, names: Sequence[str], split: str, plugins: Sequence[str] = ()) -> Pair:
    """Read two saved runs and rebuild the split from the config of the first.

    Args:
        root: the folder in which the ids or names of both are looked up.
        names: the two runs.
        split: ``dev`` or ``test``.
        plugins: files or modules of plugins that they need.

    Raises:
        ConfigError: the runs were not scored on the same events.
        StoreError: a run or its predictions are missing, or the data has changed since.
    """
    first, second = (read_scored(root, name) for name in names)
    check_same_events(first, second, split, "run")
    task, corpus, arrays = rebuild(first, split, plugins)
    others = renumbered(second, read_predictions(second, split, corpus), corpus)
    titles = [f"{letter} {run.encoder} {run.id}" for letter, run in zip("AB", (first, second), strict=True)]
    scores = first.metrics[split][first.primary], second.metrics[split][first.primary]
    return Pair(first.kind, task, corpus, titles, (arrays, others), scores)


def check_same_events(first: Result, second: Result, split: str, where: str) -> None:
    """Raise ConfigError for runs that were not scored on the same events."""
    if first.fingerprints[split] != second.fingerprints[split]:
        tasks = f"{first.task} on {first.data}, {second.task} on {second.data}"
        what = f"{first.id} and {second.id} were not scored on the same {split} events ({tasks})"
        raise ConfigError(what, where=where, remedy="name runs of one task, with the same data and vocabulary")


def read_scored(root: Path, name: str) -> Result:
    """The record of a saved run with scores on dev and test.

    Raises:
        StoreError: there is no such run in the folder, or its model was imported.
    """
    run = store.read(store.find(root, name))
    if not run.fingerprints:
        what = "this model was imported: it has no saved predictions"
        remedy = f"score it with `seqlab evaluate run={run.id} data=PATH`"
        raise StoreError(what, where=str(run.path), remedy=remedy)
    return run


def rebuild(run: Result, split: str, plugins: Sequence[str] = ()) -> tuple[Task, Corpus, Arrays]:
    """The task of a saved run, its ``dev`` or ``test`` split rebuilt from its config, and its predictions.

    Raises:
        StoreError: the predictions are missing, or the data has changed since.
    """
    _check_saved(run)
    task, corpus = rebuild_split(run, split, plugins)
    return task, corpus, read_predictions(run, split, corpus)


def rebuild_split(run: Result, split: str, plugins: Sequence[str] = ()) -> tuple[Task, Corpus]:
    """The task of a saved run, and its ``dev`` or ``test`` split rebuilt from its config.

    Raises:
        StoreError: the data has changed since.
    """
    config = read_config(run.path, plugins)
    task = components.task(config)
    data = prepare(components.source(config), config.kind.token_spec(task), DataOptions(**config.data_options))
    corpus = data.splits[split]
    if event_hash(config.kind, task, corpus) != run.fingerprints[split]:
        remedy = "run it again on the data as it is now"
        raise StoreError(f"the {split} data has changed since the run", where=str(run.path), remedy=remedy)
    return task, corpus


def renumbered(run: Result, arrays: Arrays, corpus: Corpus) -> Arrays:
    """Predictions with the label ids of a corpus; another training split may number the labels differently."""
    labels = store.read_vocab(run.path, store.LABELS)
    if labels is None or corpus.labels is None or list(labels.words) == list(corpus.labels.words):
        return arrays
    return run.kind.renumbered(arrays, list(labels.words), corpus)


def _check_saved(run: Result) -> Path:
    """The file of the predictions; StoreError where they were not saved."""
    path = run.path / store.PREDICTIONS
    if not os.path.lexists(path):
        what, remedy = "this run has no saved predictions, only scores", "run again without save=none"
        raise StoreError(what, where=str(run.path), remedy=remedy)
    return path


def read_predictions(run: Result, split: str, corpus: Corpus | None = None) -> Arrays:
    """The saved predictions of a run for a split.

    Args:
        run: the run.
        split: ``dev`` or ``test``.
        corpus: the split, which bounds the size of the arrays.

    Raises:
        StoreError: the predictions were not saved, or cannot be read.
    """
    path = _check_saved(run)
    try:
        with open_regular(path) as file:
            rows = None if corpus is None else len(corpus.tokens.values)
            columns = WIDEST if corpus is None else max(WIDEST, len(corpus.label_names))
            return read_arrays(file, f"{split}.", rows, columns)
    except (OSError, EOFError, ValueError, RuntimeError, BadZipFile, zlib.error) as error:
        what = f"the predictions cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy="run again with fresh=true") from error
