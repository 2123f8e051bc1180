"""Conditions on saved runs: options, scores, costs and columns, as numbers or as text."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from results import made

from core.errors import ConfigError, UnknownName
from core.runs import keys
from core.runs.result import Result


def results() -> list[Result]:
    first = made(50.0, 1, dev=95.5, encoder_hidden_size=64, encoder_widths="[2,3]", seed=1)
    second = made(60.0, 2, dev=90.0, encoder_hidden_size=128, encoder_widths="[3,4]", name="best")
    third = replace(made(70.0, 3, task="lm"), encoder="ngram", embedding="", seed=2)
    return [first, second, third]


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ([], "123"),
        (["encoder.hidden_size>=128"], "2"),
        (["encoder.hidden_size<128", "seed=1"], "1"),
        (["encoder.hidden_size=64.0"], "1"),
        (["encoder.hidden_size!=64"], "2"),
        (["encoder.hidden_size > 64"], "2"),
        (["encoder.widths=[2,3]"], "1"),
        (["name=best"], "2"),
        (["name!=best"], "13"),
        (["embedding=none"], "3"),
        (["encoder!=ngram"], "12"),
        (["dev.pos>=90"], "12"),
        (["dev.pos>90"], "1"),
        (["test.lm=70", "seed=2"], "3"),
        (["dev.pos.macro_f1<=4.5"], "1"),
        (["test>55"], "23"),
        (["parameters<=10"], "123"),
        (["tokens/s<5"], ""),
        (["device=cuda"], ""),
        (["device>1"], ""),
        (["id=000000000002"], "2"),
    ],
)
def test_where_keeps_the_runs_that_meet_all_conditions(conditions: list[str], found: str) -> None:
    assert "".join(run.id[-1] for run in keys.where(results(), *conditions)) == found


@pytest.mark.parametrize(
    ("condition", "kind", "message"),
    [
        ("nonsense", ConfigError, "'nonsense' is not understood; write KEY=VALUE"),
        ("=3", ConfigError, "is not understood"),
        ("seed>a", ConfigError, "seed> takes a number, not 'a'"),
        ("seed>nan", ConfigError, "takes a number"),
        ("seed>", ConfigError, "takes a number"),
        (
            "encoder.hiden_size=3",
            UnknownName,
            "'encoder.hiden_size'; did you mean 'encoder.hidden_size'",
        ),
        ("zzz=1", UnknownName, "choose from: id, name, task"),
        ("dev.lm.accuracyy=1", UnknownName, "did you mean"),
    ],
)
def test_a_wrong_condition_is_an_error(condition: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as error:
        keys.where(results(), condition)
    assert message in str(error.value)


def test_a_score_that_is_not_a_number_meets_nothing() -> None:
    run = made(math.nan)
    assert keys.value(run, "test.pos") is None
    assert keys.where([run, made(1.0)], "test.pos!=7")[0].score == 1.0
