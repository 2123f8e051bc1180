"""Regression: a number for each text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from core.data.corpus import Corpus
from core.evaluation import metrics, number_metrics
from core.kinds.row_number import gold_numbers
from core.task import Task
from core.types import Arrays, Table


class Regression(Task):
    """A number for each row, such as a rating or a price; scored by the root of the mean squared error."""

    kind = "number"
    primary = "rmse"
    minimize = True
    minimized = ("mae",)
    defaults: ClassVar[dict[str, Any]] = {"data": "toy-numbers"}

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """RMSE and MAE in the units of the numbers, Pearson's and Spearman's correlation in percent.

        A correlation with constant predictions is not defined, and counts as 0.
        """
        gold, predicted = gold_numbers(corpus), predictions["number"]
        return {
            "rmse": number_metrics.rmse(gold, predicted),
            "mae": number_metrics.mae(gold, predicted),
            "pearson": number_metrics.pearson(gold, predicted),
            "spearman": metrics.spearman(gold, predicted) if len(gold) else float("nan"),
        }

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """The errors by ranges of the right number: whether small ones are predicted too high."""
        gold = gold_numbers(corpus)
        return [number_metrics.range_table("errors by range", gold, predictions["number"])] if len(gold) else []
