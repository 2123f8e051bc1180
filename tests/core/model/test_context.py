"""How a context scores predictions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from neural_cases import corpus

from core.errors import PluginError
from core.model.context import Context

NOTHING = {"label": np.zeros(0, dtype=np.int32)}


def test_a_metric_to_be_minimized_is_turned_and_nan_is_the_worst() -> None:
    for minimize, value, score in ((False, 3.0, 3.0), (True, 3.0, -3.0), (False, math.nan, -math.inf)):
        context = Context(lambda predictions, corpus, value=value: {"m": value, "n": 1}, "m", minimize)
        found, metrics = context.evaluate(NOTHING, corpus("token"))
        assert found == score and metrics["n"] == 1.0 and isinstance(metrics["n"], float)
        assert context.score(NOTHING, corpus("token")) == score


def test_metrics_without_the_primary_one_are_the_fault_of_the_task() -> None:
    with pytest.raises(PluginError, match="metrics returns n, but not the primary metric m"):
        Context(lambda predictions, corpus: {"n": 1.0}, "m").score(NOTHING, corpus("token"))
