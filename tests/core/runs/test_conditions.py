"""The grammar of ``where=``: what binds closer, quotes, and where a text stops being understood."""

from __future__ import annotations

import time

import pytest

from core.errors import ConfigError
from core.runs.conditions import Comparison, Joined, Not, parse

A, B, C = (Comparison(name, "=", "1") for name in "abc")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1", A),
        ("a == 1 ", A),
        ("a='1'", A),
        ('a = "1"', A),
        ("a<>1", Comparison("a", "!=", "1")),
        ("a=1,b=1", Joined((A, B))),
        ("a=1 and b=1 AND c=1", Joined((A, B, C))),
        ("a=1 or b=1 and c=1", Joined((A, Joined((B, C))), is_any=True)),
        ("(a=1 or b=1) and c=1", Joined((Joined((A, B), is_any=True), C))),
        ("a=1 or b=1, c=1", Joined((Joined((A, B), is_any=True), C))),
        ("not a=1 and b=1", Joined((Not(A), B))),
        ("not (a=1, not b=1)", Not(Joined((A, Not(B))))),
        ("a='it''s, (1) and b'", Comparison("a", "=", "it's, (1) and b")),
        ('a="x ""y"""', Comparison("a", "=", 'x "y"')),
        ("a=[2,[3,4]] and b=1", Joined((Comparison("a", "=", "[2,[3,4]]"), B))),
        ("a=salt and-pepper", Comparison("a", "=", "salt and-pepper")),
        ("name=my run,b=1", Joined((Comparison("name", "=", "my run"), B))),
        ("data=x/y-z.txt", Comparison("data", "=", "x/y-z.txt")),
        ("a=", Comparison("a", "=", "")),
        ("a=1; DROP TABLE runs", Comparison("a", "=", "1; DROP TABLE runs")),
        ("a=x=y", Comparison("a", "=", "x=y")),
        ("and=1 and not=2", Joined((Comparison("and", "=", "1"), Comparison("not", "=", "2")))),
        ("encoder.hidden_size>100", Comparison("encoder.hidden_size", ">", "100")),
        ("tokens/s<=1e3", Comparison("tokens/s", "<=", "1e3")),
    ],
)
def test_a_text_says(text: str, expected: object) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a condition is missing at the end"),
        ("seed", "'seed' is not understood"),
        ("a=1 and", "a condition is missing at the end"),
        ("not", "a condition is missing at the end"),
        ("a=1,,b=1", "',b=1' is not understood"),
        ("a=1)", "')' is not understood"),
        ("(a=1", "a parenthesis is not closed"),
        ("a='x", "the quote in ''x' is not closed"),
        ("a='x' b=1", "'b=1' is not understood"),
        ("a=f(1)", "is not understood"),
        ("a LIKE 'x%'", "'a LIKE 'x%'' is not understood"),
        ("(" * 51 + "a=1", "nested more than 50 deep"),
        ("not " * 51 + "a=1", "nested more than 50 deep"),
    ],
)
def test_a_text_that_is_not_understood_is_one_sentence(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text", ["a=" + "[" * 20_000, "a=" + "x " * 20_000 + "(", "a=" + "[1" * 5_000 + "]" * 5_000]
)
def test_a_long_text_takes_no_long_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(ConfigError):
        parse(text)
    assert time.process_time() - start < 2
