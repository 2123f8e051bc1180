"""The runs of one column, prepared for a verdict."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from core.data.corpus import Corpus
from core.evaluation.verdicts.statistics import block_size, in_blocks, row_sums
from core.evaluation.verdicts.verdict import Scored
from core.kinds.base import Kind
from core.task import Task
from core.types import Arrays


def score_rows(
    kind: Kind,
    task: Task,
    corpus: Corpus,
    predictions: Sequence[Arrays],
    scores: Sequence[float],
    runs: Mapping[str, Collection[int]],
    fixed: Collection[str] = (),
) -> Scored | None:
    """What each row of the data, or block of rows, adds to the primary metric; None where that is not known.

    Args:
        kind: what the task predicts.
        task: the task.
        corpus: the split that was predicted.
        predictions: of each run.
        scores: of each run, by the primary metric.
        runs: name of each row of the table -> the seeds of its runs, which follow one another.
        fixed: the rows of the table whose training depends on no seed.
    """
    sums = row_sums(kind, task, corpus, predictions, scores)
    if sums is None:
        return None
    values = np.stack([own.values for own in sums], axis=1)  # (R, M, D)
    whole = len(values) == len(corpus)  # else groups of rows already
    running_text = kind.language_model and task.mode == "stream"
    size = block_size(len(values), running_text, values[0].size) if whole else 1
    numbers = iter(range(len(sums)))
    places = [{seed: next(numbers) for seed in seeds} for seeds in runs.values()]
    unit = "row" if size == 1 and whole else f"block of {max(size, math.ceil(len(corpus) / len(values)))} rows"
    blocks, formula = in_blocks(values, size), sums[0].formula
    return Scored(task.primary, task.minimize, list(runs), places, blocks, formula, unit, frozenset(fixed))
