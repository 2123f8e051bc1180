"""The check of what a component declares for a search: every value that a trial may draw is valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.config.options import Option, options_of
from core.config.space import search_of
from core.errors import SeqlabError
from core.registry import Spec
from core.search.points import trial_options
from core.search.space import dimensions

DRAWN = 8  # trials whose options build the component


def check_space(spec: Spec, build: Callable[[dict[str, Any]], object]) -> None:
    """Check that the options accept what ``Search`` declares, and that drawn options build the component.

    Args:
        spec: the component.
        build: builds it with some options.

    Raises:
        AssertionError: a value is not valid, or ``when`` names no option.
    """
    options = options_of(spec.load(), spec.where)
    for option in options.values():
        _check_values(option, options)
    defaults = {name: option.default for name, option in options.items()}
    space = dimensions(options, defaults)
    for number in range(1, DRAWN + 1) if space else ():
        drawn = trial_options(1, number, space, defaults)
        try:
            build({name: options[name].check(value, name) for name, value in drawn.items()})
        except (SeqlabError, ValueError, TypeError) as error:
            raise AssertionError(f"search: {drawn} does not build {spec.where}: {error}") from error


def _check_values(option: Option, options: dict[str, Option]) -> None:
    search = search_of(option.annotation)
    if search is None:
        return
    if search.when is not None:
        other, values = search.when
        assert other in options, f"search: {option.name} depends on {other}, which is not an option"
        _check_accepted(options[other], list(values))
    if search.relative and not search.choices:
        assert isinstance(option.default, int | float), f"search: {option.name} is relative to {option.default}"
        _check_accepted(
            option, [float(search.low or 0) * option.default, float(search.high or 0) * option.default]
        )
    else:
        _check_accepted(option, list(search.values))


def _check_accepted(option: Option, values: list[Any]) -> None:
    for value in values:
        try:
            option.check(value, option.name)
        except SeqlabError as error:
            raise AssertionError(f"search: {option.name} does not accept {value}: {error}") from error
