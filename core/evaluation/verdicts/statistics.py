"""The sums over rows that a metric is a function of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from core.data.corpus import Corpus
from core.kinds.base import Kind
from core.row_sums import GROUPS, RowSums, pseudo_values
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int64s

CLOSE = 1e-7  # relative and absolute: the score of a run and the score of its sums
MOST = 4096  # units that are resampled; more rows are summed in blocks of neighbours
CELLS, FEWEST = 1 << 21, 200  # numbers to resample at most, unless that leaves fewer units than this


def row_sums(
    kind: Kind,
    task: Task,
    corpora: Sequence[Corpus],
    predictions: Sequence[Arrays],
    scores: Sequence[float],
    numbers: Sequence[Int64s] | None = None,
    total: int = 0,
    groups: int = GROUPS,
) -> list[RowSums] | None:
    """What each row adds to the primary metric of each run, with one formula for all; None where nothing is known.

    The task's own sums come first; then those of the kind, if a formula gives the score of every run; then the
    metric is computed again without parts of the rows. Sums over groups of rows that a task makes itself are only
    taken where all runs have the same rows.

    Args:
        kind: what the task predicts.
        task: the task.
        corpora: what each run has predicted.
        predictions: of each run.
        scores: of each run, by the primary metric.
        numbers: int64 (R,) of each run, the numbers of its rows among those of all runs; None: all have the same.
        total: how many rows all runs have.
        groups: how many parts of the rows are left out in turn, where the metric is computed again.
    """
    runs = list(zip(predictions, corpora, strict=True))
    own = [task.row_sums(task.primary, arrays, corpus) for arrays, corpus in runs]
    known = [sums for sums in own if sums is not None]
    same = numbers is None or all(len(rows) == total for rows in numbers)  # all runs have all rows
    is_usable = same or all(len(s.values) == len(c) for s, c in zip(known, corpora, strict=False))
    if len(known) == len(own) and is_usable:
        return known if _agree(known, scores) else None
    for statistic in kind.row_statistics():
        values = [statistic.sums(task, arrays, corpus) for arrays, corpus in runs]
        for formula in statistic.formulas:
            known = [RowSums(value, formula) for value in values if value is not None]
            if len(known) == len(scores) and _agree(known, scores):
                return known
    return _recomputed(kind, task, corpora, predictions, scores, numbers, total, groups)


def _agree(sums: Sequence[RowSums], scores: Sequence[float]) -> bool:
    both = zip(sums, scores, strict=True)
    return all(math.isclose(own.score, score, rel_tol=CLOSE, abs_tol=CLOSE) for own, score in both)


def _recomputed(
    kind: Kind,
    task: Task,
    corpora: Sequence[Corpus],
    predictions: Sequence[Arrays],
    scores: Sequence[float],
    numbers: Sequence[Int64s] | None,
    total: int,
    groups: int,
) -> list[RowSums] | None:
    """The pseudo-values of the metric; None where predictions are not entries of rows."""
    found = []
    rows: Sequence[Int64s | None] = numbers or [None] * len(corpora)
    for arrays, corpus, own in zip(predictions, corpora, rows, strict=True):
        entries = kind.entries_per_row(arrays, corpus)
        if entries is None:
            return None
        owner = np.repeat(np.arange(len(corpus)), entries)
        score = partial(_score_of_rows, task, corpus, arrays, owner)
        found.append(pseudo_values(score, len(corpus), own, total, groups))
    return found if _agree(found, scores) else None


def _score_of_rows(task: Task, corpus: Corpus, predictions: Arrays, owner: Int64s, kept: Bools) -> float:
    """The primary metric on some of the rows."""
    part = {name: array[kept[owner]] for name, array in predictions.items()}
    return float(task.metrics(part, corpus.select(np.flatnonzero(kept)))[task.primary])


def block_size(rows: int, running_text: bool, width: int) -> int:
    """How many neighbouring rows are one unit: in running text, rows depend on those near them (Künsch, 1989).

    Args:
        rows: the number of rows.
        running_text: whether a row depends on those before it.
        width: how many numbers a row has, for all runs.
    """
    units = min(MOST, max(FEWEST, CELLS // width))
    return max(math.ceil(rows ** (1 / 3)) if running_text else 1, math.ceil(rows / units))


def in_blocks(sums: Sequence[Float64s], places: Sequence[Int64s], blocks: int) -> Float64s:
    """The sums of each run's rows in the same blocks: float64 (blocks, M, D), 0 where a run has no row of a block.

    Args:
        sums: float64 (R, D) of each run.
        places: int64 (R,) of each run, the block of each of its rows.
        blocks: how many there are.
    """
    found = np.zeros((blocks, len(sums), sums[0].shape[-1]))
    for run, (values, place) in enumerate(zip(sums, places, strict=True)):
        np.add.at(found[:, run], place, values)
    return found
