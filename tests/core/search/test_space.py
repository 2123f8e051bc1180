"""Which options of a run are searched, and the values that numbers stand for."""

from __future__ import annotations

import pytest
from trial_cases import expanded

from core.config.changed import values_of, with_values
from core.search.space import Dimension, space_of

ENCODER = {"encoder.hidden_size", "encoder.num_layers", "encoder.dropout"}
SHARED = {"embedding.dropout", "embedding.random.dim", "embedding.random.word_dropout"}


@pytest.mark.parametrize(
    ("dimension", "unit", "value"),
    [
        (Dimension("a", choices=("x", "y", "z")), 0.34, "y"),
        (Dimension("a", low=1, high=5, is_whole=True), 0.0, 1),
        (Dimension("a", low=1, high=5, is_whole=True), 0.199, 1),
        (Dimension("a", low=1, high=5, is_whole=True), 0.201, 2),
        (Dimension("a", low=1, high=5, is_whole=True), 0.9999, 5),
        (Dimension("a", low=0.0, high=0.6), 0.5, 0.3),
        (Dimension("a", low=1e-4, high=1e-2, log=True), 0.5, 1e-3),
        (Dimension("a", low=1e-4, high=1e-2, log=True), 0.1234567, 0.000177),
        (Dimension("a", low=32, high=512, log=True, is_whole=True), 0.5, 127),  # the root of 31.5 x 512.5
        (Dimension("a", low=0.12345, high=0.6), 0.0, 0.12345),  # rounding stays in the range
    ],
)
def test_a_number_stands_for_a_value(dimension: Dimension, unit: float, value: object) -> None:
    found = dimension.value(unit)
    assert found == value and type(found) is type(value)


def keys(**overrides: object) -> set[str]:
    return {dimension.key for dimension in space_of(expanded(**overrides)[0])}


def test_the_space_of_a_run_is_that_of_its_parts() -> None:
    both = {"head.dropout", "train.learning_rate"}
    assert keys(encoder="lstm", task="lm") == ENCODER | SHARED | both
    assert keys(encoder="ngram", task="lm") == {"encoder.order", "encoder.smoothing"}


def test_what_the_user_sets_is_not_searched() -> None:
    fixed = keys(encoder="lstm", task="lm", encoder__hidden_size=64, embedding__dim=50, train__learning_rate=5)
    assert fixed == {"encoder.num_layers", "encoder.dropout", "embedding.dropout", "head.dropout"} | {
        "embedding.random.word_dropout"
    }
    preset = keys(task="pos", preset="ewt-bilstm", data="toy", encoder="bilstm", embedding="random+affix")
    assert "encoder.num_layers" in preset and "train.learning_rate" not in preset


def test_a_budget_of_parameters_solves_the_sizes() -> None:
    sizes = {"encoder.hidden_size", "embedding.random.dim"}
    budget = keys(encoder="lstm", task="lm", budget="parameters:1M+trials:5")
    assert budget == keys(encoder="lstm", task="lm") - sizes


def test_a_relative_range_is_a_multiple_of_the_default_of_the_run() -> None:
    def rate(task: str) -> Dimension:
        space = space_of(expanded(encoder="lstm", task=task)[0])
        return next(dimension for dimension in space if dimension.key == "train.learning_rate")

    assert (rate("lm").low, rate("lm").high) == pytest.approx((2.0, 60.0))
    assert (rate("pos").low, rate("pos").high) == pytest.approx((3e-4, 9e-3))


def test_a_run_with_other_values_is_that_of_the_same_arguments() -> None:
    usual = expanded(encoder="lstm", task="lm")[0]
    changed = with_values(usual, {"encoder.hidden_size": 64, "embedding.random.dim": 50, "seed": 3, "test": False})
    given = expanded(encoder="lstm", task="lm", encoder__hidden_size=64, embedding__dim=50, seed=3, test="false")
    assert changed.flat() == given[0].flat()
    assert with_values(usual, values_of(usual)).flat() == usual.flat()
    assert with_values(usual, {"test": False}).id() != usual.id() != with_values(usual, {"tuned": "x"}).id()
