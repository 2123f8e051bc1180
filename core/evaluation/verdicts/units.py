"""The units that a split is resampled in, for models that are compared while they are trained."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.data.corpus import Corpus
from core.evaluation.verdicts.statistics import block_size, in_blocks, row_sums
from core.kinds.base import Kind
from core.row_sums import RowSums
from core.task import Task
from core.types import Arrays

GROUPS = 20


def unit_sums(
    kind: Kind, task: Task, corpus: Corpus, predictions: Sequence[Arrays], scores: Sequence[float]
) -> list[RowSums] | None:
    """What each unit of a split (a row, or a block of rows of running text) adds to the primary metric.

    A metric whose sums nobody knows is computed again without each of ``GROUPS`` parts of the rows: few, since
    there are many models.

    Args:
        kind: what the task predicts.
        task: the task.
        corpus: the split that was predicted.
        predictions: of each model.
        scores: of each model, by the primary metric.

    Returns:
        The sums of each model, with one formula for all; None where they are not known.
    """
    try:
        sums = row_sums(kind, task, [corpus] * len(predictions), predictions, scores, groups=GROUPS)
    except Exception:  # of a plugin whose metric does not work on parts of the rows
        return None
    if not sums or len(sums[0].values) != len(corpus):
        return sums
    running_text = kind.language_model and task.mode == "stream"
    size = block_size(len(corpus), running_text, sum(own.values[0].size for own in sums))
    places = [np.arange(len(corpus)) // size] * len(sums)
    blocks = in_blocks([own.values for own in sums], places, math.ceil(len(corpus) / size))
    return [RowSums(values, own.formula) for values, own in zip(blocks.swapaxes(0, 1), sums, strict=True)]
