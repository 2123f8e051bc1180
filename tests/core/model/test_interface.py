"""Every model of every family offers the whole interface."""

from __future__ import annotations

import pytest

from core.kinds import find_kind
from core.model.interface import Explainable, LanguageModel, Model, Vectorizer
from core.registry import registry


@pytest.mark.parametrize("name", registry().names("kind"))
@pytest.mark.parametrize("family", ["neural", "counting"])
def test_the_model_of_a_kind_is_what_the_kind_says(name: str, family: str) -> None:
    kind = find_kind(name)
    if family not in kind.heads:
        pytest.skip(f"the {family} family has no head for {name}")
    model = kind.import_class("models", family)
    assert issubclass(model, Model) and model.family == family
    assert issubclass(model, LanguageModel) == kind.language_model
    assert issubclass(model, Explainable) == issubclass(model, Vectorizer) == (family == "neural")
