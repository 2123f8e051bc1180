"""``search.KEY=VALUE``: how a search draws its trials, and what a row is called after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trial_cases import expanded

from core.config.search_options import SearchOptions, row_label, tuned_text
from core.errors import ConfigError, UnknownName


def test_a_file_and_the_command_line_set_them(tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text("budget: trials:5\nsearch:\n  seed: 3\n  halving: true\n")
    found = expanded(config=str(file), search__seed=4).search
    assert (found.seed, found.halving, found.engine) == (4, True, "sobol")
    assert expanded(budget="trials:5").search.seed == 1


@pytest.mark.parametrize(
    ("key", "value", "error", "message"),
    [
        ("search__sead", 1, UnknownName, "did you mean 'seed'"),
        ("search__seed", "1,2", ConfigError, "give one"),
        ("search__seed", -1, ConfigError, "does not fit"),
        ("search__engine", "grid", ConfigError, "one of sobol|optuna"),
    ],
)
def test_a_wrong_one_is_refused(key: str, value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        expanded(budget="trials:5", **{key: value})
    assert message in str(raised.value)


def test_without_a_search_they_are_refused() -> None:
    with pytest.raises(ConfigError, match="there is no search"):
        expanded(search__seed=2)


def test_a_row_is_named_after_its_search() -> None:
    def label(trials: int, **options: object) -> str:
        return row_label("rnn", tuned_text(trials, SearchOptions(**options), 7))  # type: ignore[arg-type]

    assert label(20) == "rnn (tuned, 20 trials)" and label(1) == "rnn (tuned, 1 trial)"
    assert label(20, halving=True) == "rnn (tuned, 20 trials, halving)"
    assert label(20, engine="optuna") == "rnn (tuned, 20 trials, optuna)"
    assert row_label("rnn", None) == row_label("rnn", "none") == "rnn"
