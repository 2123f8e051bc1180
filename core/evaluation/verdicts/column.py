"""The runs of one column, prepared for a verdict."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence

import numpy as np

from core.data.corpus import Corpus
from core.evaluation.verdicts.statistics import block_size, in_blocks, row_sums
from core.evaluation.verdicts.verdict import Scored
from core.kinds.base import Kind
from core.row_sums import with_width
from core.task import Task
from core.types import Arrays, Int64s


def score_rows(
    kind: Kind,
    task: Task,
    corpora: Sequence[Corpus],
    predictions: Sequence[Arrays],
    scores: Sequence[float],
    runs: Mapping[str, Collection[Hashable]],
    fixed: Collection[str] = (),
) -> Scored | None:
    """What each row of the data, or block of rows, adds to the primary metric; None where that is not known.

    Args:
        kind: what the task predicts.
        task: the task.
        corpora: the split that each run has predicted, the same object for the same split; rows that are in
            several of them have the same ``source_rows``.
        predictions: of each run.
        scores: of each run, by the primary metric.
        runs: name of each row of the table -> the keys of its runs, which follow one another.
        fixed: the rows of the table whose training depends on no seed.
    """
    numbers, count = _numbers(corpora)
    sums = row_sums(kind, task, corpora, predictions, scores, numbers, count)
    if sums is None:
        return None
    width = max(own.values.shape[-1] for own in sums)
    alike = [wider.values for own in sums if (wider := with_width(own, width)) is not None]
    if len(alike) < len(sums):
        return None
    whole = all(len(own) == len(corpus) for own, corpus in zip(alike, corpora, strict=True))  # else groups of rows
    units = count if whole else len(alike[0])
    size = block_size(units, kind.language_model and task.mode == "stream", len(alike) * width) if whole else 1
    places = [(own if whole else np.arange(units)) // size for own in numbers]
    unit = "row" if size == 1 and whole else f"block of {max(size, math.ceil(count / units))} rows"
    blocks = in_blocks(alike, places, math.ceil(units / size))
    order = iter(range(len(sums)))
    keys = [{key: next(order) for key in own} for own in runs.values()]
    splits = _splits(corpora)
    formula = sums[0].formula
    return Scored(task.primary, task.minimize, list(runs), keys, blocks, formula, unit, frozenset(fixed), splits)


def _numbers(corpora: Sequence[Corpus]) -> tuple[list[Int64s], int]:
    """The rows of each run by their number among the rows of all runs, int64 (R,) each, and how many these are."""
    different = {id(corpus): corpus for corpus in corpora}
    rows = {key: corpus.source_rows for key, corpus in different.items()}
    every = np.unique(np.concatenate(list(rows.values())))
    places = {key: np.searchsorted(every, own) for key, own in rows.items()}
    return [places[id(corpus)] for corpus in corpora], len(every)


def _splits(corpora: Sequence[Corpus]) -> list[int]:
    """The split of each run, from 0; empty where all have the same."""
    numbers: dict[int, int] = {}
    found = [numbers.setdefault(id(corpus), len(numbers)) for corpus in corpora]
    return found if len(numbers) > 1 else []
