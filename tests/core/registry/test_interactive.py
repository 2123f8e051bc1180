"""Things registered as a notebook does: a class, replaced by its next version; faults are raised at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import torch
from annotated_types import Gt

import core
from core.config import expand
from core.errors import PluginError, UnknownName
from core.experiment.grid import run_grid
from core.experiment.observers import Observer
from core.neural.base import Encoder
from core.registry import registry
from core.testing import check_dataset, check_encoder
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


PEEK = """
from core import hookimpl
from core.neural.base import Encoder

class Peek(Encoder):
    def __init__(self, input_size, causal):
        super().__init__(input_size, causal)
        self.output_size = input_size

    def forward(self, inputs, lengths, carry=None):
        return inputs + inputs.roll(-1, 1), None

@hookimpl
def register_encoders(register):
    register("peek", Peek, sees="left", help="")
"""


def test_an_encoder_that_peeks_is_refused_by_its_name_and_that_of_its_plugin(tmp_path: Path) -> None:
    (tmp_path / "peek.py").write_text(PEEK)
    words = {"plugin": str(tmp_path / "peek.py"), "data.limit": 50, "runs": tmp_path, "quiet": True}
    with pytest.raises(PluginError) as caught:
        core.run(task="lm", encoder="peek", **words)
    assert str(caught.value).startswith("encoder=peek: causality: states before position ")
    assert str(caught.value).endswith(f"fix plugin peek ({tmp_path / 'peek.py'}), or leave encoder=peek out")


def test_a_check_finds_what_stands_in_one_file_and_says_how_to_register_what_it_does_not(tmp_path: Path) -> None:
    (tmp_path / "peek.py").write_text(PEEK.replace('"peek"', '"glance"'))
    with pytest.raises(UnknownName) as caught:
        check_encoder("glance")
    message = 'register it first: core.register_encoder("glance", ...), or name its plugin: plugin="FILE.py"'
    assert str(caught.value).endswith(message)
    with pytest.raises(AssertionError, match="^causality"):
        check_encoder("glance", plugin=tmp_path / "peek.py")
    (tmp_path / "broken.py").write_text("1 / 0")
    with pytest.raises(AssertionError, match="^plugin: plugin broken .*division by zero"):
        check_dataset("glance", plugin=str(tmp_path / "broken.py"))
    with pytest.raises(UnknownName, match=r"core.register_dataset\("):
        check_dataset("glance")


BOTH = """
from core import hookimpl
from plugins.datasets.toy import Toy
from tasks.sentiment import Sentiment

class Data(Toy):
    pass

class Task(Sentiment):
    def metrics(self, predictions, corpus):
        return {"f": predictions["nothing"]}

@hookimpl
def register_tasks(register):
    register("judge", Task, kind="sequence", help="")

@hookimpl
def register_datasets(register):
    register("rows", Data, help="")
"""


def test_of_several_things_in_one_file_the_one_that_raised_is_blamed(tmp_path: Path) -> None:
    (tmp_path / "both.py").write_text(BOTH)
    words = ["task=judge", "data=rows", "encoder=ngram", "encoder.order=1", f"runs={tmp_path}", "quiet=true"]
    outcome = run_grid(expand([*words, f"plugin={tmp_path / 'both.py'}"]))
    assert str(outcome.failures[0].error).startswith("task=judge: raised KeyError: 'nothing' (")


class Nameless(Sentiment):
    """Has a primary metric that it does not compute."""

    primary = "f2"


@pytest.mark.parametrize("encoder", ["ngram", "bag"])
def test_a_task_without_its_primary_metric_is_told_so(encoder: str, tmp_path: Path) -> None:
    core.register_task("nameless", Nameless)
    with pytest.raises(PluginError, match="^task: metrics returns accuracy.*, but not the primary metric f2"):
        core.run(task="nameless", encoder=encoder, runs=tmp_path, quiet=True, **{"data.limit": 50})


def test_a_run_of_two_files_is_loaded_with_both(tmp_path: Path) -> None:
    two = str(tmp_path / "two, the second.py"), str(tmp_path / "both.py")
    Path(two[0]).write_text(PEEK.replace('"peek"', '"glimpse"').replace("left", "both"))
    text = BOTH.replace('"judge"', '"look"').replace('"rows"', '"lines"')
    Path(two[1]).write_text(text.replace('"f": predictions["nothing"]', '"accuracy": 1.0'))
    words = {"plugin": [*two], "data.limit": 50, "train.epochs": 1, "quiet": True, "runs": tmp_path}
    result = core.run(task="look", encoder="glimpse", data="toy", fresh=True, **words)
    assert core.load(result.folder, plugins=two).predict(["the cats ."])


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
        assert spec.source == f"{section}={name}, added interactively"


def test_a_task_is_of_the_kind_that_its_class_says() -> None:
    core.register_task("own", Sentiment)
    assert registry().get("task", "own").extra["kind"] == "sequence"
    with pytest.raises(PluginError, match="missing a required argument: 'kind'"):
        core.register_task("own", "tasks.sentiment:Sentiment")


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("lstm", {"sees": "left"}, "encoder 'lstm' is already registered by plugin seqlab-plugins"),
        ("a b", {"sees": "left"}, "'a b' is not a valid name"),
        ("mine", {"sees": "right"}, "sees='right' is not one of left|both|either"),
    ],
)
def test_a_fault_is_raised_where_it_is_made(name: str, more: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError) as caught:
        core.register_encoder(name, Double, **more)
    assert message in str(caught.value)
    assert registry().get("encoder", "lstm").plugin == "seqlab-plugins"
