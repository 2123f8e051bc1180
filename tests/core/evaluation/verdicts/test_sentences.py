"""Verdicts in plain English, on hand-made verdicts."""

from __future__ import annotations

from core.evaluation.verdicts.seeds import Superiority
from core.evaluation.verdicts.sentences import about, sentences
from core.evaluation.verdicts.verdict import Difference, Verdict

WINS = Superiority(0.92, 0.66, 1.0, 0.03)


def pair(
    first: str, second: str, gap: float, p: float, seeds: int = 3, wins: Superiority | None = None
) -> Difference:
    about = "methods" if wins else "models"
    return Difference(first, second, gap, gap - 0.2, gap + 0.2, p / 3, p, seeds, about, wins)  # type: ignore[arg-type] # text


def made(*pairs: Difference, units: int = 2077, unit: str = "row") -> Verdict:
    names = tuple(dict.fromkeys([name for own in pairs for name in (own.first, own.second)]))
    return Verdict("accuracy", names, (), (), pairs, 0.314, units, unit)


def of(*pairs: Difference, units: int = 2077, unit: str = "row") -> list[str]:
    return sentences(made(*pairs, units=units, unit=unit))


def test_a_winner_is_named_with_the_row_that_comes_next() -> None:
    lines = of(pair("lstm", "cnn", 0.5, 0.0004), pair("lstm", "bag", 2, 0.01), pair("cnn", "bag", 1.5, 0.6))
    assert lines == [
        "lstm is better than every other row; the closest is cnn,"
        " by 0.50 (95 % interval 0.30 to 0.70, p < 0.001).",
        "A difference of 0.31 would be found 4 times in 5 with 2,077 rows and 3 seeds.",
    ]


def test_rows_that_are_not_separated_from_the_best_are_named() -> None:
    lines = of(pair("lstm", "cnn", 0.1, 0.4), pair("lstm", "bag", 2, 0.01), pair("cnn", "bag", 1.9, 0.02))
    assert lines[0] == (
        "lstm is better than bag, by 2.00 (95 % interval 1.80 to 2.20, p = 0.010). It is not separated from cnn."
    )


def test_two_rows_and_a_metric_to_minimise() -> None:
    assert (
        of(pair("a", "b", -5, 0.01))[0] == "a is better than b, by 5.00 (95 % interval 4.80 to 5.20, p = 0.010)."
    )
    assert of(pair("a", "b", -0.1, 1))[0] == (
        "a and b are not separated: they differ by 0.10 (95 % interval -0.10 to 0.30, p = 1.000)."
    )


def test_rows_that_predict_the_same_have_nothing_to_detect() -> None:
    same = Difference("a", "b", 0, 0, 0, 1, 1, 1, "models")
    given = Verdict("accuracy", ("a", "b"), ("a", "a"), ((1, 2), (1, 2)), (same,), 0, 10, "row")
    assert sentences(given) == ["a and b have the same score in every row of the data."]


def test_where_nothing_is_separated_the_widest_gap_is_named() -> None:
    lines = of(pair("a", "b", 0.1, 0.9), pair("a", "c", 0.3, 0.5), pair("b", "c", 0.2, 0.7))
    assert lines[0] == (
        "No row is separated from another; a and c differ most, by 0.30 (95 % interval 0.10 to 0.50, p = 0.500)."
    )


def test_a_best_row_that_is_separated_from_none_does_not_hide_other_pairs() -> None:
    lines = of(pair("a", "b", 0.3, 0.9), pair("a", "c", 0.5, 0.5), pair("b", "c", 0.2, 0.02))
    assert lines[0].startswith("a is not separated from any row; b is better than c, by 0.20")


def test_from_five_seeds_on_it_is_about_methods() -> None:
    lines = of(pair("a", "b", 1, 0.01, 5, WINS), units=64, unit="block of 8 rows")
    assert lines[1:] == [
        "Over 5 seeds, a run of a is better than one of b with a probability of 0.92 (95 % interval 0.66 to 1.00;"
        " almost stochastic order, epsilon_min = 0.03).",
        "A difference of 0.31 would be found 4 times in 5 with 64 blocks of 8 rows and 5 seeds.",
    ]


def test_verdicts_with_few_seeds_are_about_models() -> None:
    few, many = made(pair("a", "b", 1, 0.01)), made(pair("a", "b", 1, 0.01, 5, WINS))
    rest = "about these trained models (3 seeds), not about the methods: that takes 5 seeds."
    assert about([few, few]) == [f"This is {rest}"] and about([many]) == []
    assert about([few, many]) == [f"Pairs with few seeds are {rest}"]


def over(splits: int, seeds: int, kind: str, runs: int = 0) -> Verdict:
    """A verdict over several splits, all but one of which the first row wins."""
    runs = runs or splits * seeds
    own = Difference("a", "b", 1, 0.8, 1.2, 0.01, 0.01, seeds, kind, None, splits, runs, splits - 1)  # type: ignore[arg-type] # text
    return made(own)


def test_verdicts_over_splits_say_what_they_are_about() -> None:
    assert about([over(2, 1, "models")]) == [
        "This is about these trained models (2 splits x 1 seed), not about the methods: that takes more seeds,"
        " or 5 splits."
    ]
    assert about([over(3, 3, "methods")]) == [
        "This is about the methods on these splits (3 splits x 3 seeds), not on other splits of the data:"
        " that takes 5 splits."
    ]
    assert about([over(5, 1, "splits")]) == [
        "This is about the methods on other splits of the same data (5 splits x 1 seed), not on other data."
    ]
    assert about([over(5, 1, "splits"), over(2, 1, "models")]) == [
        "Pairs with few seeds are about these trained models (2 splits x 1 seed), not about the methods:"
        " that takes more seeds, or 5 splits.",
        "Pairs with 5 splits or more are about the methods on other splits of the same data (5 splits x 1 seed),"
        " not on other data.",
    ]
    lines = sentences(over(5, 3, "splits"))
    assert lines[1:] == [
        "On 4 of 5 splits, a scores better than b.",
        "A difference of 0.31 would be found 4 times in 5 with 2,077 rows and 5 splits x 3 seeds.",
    ]
    assert "and 5 splits x 1 to 3 seeds." in sentences(over(5, 1, "splits", 11))[-1]


def test_long_lists_are_counted() -> None:
    lines = of(pair("best", "near", 0.1, 0.5), *(pair("best", f"m{i}", 1, 0.01) for i in range(9)))
    assert lines[0].startswith("best is better than m0, m1, m2 and 6 more; the closest is m0, by 1.00 (")
    assert lines[0].endswith(" It is not separated from near.")
