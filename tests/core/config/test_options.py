"""A constructor's signature as a schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Lt

from core.config import expand
from core.config.options import REQUIRED, argument_help, options_of, type_text
from core.errors import ConfigError, PluginError
from plugins.encoders.ngram.counting.storage import bytes_of

if TYPE_CHECKING:
    from nowhere import Vocab


class Base:
    """A base.

    Args:
        size: not an option.
        dropout: the share of numbers
            that are set to zero.
        cell: which cell.
    """

    def __init__(
        self, size: Vocab, *, dropout: Annotated[float, Ge(0), Lt(1)] = 0.0, cell: Literal["lstm", "gru"] = "lstm"
    ) -> None: ...


class Child(Base):
    """A child.

    Args:
        layers: how many.
        cell: a cell of its own.

    Raises:
        layers: nothing here.
    """

    def __init__(
        self, *, layers: Annotated[int, Gt(0)] = 1, cell: Literal["rnn"] = "rnn", **options: Any
    ) -> None: ...


class Cut(Base):
    """No ``**options``."""

    def __init__(self, *, needed: int) -> None: ...


def test_the_keyword_only_parameters_are_the_options_with_help_and_source() -> None:
    found = options_of(Base)
    assert list(found) == ["dropout", "cell"]
    assert found["dropout"].help == "the share of numbers that are set to zero."
    assert found["dropout"].default == 0.0
    assert found["dropout"].source == f"{__name__}:Base"


def test_double_star_options_mean_the_parents_too_and_the_childs_own_come_first() -> None:
    found = options_of(Child)
    assert list(found) == ["layers", "cell", "dropout"]
    assert (found["cell"].default, found["cell"].help) == ("rnn", "a cell of its own.")
    assert found["dropout"].source == f"{__name__}:Base"


def test_without_double_star_the_parents_options_are_none_of_its_own() -> None:
    found = options_of(Cut)
    assert list(found) == ["needed"] and found["needed"].default is REQUIRED


def test_an_inherited_constructor_counts() -> None:
    class Same(Base):
        """Nothing new."""

    assert options_of(Same) == options_of(Base)


def test_a_function_has_options_too() -> None:
    def load(path: str, *, limit: int | None = None) -> None:
        """Load.

        Args:
            limit: at most so many.
        """

    assert options_of(load)["limit"].help == "at most so many."


def test_an_option_without_annotation_is_an_error_that_names_it() -> None:
    class Bare:
        def __init__(self, *, size=3) -> None: ...

    with pytest.raises(PluginError, match="encoder=bare .*size has no annotation; annotate it"):
        options_of(Bare, "encoder=bare")


class Counting:
    def __init__(self, vocab_size: int, order: int) -> None: ...


class Neural:
    def __init__(self, size: int, causal: bool, hidden: int = 3, *, depth: int = 2) -> None: ...


class Few:
    def __init__(self, rows: int = 3) -> None: ...


class OwnData:
    def __init__(self, data_dir: str | None = None, *, rows: int = 3) -> None: ...


@pytest.mark.parametrize(
    ("target", "where", "message"),
    [
        (Neural, "encoder=own", "hidden is not keyword-only (core supplies input_size and causal)"),
        (Counting, "encoder=own", "order is not keyword-only (core supplies vocab_size)"),
        (Neural, "embedding=own", "causal is not keyword-only (core supplies vocab)"),
        (Few, "task=own", "rows is not keyword-only (core supplies nothing)"),
        (Few, "observer=own", "rows is not keyword-only (core supplies nothing)"),
        (Few, "data=own", "rows is not keyword-only (core supplies data_dir)"),
    ],
)
def test_an_option_before_the_star_is_an_error_that_says_where_the_star_goes(
    target: type, where: str, message: str
) -> None:
    with pytest.raises(PluginError) as caught:
        options_of(target, where)
    name = message.partition(" ")[0]
    assert str(caught.value) == f"{where}: the option {message}; write *, before {name} in __init__"
    assert set(options_of(OwnData, "data=own")) == {"rows"} and options_of(target) is not None


def test_an_annotation_that_cannot_be_resolved_is_an_error_that_names_it() -> None:
    class Lost:
        def __init__(self, *, size: Vocab = 3) -> None: ...

    with pytest.raises(PluginError, match="size cannot be resolved.*import its names"):
        options_of(Lost)


def check(hint: Any, value: object) -> object:
    def function(*, key: int = 0) -> None: ...

    function.__annotations__["key"] = hint
    return options_of(function)["key"].check(value, "section.key")


@pytest.mark.parametrize(
    ("hint", "text", "value"),
    [
        (int, "200", 200),
        (float, "1e-3", 1e-3),
        (bool, "no", False),
        (bool, "true", True),
        (str, "200", "200"),
        (Path, "a/b", Path("a/b")),
        (float | None, "none", None),
        (str | None, "none", None),
        (Literal["all", "none"], "none", "none"),
        (Literal[2, 3], "3", 3),
        (int | Literal["auto"], "auto", "auto"),
        (int | Literal["auto"], "4", 4),
        (list[int], ["2", "3"], [2, 3]),
        (tuple[int, ...], ["2", "3"], (2, 3)),
        (list[int | None], ["2", "none"], [2, None]),
        (Annotated[int, Ge(1)] | None, "1", 1),
        (float, 0.5, 0.5),
    ],
)
def test_text_becomes_what_the_annotation_says(hint: Any, text: object, value: object) -> None:
    found = check(hint, text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("hint", "text", "remedy"),
    [
        (Annotated[int, Gt(0)], "0", "it takes int > 0"),
        (Annotated[int, Gt(0)], "none", "it takes int > 0"),
        (int, "2.5", "it takes int"),
        (float, "nan", "it takes number"),
        (str, "none", "it takes text"),
        (int, ["1"], "it takes int"),
        (list[int], "1", "it takes [int, ...]"),
        (Literal["adamw", "sgd"], "sdg", "did you mean 'sgd'? (it takes one of adamw|sgd)"),
        (Literal["adamw", "sgd"], "xyz", "it takes one of adamw|sgd"),
    ],
)
def test_a_bad_value_is_an_error_that_names_what_fits(hint: Any, text: object, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(hint, text)
    assert caught.value.where == "section.key" and caught.value.remedy == remedy


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (Annotated[int, Gt(0)], "int > 0"),
        (Annotated[float, Ge(0), Lt(1)], "number >= 0, < 1"),
        (Literal["a", "b", "c"], "one of a|b|c"),
        (float | None, "number or none"),
        (Annotated[int, Ge(1)] | Literal["auto"], "int >= 1 or auto"),
        (list[int], "[int, ...]"),
        (bool, "true or false"),
        (str | None, "text or none"),
    ],
)
def test_types_are_written_for_people(hint: Any, text: str) -> None:
    assert type_text(hint) == text


def test_only_the_args_section_of_a_docstring_is_read() -> None:
    assert argument_help(
        "Do.\n\nArgs:\n    a: one,\n        see: two.\n    b (int): three.\n\nReturns:\n    c: no."
    ) == {
        "a": "one, see: two.",
        "b": "three.",
    }


@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "9" * 4000])
def test_numbers_beyond_64_bits_are_refused(text: str) -> None:
    for key, value in (("data.max_length", text), ("encoder.prune", f"[0,{text}]"), ("task.min_count", text)):
        with pytest.raises(ConfigError, match=rf"{key}: .*(beyond 64 bits|does not fit)"):
            expand(["task=lm", "encoder=ngram", f"{key}={value}"])
    expand(["task=lm", "encoder=ngram", "data.max_length=9223372036854775807"])


@pytest.mark.parametrize("text", ["9" * 400 + "GB", "9" * 30 + "TB", "9" * 5000])
def test_an_amount_of_memory_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"encoder\.memory: so many bytes are beyond 64 bits"):
        bytes_of(text)
