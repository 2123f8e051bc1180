"""The expected calibration error: a case worked by hand, and the definition of Guo et al. (2017) as a loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.evaluation.calibration import calibration_error, calibration_table


def test_a_case_worked_by_hand() -> None:
    probability = np.array([0.9, 0.8, 0.8, 0.3, 0.5])
    correct = np.array([True, True, False, False, True])
    # two bins: (0, 0.5] has 0.3 wrong and 0.5 right: |0.5 - 0.4|; (0.5, 1] has 2 of 3 right: |2 / 3 - 2.5 / 3|
    wanted = 100 * (2 / 5 * 0.1 + 3 / 5 * 0.5 / 3)
    assert calibration_error(probability, correct, bins=2) == pytest.approx(wanted)
    table = calibration_table(probability, correct, bins=2)
    assert table.title == f"calibration: expected calibration error {wanted:.2f} percent (2 bins)"
    assert [row[:2] for row in table.rows] == [("0.000 to 0.500", 2), ("0.500 to 1.000", 3)]
    assert [row[2:] for row in table.rows] == [
        pytest.approx((40, 50, 10)),
        pytest.approx((250 / 3, 200 / 3, -50 / 3)),
    ]


def definition(probability: np.ndarray, correct: np.ndarray, bins: int) -> float:
    error = 0.0
    for m in range(1, bins + 1):
        inside = (probability > (m - 1) / bins) & (probability <= m / bins)
        if inside.any():
            error += inside.sum() / len(probability) * abs(correct[inside].mean() - probability[inside].mean())
    return 100 * float(error)


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_it_is_the_definition_of_guo_et_al(bins: int) -> None:
    random = np.random.default_rng(bins)
    probability = np.append(random.random(500), [1.0, 1 / 15, 0.5])
    correct = random.random(503) < probability
    assert calibration_error(probability, correct, bins) == pytest.approx(definition(probability, correct, bins))


def test_calibrated_and_empty_answers() -> None:
    random = np.random.default_rng(1)
    probability = random.random(200_000)
    assert calibration_error(probability, random.random(200_000) < probability) < 0.5
    assert calibration_error(probability, np.ones(200_000, dtype=bool)) == pytest.approx(50, abs=0.5)
    assert math.isnan(calibration_error(np.zeros(0), np.zeros(0, dtype=bool)))
    assert calibration_error(np.zeros(2), np.zeros(2, dtype=bool)) == 0.0
