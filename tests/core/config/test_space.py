"""The annotations of options for budgets and searches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, get_args

import pytest

from core.config.options import Option, options_of
from core.config.schema import CONCAT_EMBEDDING, TRAINER
from core.config.space import Search, Size, is_size, search_of
from core.hooks import Family
from core.kinds import find_kind
from core.registry import registry
from core.registry.loading import import_target

PARTS = [(section, name) for section in ("encoder", "embedding") for name in registry().names(section)]
HEADS = [
    (kind, family)
    for kind in registry().names("kind")
    for family in get_args(Family)
    if family in find_kind(kind).heads
]


def _searched(options: dict[str, Option]) -> Iterator[tuple[str, Option, Search]]:
    for name, option in options.items():
        if search := search_of(option.annotation):
            yield name, option, search


def _check(options: dict[str, Option], where: str) -> None:
    for name, option, search in _searched(options):
        factor = option.default if search.relative else 1
        for value in search.values:
            scaled = value if search.choices else value * factor
            assert option.check(scaled, where) is not None, f"{where}.{name}"
        if search.when is not None:
            other, values = search.when
            assert all(options[other].check(value, where) == value for value in values), f"{where}.{name}"
            searched = search_of(options[other].annotation)
            assert searched is None or set(values) <= set(searched.choices), f"{where}.{name}"


@pytest.mark.parametrize(("section", "name"), PARTS)
def test_search_lies_in_the_bounds_of_each_option(section: str, name: str) -> None:
    options = options_of(registry().get(section, name).load(), f"{section}={name}")
    assert any(_searched(options)), f"{section}={name} declares no space"
    _check(options, f"{section}={name}")


@pytest.mark.parametrize(("kind", "family"), HEADS)
def test_search_lies_in_the_bounds_of_each_head(kind: str, family: str) -> None:
    _check(options_of(find_kind(kind).import_class("heads", family)), f"head={kind}")


def test_search_lies_in_the_bounds_of_training_and_of_joined_embeddings() -> None:
    train, joined = (options_of(import_target(target, "x")) for target in (TRAINER, CONCAT_EMBEDDING))
    _check(train, "train")
    _check(joined, "embedding")
    assert [name for name, _, _ in _searched(train)] == ["learning_rate"]
    assert [name for name, _, _ in _searched(joined)] == ["dropout"]


def test_each_neural_encoder_has_a_size_of_its_own_or_that_of_its_embedding() -> None:
    for section, name in PARTS:
        spec = registry().get(section, name)
        if section == "encoder" and spec.extra["family"] == "neural":
            sizes = [key for key, option in options_of(spec.load()).items() if is_size(option.annotation)]
            assert len(sizes) == (name != "bag"), name
    assert is_size(options_of(registry().get("embedding", "random").load())["dim"].annotation)


def test_the_types_of_annotated_options_are_read_as_before() -> None:
    options = options_of(registry().get("encoder", "lstm").load())
    assert options["hidden_size"].type_text == "int > 0"
    assert options["hidden_size"].check("64", "here") == 64
    ngram = options_of(registry().get("encoder", "ngram").load())["order"]
    assert (ngram.type_text, ngram.check("auto", "here"), ngram.check("2", "here")) == (
        "int >= 1 or auto",
        "auto",
        2,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"low": 1.0},
        {"low": 2.0, "high": 1.0},
        {"low": 0.0, "high": 1.0, "log": True},
        {"low": 0.0, "high": 1.0, "relative": True},
        {"low": 0.0, "high": 1.0, "choices": (1, 2)},
    ],
)
def test_a_search_without_a_range_or_choices_is_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="Search takes a range"):
        Search(**arguments)  # type: ignore[arg-type]


def test_annotations_are_found_on_the_outside_of_a_union() -> None:
    search = Search(1, 5)
    assert search_of(Annotated[Annotated[int, Size()] | None, search]) is search
    assert search_of(int) is None and not is_size(int | None)
