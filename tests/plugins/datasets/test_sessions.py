"""The shop of sessions: its truth is that of its own rules, and its rows follow them."""

from __future__ import annotations

import numpy as np
import pytest

from core.testing import check_dataset
from plugins.datasets import sessions
from plugins.datasets.sessions import (
    AGAIN,
    ITEMS,
    LEAST,
    STOP,
    TASTES,
    TOGETHER,
    Sessions,
    sample_split,
    shop,
    truth,
)


def by_hand(items: list[int]) -> tuple[np.ndarray, list[float]]:
    """P(next | items) (V,), and the log-probability of each of the items: Bayes' rule with plain loops."""
    weights, logs = [1 / TASTES] * TASTES, []
    for t in range(len(items) + 1):
        each = []
        for taste in range(TASTES):
            p = shop().taste[taste].copy()
            if t:
                again = np.bincount(items[:t], minlength=ITEMS) / t
                p = AGAIN * again + (1 - AGAIN) * (TOGETHER * shop().partner[items[t - 1]] + (1 - TOGETHER) * p)
            each.append(p)
        mixed = sum(w * p for w, p in zip(weights, each, strict=True)) / sum(weights)
        if t == len(items):
            return mixed, logs
        logs.append(np.log(mixed[items[t]] * (1 - (STOP if t >= LEAST else 0))))
        weights = [w * p[items[t]] for w, p in zip(weights, each, strict=True)]
    raise AssertionError


def test_the_truth_is_bayes_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    found, (items, offsets) = truth("dev"), sample_split("dev")
    for row in (0, 3, 700):
        own = items[offsets[row] : offsets[row + 1]].tolist()
        at = int(offsets[row]) + row
        assert found["log_prob"][at : at + len(own)] == pytest.approx(by_hand(own)[1])
        assert found["log_prob"][at + len(own)] == pytest.approx(np.log(STOP))
        for t in range(1, len(own)):
            expected, _ = by_hand(own[:t])
            assert found["above"][at + t] == (expected > expected[own[t]] + 1e-12).sum()
    truth.cache_clear()
    monkeypatch.setattr(sessions, "CHUNK", 333)
    again = truth("dev")
    assert all(np.allclose(found[name], again[name]) for name in found)


def test_each_distribution_sums_to_one() -> None:
    assert by_hand([3, 7, 3])[0].sum() == pytest.approx(1)
    assert shop().partner.diagonal().max() == 0


def test_the_rows_follow_the_rules() -> None:
    items, offsets = sample_split("train")
    lengths = np.diff(offsets)
    assert lengths.min() == LEAST and lengths.mean() == pytest.approx(LEAST + (1 - STOP) / STOP, rel=0.03)
    assert np.array_equal(sample_split.__wrapped__("train")[0], items)
    rows = [items[a:b] for a, b in zip(offsets[:2000], offsets[1:2001], strict=False)]
    pairs = [(row[t], row[t + 1], set(row[: t + 1])) for row in rows for t in range(len(row) - 1)]
    repeated = np.mean([after in seen for _, after, seen in pairs])
    together = np.mean([shop().partner[before, after] > 0 for before, after, _ in pairs])
    assert AGAIN < repeated < AGAIN + 0.1 and (1 - AGAIN) * TOGETHER < together < (1 - AGAIN) * TOGETHER + 0.1


def test_the_data_set_keeps_the_contract() -> None:
    check_dataset("sessions")
    assert Sessions().oracle("row", "test", "left") is None
