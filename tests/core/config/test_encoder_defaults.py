"""Defaults that an encoder sets for the kinds of task: their precedence, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import run_command

from core.config import RunConfig, expand, presettings
from core.errors import PluginError
from core.registry import Registry

PLUGIN = """
from core import hookimpl
from plugins.encoders.bag import Bag
from tasks.sentiment import Sentiment


class Own(Bag):
    '''A bag with defaults of its own.'''

    defaults = {defaults!r}


class Strict(Sentiment):
    '''A task with a default of its own.'''

    defaults = {{"train.steps": 77}}


@hookimpl
def register_encoders(register):
    register("own", Own, sees="either", help="")


@hookimpl
def register_tasks(register):
    register("strict", Strict, kind="sequence", help="")


@hookimpl
def register_presets(register):
    register("p", ":p.yaml", help="")
"""
SEQUENCE = {"train.learning_rate": 5e-3, "head.dropout": 0.25, "train.steps": 99, "embedding.scale": 2.0}


def plugin(folder: Path, defaults: Any) -> str:
    (folder / "own_defaults.py").write_text(PLUGIN.format(defaults=defaults))
    (folder / "p.yaml").write_text("train.steps: 55\nhead.dropout: 0.1")
    return str(folder / "own_defaults.py")


@pytest.fixture
def one(tmp_path: Path) -> Any:
    found = Registry()

    def resolve(defaults: Any, *words: str) -> RunConfig:
        found.load(plugin(tmp_path, defaults))
        (config,) = expand([*words], found)
        return config

    return resolve


def test_the_order_is_head_encoder_task_preset_file_arguments(one: Any, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("train.steps: 44")
    defaults, base = {"sequence": SEQUENCE}, ["task=strict", "encoder=own"]
    assert one({}, *base).train["learning_rate"] == 3e-3  # head
    own = one(defaults, *base)
    assert (own.train["learning_rate"], own.head["dropout"]) == (5e-3, 0.25)  # encoder over head
    assert own.train["steps"] == 77  # task over encoder
    assert own.embeddings["random"].options["scale"] == 2.0
    assert one(defaults, "task=sentiment", "encoder=own").train["steps"] == 99
    preset = one(defaults, *base, "preset=p")
    assert (preset.train["steps"], preset.head["dropout"]) == (55, 0.1)  # preset over both
    assert one(defaults, *base, "preset=p", f"config={tmp_path / 'c.yaml'}").train["steps"] == 44
    assert one(defaults, *base, f"config={tmp_path / 'c.yaml'}", "train.steps=33").train["steps"] == 33


def test_defaults_are_for_their_kind_alone(one: Any) -> None:
    assert one({"sequence": SEQUENCE}, "task=pos", "encoder=own").train["learning_rate"] == 3e-3
    other = one({"sequence": SEQUENCE}, "task=sentiment", "encoder=own", "embedding=char")
    assert other.train["steps"] == 99 and "scale" not in other.embeddings["char"].options  # for other embeddings


@pytest.mark.parametrize(
    ("defaults", "message"),
    [
        ({"sequnce": {}}, "encoder=own: Own.defaults: there is no kind 'sequnce'; did you mean 'sequence'"),
        ({"train.steps": 9}, "encoder=own: Own.defaults: there is no kind 'train.steps'"),
        ({"sequence": 3}, "Own.defaults: 3, which is set for kind sequence, is not a mapping; write {KIND: "),
        (["sequence"], "Own.defaults: ['sequence'] is not a mapping; write {KIND: {KEY: VALUE}}, as in "),
        (
            {"sequence": {"train.stepps": 9}},
            "a run of kind sequence has no option 'train.stepps'; did you mean 'train.steps'",
        ),
        ({"sequence": {"head.crf": True}}, "a run of kind sequence has no option 'head.crf'"),
        ({"sequence": {"seed": 3}}, "an encoder does not set 'seed'"),
        ({"sequence": {"task.min_count": 3}}, "an encoder does not set 'task.min_count'"),
        ({"sequence": {"data.limit": 3}}, "an encoder does not set 'data.limit'"),
        ({"sequence": {"embedding": "char"}}, "a run of kind sequence has no option 'embedding'"),
        (
            {"sequence": {"train.steps": 0}},
            "default of encoder=own for kind sequence: train.steps: '0' does not fit",
        ),
    ],
)
def test_a_wrong_kind_key_or_value_names_the_class(one: Any, defaults: Any, message: str) -> None:
    with pytest.raises(PluginError) as caught:
        one(defaults, "task=sentiment", "encoder=own")
    assert message in str(caught.value)


def test_describe_shows_them_by_kind_and_with_a_task_what_a_run_would_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plugin(tmp_path, {"sequence": SEQUENCE, "token": {"train.learning_rate": 0.5}})
    found = Registry()
    found.load(path)
    alone = presettings("encoder=own", found)
    assert alone["train.learning_rate"] == ("0.005 (sequence), 0.5 (token)", "encoder=own")
    both = presettings("task=strict", found, encoder="encoder=own")
    assert both["train.learning_rate"] == ("0.005", "encoder=own")
    assert both["train.steps"] == ("77", "task=strict") and both["train.schedule"] == ("linear", "head=sequence")
    out = run_command(capsys, "describe", "encoder=own", "task=sentiment", f"plugin={path}").out
    assert "encoder=own sets, by kind of task and where you set nothing:" in out
    assert "0.005 (sequence), 0.5 (token)" in out and out.count("encoder=own │") >= 4


@pytest.mark.parametrize("task", ["lm", "pos", "sentiment"])
def test_the_defaults_of_the_built_in_encoders_fit(task: str) -> None:
    grid = expand([f"task={task}", "encoder=all"])
    assert len(grid) > 5 and not [note for note in grid.notes if "defaults" in note or "default of" in note]
