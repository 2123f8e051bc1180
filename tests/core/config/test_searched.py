"""The ends of a searched range are checked when the runs are planned, and the error names who declares it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Grid, expand
from core.errors import PluginError
from core.registry import Registry

PLUGIN = """
from typing import Annotated, Literal
from annotated_types import Ge, Lt
from core import hookimpl
from core.config.space import Search

class Decay:
    def __init__(self, input_size, causal, *, rate: Annotated[float, Ge(0), Lt(1), Search(0.1, 1.5)] = 0.5): ...

Form = Annotated[Literal["sum", "mean"], Search(choices=("sum", "max"))]
Rate = Annotated[float, Lt(1), Search(0.5, 3, relative=True)]

class Chosen:
    def __init__(self, input_size, causal, *, form: Form = "sum"): ...

class Scaled:
    def __init__(self, input_size, causal, *, rate: Rate = 0.5): ...

@hookimpl
def register_encoders(register):
    for one in (Decay, Chosen, Scaled):
        register(one.__name__.lower(), one, sees="left", help="has a range that leaves its option")
"""


@pytest.fixture
def registered(tmp_path: Path) -> Registry:
    (tmp_path / "ranges.py").write_text(PLUGIN)
    found = Registry()
    found.load(str(tmp_path / "ranges.py"))
    return found


def grid(registered: Registry, *overrides: str) -> Grid:
    return expand(["task=pos", "embedding=random", "budget=trials:4", *overrides], registered)


@pytest.mark.parametrize(
    "text",
    [
        "encoder=decay: rate: Search(0.1, 1.5) leaves its range (>= 0, < 1)",
        "encoder=chosen: form: Search(choices=(sum, max)) leaves its range (one of sum|mean)",
        "encoder=scaled: rate: Search(0.5, 3, relative=True) of the default 0.5 leaves its range (< 1)",
    ],
)
def test_a_search_beyond_the_range_of_its_option_is_named(text: str, registered: Registry) -> None:
    encoder = text.partition(":")[0]
    with pytest.raises(PluginError) as error:
        grid(registered, encoder)
    assert str(error.value).startswith(text)
    assert len(grid(registered, encoder, f"encoder.{text.split(': ')[1]}={'sum' if 'sum' in text else 0.5}")) == 1
    assert len(expand(["task=pos", encoder], registered)) == 1  # nothing is searched


def test_in_a_grid_it_costs_the_runs_of_its_encoder(registered: Registry) -> None:
    found = grid(registered, "encoder=decay,bag", "seed=1,2")
    assert [run.encoder.name for run in found] == ["bag", "bag"]
    (note,) = found.notes
    assert note.startswith("left out: encoder=decay: rate: Search(0.1, 1.5)")
