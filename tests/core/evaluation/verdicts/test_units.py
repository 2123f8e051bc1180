"""The units of a split for models that are compared while they are trained."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import corpora

from core.evaluation.verdicts.units import unit_sums
from core.kinds import find_kind
from core.task import Task

CORPUS = corpora([(["a"], ["x"]), (["b"], ["y"]), (["a", "b"], ["x"]), (["b"], ["x"])])[0]
GOLD = CORPUS.targets.values[CORPUS.targets.offsets[:-1]]
PREDICTIONS = {"label": np.array([GOLD[0], GOLD[1], GOLD[1], GOLD[1]], dtype=np.int32)}  # half are right


class Counted(Task):
    kind, primary = "sequence", "squared"

    def __init__(self, least: int) -> None:
        super().__init__()
        self.least = least

    def metrics(self, predictions, corpus):
        assert len(corpus) >= self.least, "too few rows"
        gold = corpus.targets.values[corpus.targets.offsets[:-1]]
        return {"squared": float(np.mean(predictions["label"] == gold) ** 2)}


@pytest.mark.parametrize(("score", "scale"), [(50.0, 100), (0.5, 1)])
def test_a_share_of_right_answers_is_the_mean_of_its_rows(score, scale):
    (sums,) = unit_sums(find_kind("sequence"), Counted(0), CORPUS, [PREDICTIONS], [score])
    assert sums.score == score
    np.testing.assert_allclose(sums.pseudo_values(), np.array([1, 1, 0, 0]) * scale, atol=1e-9)


def test_another_metric_is_computed_again_without_each_row():
    (sums,) = unit_sums(find_kind("sequence"), Counted(0), CORPUS, [PREDICTIONS], [0.25])
    assert sums.pseudo_values().mean() == pytest.approx(0.25)
    assert sums.pseudo_values()[0] > sums.pseudo_values()[3]


def test_a_metric_that_fails_on_parts_of_the_rows_has_no_sums():
    assert unit_sums(find_kind("sequence"), Counted(4), CORPUS, [PREDICTIONS], [0.25]) is None
