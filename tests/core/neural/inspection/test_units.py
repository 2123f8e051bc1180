"""The unit that follows a property best: worked examples, scikit-learn, and what a search finds by chance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from core.neural.inspection.units import areas, best_threshold, correlations, f1_of, grade, most_varying, search


def random_values(seed=0, tokens=200, units=7):
    return np.random.default_rng(seed).normal(size=(tokens, units)).round(1)  # with ties


def test_areas_and_correlations_are_those_of_other_programs():
    values, random = random_values(), np.random.default_rng(1)
    yes = random.random(200) < 0.3
    np.testing.assert_allclose(areas(values, yes), [roc_auc_score(yes, column) for column in values.T])
    number = random.normal(size=200) + values[:, 2]
    expected = [np.corrcoef(column, number)[0, 1] for column in values.T]
    np.testing.assert_allclose(correlations(values, number), expected)


def test_a_unit_that_never_changes_follows_nothing():
    assert correlations(np.ones((5, 1)), np.arange(5.0)).tolist() == [0.0]
    assert areas(np.ones((4, 1)), np.array([True, False, True, False])).tolist() == [0.5]
    assert areas(np.ones((2, 1)), np.array([True, True])).tolist() == [0.5]


def test_the_threshold_by_hand():
    values, yes = np.array([0.0, 1.0, 2.0, 3.0]), np.array([False, False, True, True])
    assert best_threshold(values, yes) == 1.5
    assert best_threshold(np.ones(4), yes) < 1  # all alike: always yes


def test_no_threshold_is_better():
    values, yes = random_values(3)[:, 0], np.random.default_rng(4).random(200) < 0.4
    best = f1_of(values > best_threshold(values, yes), yes)
    every = [f1_score(yes, values > edge) * 100 for edge in np.unique(values) - 0.05]
    assert best == pytest.approx(max(every))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_planted_unit_is_found_and_graded(sign):
    random = np.random.default_rng(5)
    yes = random.random(400) < 0.5
    values = random.normal(size=(400, 9))
    values[:, 4] = sign * (yes + 0.1 * random.normal(size=400))
    found = search(values[:200], yes[:200])
    graded = grade(found, values[200:], yes[200:])
    assert (found.unit, found.sign) == (4, sign) and found.score > 0.99
    assert graded.score > 0.99 and graded.f1 > 98
    assert graded.always == pytest.approx(100 * f1_score(yes[200:], np.ones(200)))
    number = np.arange(400.0)
    values[:, 7] = -sign * number
    found = search(values[:200], number[:200])
    assert (found.unit, found.sign, found.threshold) == (7, -sign, None)
    assert grade(found, values[200:], number[200:]).score == pytest.approx(1.0)


def test_what_a_search_finds_by_chance_does_not_hold_on_other_tokens():
    random = np.random.default_rng(6)
    values, number = random.normal(size=(2000, 300)), random.normal(size=2000)
    found = search(values[:100], number[:100])
    assert found.score > 0.2 and abs(grade(found, values[100:], number[100:]).score) < 0.1


def test_most_varying_units_in_their_order():
    values = np.array([[0.0, 5.0, 1.0], [0.1, -5.0, 3.0]])
    assert most_varying(values, 2).tolist() == [1, 2]
