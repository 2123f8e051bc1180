"""The warning that rows of a column were trained under different settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from results import made

from core.runs.result import Result
from core.view.report.material import collect
from core.view.report.settings import different_settings, settings_part, warning


def _run(number: int, **keys: object) -> Result:
    run = made(90.0 - number, number, **keys)
    return replace(run, encoder=f"encoder{number}", config={**run.config, "task": "pos", "data": "toy"})


def _warnings(*runs: Result) -> list[str]:
    _, (column,) = collect(runs, (), ())
    return warning(column)


def test_the_warning_names_the_keys_and_the_values() -> None:
    runs = [
        _run(1, data_limit=500, train_steps=50),
        _run(2, data_limit=500),
        _run(3, data_limit=2000, budget="none"),
    ]
    (text,) = _warnings(*runs)
    assert text.startswith("Warning: pos on toy: rows were trained under different settings")
    assert text.endswith(": data.limit=500 (2 rows), 2000 (1 row).")
    _, (column,) = collect(runs, (), ())
    part = settings_part(column)
    assert part and [[cell.text for cell in row] for row in part.folded["Settings of each row"][0].rows] == [
        ["encoder1", "500"],
        ["encoder2", "500"],
        ["encoder3", "2000"],
    ]


def test_equal_settings_are_not_warned_about() -> None:
    assert _warnings(_run(1, train_steps=50), _run(2, train_steps=50)) == []


@pytest.mark.parametrize("key", ["encoder_size", "head_dropout", "data_split_seed"])
def test_options_that_are_not_of_the_training_are_not_warned_about(key: str) -> None:
    assert _warnings(_run(1, **{key: 7}), _run(2, **{key: 9})) == []


def test_a_key_chosen_on_dev_or_left_to_the_defaults_of_the_encoders_is_not_given() -> None:
    chosen = replace(_run(2, train_epochs=7), chosen={"train.epochs": 7})
    _, (column,) = collect([_run(1, train_epochs=3), chosen], (), ())
    assert not any(different_settings(column).values())


def test_defaults_of_the_parts_that_differ_are_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.view.report import settings

    rates = {"encoder1": "0.1", "encoder2": "0.2"}
    monkeypatch.setattr(settings, "defaults", lambda parts: {"train.learning_rate": rates[parts["encoder"]]})
    runs = [_run(number, train_learning_rate=rates[f"encoder{number}"]) for number in (1, 2)]
    runs = [replace(run, config={**run.config, "encoder": run.encoder}) for run in runs]
    assert _warnings(*runs) == []
    runs[1] = replace(runs[1], config={**runs[1].config, "train.learning_rate": "0.5"})
    assert "train.learning_rate=0.1 (1 row), 0.5 (1 row)" in _warnings(*runs)[0]
