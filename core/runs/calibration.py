"""The calibration of a saved run."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.corpus import Corpus
from core.evaluation.calibration import calibration_table
from core.runs.result import Result
from core.runs.trained_model import load
from core.types import Arrays, Table


def calibration(
    run: Result, arrays: Arrays, corpus: Corpus, bins: int, plugins: Sequence[str] = ()
) -> list[Table]:
    """The table of the calibration of a run's answers; none where they are not right or wrong.

    Args:
        run: a saved run.
        arrays: its predictions. Without the probabilities of all labels its model predicts these again.
        corpus: the split.
        bins: the number of bins.
        plugins: files or modules of plugins that it needs.

    Raises:
        StoreError: the model cannot be read.
    """
    correct = run.kind.correct(arrays, corpus) if run.kind.has_probabilities else None
    if correct is None or not len(correct):
        return []
    if not run.kind.has_confidence(arrays):
        model = load(run.path, plugins=plugins).model
        if not model.normalized:
            return []
        arrays = {**model.predict(corpus, probabilities=True), **arrays}
    probability = run.kind.confidence(arrays)
    return [] if probability is None else [calibration_table(probability, correct, bins)]
