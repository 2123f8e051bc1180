"""Things registered as a notebook does: a class, replaced by its next version; faults are raised at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import torch
from annotated_types import Gt

import core
from core.errors import PluginError
from core.neural.contract import Encoder
from core.observers import Observer
from core.registry import registry
from core.testing import check_encoder
from plugins.datasets.toy import Toy
from plugins.embeddings.random import Random
from tasks.sentiment import Sentiment


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """What a test registers is gone after it."""
    found = registry()
    found.plugins()
    before = set(found._plugins)
    yield
    for source in set(found._plugins) - before:
        found._forget(source)


class Double(Encoder):
    """Twice the vectors.

    Args:
        by: what they are multiplied by.
    """

    def __init__(self, input_size: int, causal: bool, *, by: Annotated[float, Gt(0)] = 2.0) -> None:
        super().__init__(input_size, causal)
        self.by, self.output_size = by, input_size

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor, carry: Any = None) -> Any:
        return self.by * inputs, None


def test_an_encoder_runs_with_its_options_and_passes_the_check(tmp_path: Any) -> None:
    core.register_encoder("double", Double, sees="left")
    words = {"encoder.by": 3, "data.limit": 50, "train.epochs": 1, "runs": tmp_path, "quiet": True}
    result = core.run(task="sentiment", encoder="double", **words)
    assert result.config["encoder.by"] == "3.0" and result.encoder == "double"
    check_encoder("double", by=1.5)


def test_each_section_has_a_function_and_the_next_version_replaces_the_last() -> None:
    for kind, name, target, more in (
        ("encoder", "a", Double, {"sees": "left"}),
        ("embedding", "b", Random, {}),
        ("task", "c", Sentiment, {"kind": "sequence"}),
        ("dataset", "d", Toy, {}),
        ("observer", "e", Observer, {}),
    ):
        section = {"dataset": "data"}.get(kind, kind)
        register = getattr(core, f"register_{kind}")
        register(name, target, **more)
        register(name, type("Next", (target,), {}), help="next", **more)
        spec = registry().get(section, name)
        assert (spec.load().__name__, spec.help) == ("Next", "next")
        assert spec.source == f"{section}={name}, added by hand"


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("lstm", {"sees": "left"}, "encoder 'lstm' is already registered by plugin seqlab-plugins"),
        ("a b", {"sees": "left"}, "'a b' cannot be a name"),
        ("mine", {"sees": "right"}, "sees='right' is not one of left|both|either"),
    ],
)
def test_a_fault_is_raised_where_it_is_made(name: str, more: dict[str, Any], told: str) -> None:
    with pytest.raises(PluginError) as caught:
        core.register_encoder(name, Double, **more)
    assert told in str(caught.value)
    assert registry().get("encoder", "lstm").plugin == "seqlab-plugins"
