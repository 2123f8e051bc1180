"""The grammar of words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.overrides import alternatives, parse, render
from core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3", ("3",)),
        ("1,2,3", ("1", "2", "3")),
        ("[2,3,4]", (["2", "3", "4"],)),
        ("[2,3],[4]", (["2", "3"], ["4"])),
        ("[[1,2],[3]]", ([["1", "2"], ["3"]],)),
        ("[]", ([],)),
        ("random+affix,random", ("random+affix", "random")),
        ("1, 2", ("1", "2")),
        ('"a,b"', ("a,b",)),
        (",", (",",)),
        ('["a,b",c]', (["a,b", "c"],)),
        ('"say ""x"""', ('say "x"',)),
        ('5"disk', ('5"disk',)),
        ("a=b", ("a=b",)),
        ("x[1,2]", ("x[1,2]",)),
    ],
)
def test_a_comma_outside_brackets_and_quotes_makes_a_grid(text: str, values: tuple[object, ...]) -> None:
    assert alternatives(text, "key") == values


@pytest.mark.parametrize("text", ["", "1,,2", "1,", "[1", "1]", "[1,]", "[1]2", "[1][2", '"a', '"a"b'])
def test_a_malformed_value_is_an_error_that_names_the_key(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^encoder\.widths: "):
        alternatives(text, "encoder.widths")


scalars = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.one_of(scalars, st.lists(st.one_of(scalars, st.lists(scalars, max_size=2)), max_size=3)))
def test_what_is_rendered_reads_back_as_one_value(value: object) -> None:
    assert alternatives(render(value), "key") == (value,)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "none"), (True, "true"), (1e-05, "1e-05"), ([1, 2], "[1,2]"), ("a,b", '"a,b"')]
)
def test_values_of_python_are_rendered_as_the_user_writes_them(value: object, text: str) -> None:
    assert render(value) == text


def test_words_are_read_in_order() -> None:
    found = parse(["task=pos", "encoder.hidden_size=100,200"])
    assert [(g.key, g.values) for g in found.values()] == [
        ("task", ("pos",)),
        ("encoder.hidden_size", ("100", "200")),
    ]


def test_keywords_of_python_mean_the_same_and_objects_stand_for_themselves() -> None:
    thing = object()
    found = parse(
        {"seed": [1, 2], "encoder": "a,b", "runs": Path("x,y"), "data": thing, "quiet": True, "name": None}
    )
    assert {key: item.values for key, item in found.items()} == {
        "seed": (["1", "2"],),
        "encoder": ("a", "b"),
        "runs": ("x,y",),
        "data": (thing,),
        "quiet": ("true",),
        "name": ("none",),
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lstm"], "'lstm' has no '='; write key=value"),
        (["--seed=1"], "without dashes: seed="),
        (["seed=1", "seed=2"], "seed: given twice; give it once"),
        (["a b=1"], "'a b' is not a key"),
        (["=1"], "'' is not a key"),
    ],
)
def test_a_wrong_word_is_an_error_with_the_remedy(words: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(words)
    assert message in str(caught.value)
