import pytest

from core.config import expand
from core.config.budget import Budget, count_text, parse_budget, seconds_text
from core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "budget", "canonical"),
    [
        ("parameters:1M", Budget(parameters=1_000_000), "parameters:1M"),
        ("parameters:1.5m", Budget(parameters=1_500_000), "parameters:1.5M"),
        ("parameters:250000", Budget(parameters=250_000), "parameters:250k"),
        ("parameters:1234567", Budget(parameters=1_234_567), "parameters:1234567"),
        ("time:60", Budget(seconds=60.0), "time:60s"),
        ("time:5m", Budget(seconds=300.0), "time:5m"),
        ("time:0.5h", Budget(seconds=1800.0), "time:30m"),
        ("time:2.5s", Budget(seconds=2.5), "time:2.5s"),
        ("trials:20", Budget(trials=20), "trials:20"),
        ("trials:20 + parameters:1k", Budget(parameters=1000, trials=20), "parameters:1k+trials:20"),
    ],
)
def test_a_budget_has_one_text_per_meaning(text, budget, canonical):
    assert parse_budget(text) == budget and str(budget) == canonical
    assert parse_budget(canonical) == budget


@pytest.mark.parametrize("text", ["1M", "parameters:x", "time:1d", "trials:2k", "speed:3", "", "time:-1"])
def test_what_is_no_budget_is_refused(text):
    with pytest.raises(ConfigError, match=r"is not a budget; write parameters:1M, time:60s or trials:20"):
        parse_budget(text)


@pytest.mark.parametrize(
    "text", ["parameters:1.5", "time:0", "trials:0", "trials:1.5", "parameters:9000000M", "trials:10001"]
)
def test_numbers_that_no_budget_has_are_refused(text):
    with pytest.raises(ConfigError, match=f"'{text}' is not a (positive|whole) number"):
        parse_budget(text)


def test_two_limits_of_one_kind_are_refused():
    with pytest.raises(ConfigError, match="limits time twice"):
        parse_budget("time:1m+time:60s")


def test_numbers_are_written_exactly():
    assert [count_text(n) for n in (7, 1_000, 1_234, 10_250_000, 2 * 10**9)] == ["7", "1k", "1234", "10.25M", "2G"]
    assert [seconds_text(s) for s in (0.1, 60.0, 90.0, 120.0, 3600.0, 5400.0)] == [
        "0.1s",
        "60s",
        "90s",
        "2m",
        "1h",
        "90m",
    ]


def test_budgets_form_a_grid_and_a_list_is_one_budget():
    grid = expand(["task=pos", "encoder=bilstm", "budget=parameters:250k,parameters:1M"])
    assert [config.budget.parameters for config in grid] == [250_000, 1_000_000]
    (joined,) = expand(["task=pos", "encoder=bilstm", "budget=[trials:20,parameters:1M]"])
    assert joined.budget == Budget(parameters=1_000_000, trials=20)
    assert expand(["task=pos", "encoder=bilstm"])[0].budget == Budget()


def test_the_limits_of_a_run_belong_to_its_identity_but_not_the_number_of_trials():
    def run_id(*arguments):
        return expand(["task=pos", "encoder=window", *arguments])[0].id("data")

    assert run_id() == run_id("budget=none") == run_id("budget=trials:20")
    assert run_id("budget=time:60s") == run_id("budget=time:60") == run_id("budget=time:60s+trials:3")
    assert (
        len({run_id(), run_id("budget=time:60s"), run_id("budget=time:61s"), run_id("budget=parameters:60")}) == 4
    )
