from types import SimpleNamespace

import pytest

from core.view.budgets import budget_of, budget_text


def runs(*pairs):
    return [
        SimpleNamespace(encoder=encoder, config={"budget": budget} if budget else {}) for encoder, budget in pairs
    ]


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ([], ""),
        ([("lstm", None), ("ngram", "none")], ""),
        ([("lstm", "parameters:1M"), ("gru", "parameters:1M")], "budget: 1M parameters"),
        (
            [("lstm", "parameters:1M"), ("ngram", "none"), ("crf", "none")],
            "budget: 1M parameters (not ngram, crf)",
        ),
        ([("lstm", "time:60s"), ("ngram", "time:60s")], "budget: 60s of training"),
        ([("lstm", "parameters:250k+time:5m+trials:20")], "budget: 250k parameters, 5m of training, 20 trials"),
        ([("lstm", "parameters:1M"), ("lstm", "parameters:2M")], ""),
        ([("lstm", "parameters:1M"), ("lstm", "none")], ""),
    ],
)
def test_a_table_says_the_budget_that_its_rows_share(pairs, text):
    assert budget_text(runs(*pairs)) == text


def test_a_row_has_one_budget_or_none():
    assert budget_of(runs(("a", "time:1m"), ("a", "time:1m"))) == "time:1m"
    assert (
        budget_of(runs(("a", None))) == budget_of([]) == budget_of(runs(("a", "time:1m"), ("a", "time:2m"))) == ""
    )
