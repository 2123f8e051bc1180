"""What a component declares for a search is checked: its values, what they depend on, what they build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from annotated_types import Gt, Le

from core.config.space import Search
from core.registry import Spec
from core.testing.space import check_space


class Good:
    """Declares its space well.

    Args:
        size: its size.
    """

    def __init__(self, *, size: Annotated[int, Gt(0), Search(1, 8)] = 4) -> None: ...


class Outside(Good):
    """A range beyond the bounds."""

    def __init__(self, *, size: Annotated[int, Gt(0), Le(6), Search(1, 8)] = 4) -> None: ...


class Unknown(Good):
    """Depends on an option that it lacks."""

    def __init__(self, *, size: Annotated[int, Search(1, 8, when=("layers", (2,)))] = 4) -> None: ...


class Odd(Good):
    """Refuses half of the values that it declares."""

    def __init__(self, *, size: Annotated[int, Search(1, 8)] = 5) -> None:
        if size % 2 == 0:
            raise ValueError("give an odd number")


class Relative(Good):
    """A multiple of a default that is not a number."""

    def __init__(self, *, size: Annotated[int | None, Search(1, 8, relative=True)] = None) -> None: ...


def spec(target: Callable[..., Any]) -> Spec:
    return Spec("encoder", "one", target, "", "", "")


def test_a_good_space_passes() -> None:
    check_space(spec(Good), lambda drawn: Good(**drawn))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (Outside, "size does not accept 8"),
        (Unknown, "depends on layers, which is not an option"),
        (Odd, "does not build encoder=one: give an odd number"),
        (Relative, "relative to None"),
    ],
)
def test_a_bad_space_is_named(target: type[Good], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_space(spec(target), lambda drawn: target(**drawn))
