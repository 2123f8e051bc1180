"""An exception in the code of a plugin names the plugin, also where the kind or its head raised it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.plugins import wrong
from core.config import expand
from core.errors import INTERNAL, UNDEFINED, PluginError, explained
from core.experiment.grid import run_grid
from core.kinds import find_kind
from core.kinds.base import Kind
from core.registry import registry

ENCODER = """
from core import hookimpl
from core.neural.base import Encoder

class Empty(Encoder):
    def __init__(self, input_size, causal):
        super().__init__(input_size, causal)
        self.output_size = input_size

@hookimpl
def register_encoders(register):
    register("empty", Empty, sees="both", help="")
"""

TASK = """
from core import hookimpl
from core.kinds.row_label import RowLabel
from tasks.sentiment import Sentiment

class Stars(RowLabel):
    name = "stars_of_{task}"
    heads = {{"neural": "starshead:Head"}}

class Silent(Sentiment):
    kind = "{kind}"
    {metrics}

@hookimpl
def register_kinds(register):
    register("stars_of_{task}", Stars, help="")

@hookimpl
def register_tasks(register):
    register("{task}", Silent, kind="{kind}", help="")
"""

HEAD = """
from core.neural.base import NeuralHead
from core.neural.heads.classification import ClassificationHead

class Head({base}):
    def loss(self, states, lengths, targets, events=None):
        raise ValueError("three stars")
"""


@pytest.fixture(autouse=True)
def forget_plugins() -> Iterator[None]:
    """A registry that forgets these plugins at the end."""
    yield
    registry.cache_clear()


def error_of(tmp_path: Path, *words: str) -> str:
    shared = ["data=toy", "data.limit=30", "train.epochs=1", f"runs={tmp_path / 'runs'}", "quiet=true"]
    outcome = run_grid(expand([*words, *shared]))
    return str(outcome.failures[0].error)


def test_an_encoder_without_forward_is_named(tmp_path: Path) -> None:
    file = tmp_path / "empty.py"
    file.write_text(ENCODER)
    message = (
        f"encoder=empty: Empty does not define forward; fix plugin empty ({file}), or leave encoder=empty out"
    )
    assert error_of(tmp_path, "task=pos", "encoder=empty", f"plugin={file}") == message


def test_a_task_without_metrics_is_named(tmp_path: Path) -> None:
    file = tmp_path / "silent.py"
    text = TASK.replace("Sentiment", "Task").replace("tasks.sentiment", "core.task")
    file.write_text(text.format(task="silent", kind="sequence", metrics='primary = "accuracy"'))
    message = f"task=silent: Silent does not define metrics; fix plugin silent ({file}), or leave task=silent out"
    assert error_of(tmp_path, "task=silent", "encoder=bag", f"plugin={file}") == message


def test_an_exception_in_the_head_of_a_plugins_kind_is_that_of_its_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, head = tmp_path / "starred.py", tmp_path / "starshead.py"
    file.write_text(TASK.format(task="starred", kind="stars_of_starred", metrics="pass"))
    head.write_text(HEAD.format(base="ClassificationHead"))
    monkeypatch.syspath_prepend(str(tmp_path))
    sentence = error_of(tmp_path, "task=starred", "encoder=cnn", f"plugin={file}")
    assert sentence.startswith(f"task=starred: raised ValueError: three stars ({head}:"), sentence
    assert sentence.endswith(f"fix plugin starred ({file}), or leave task=starred out")


WRONG_KINDS = {
    "class Kind:\n    name = 'wrong'": "Kind is not a subclass of core.kinds.base.Kind",
    "class Kind(RowLabel):\n    name = 'other'": "Kind has name = 'other', and the hook registers it as 'wrong'",
    "class Kind(RowLabel):\n    name, heads = 'wrong', []": (
        "Kind has heads = [], which is not a mapping of families to heads"
    ),
    "class Kind(RowLabel):\n    name, labels = 'wrong', 'rows'": (
        "Kind has labels = 'rows', which is not 'token', 'row', 'number', 'set', 'text' or None"
    ),
    "class Kind(RowLabel):\n    name = 'wrong'\n    def __init__(self): raise ValueError('boom')": (
        "Kind() raised ValueError: boom"
    ),
}


@pytest.mark.parametrize(("code", "message"), WRONG_KINDS.items())
def test_what_is_registered_as_a_kind_must_be_one(code: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    hook = '@hookimpl\ndef register_kinds(register):\n    register("wrong", Kind, help="")\n'
    head = "from core import hookimpl\nfrom core.kinds.row_label import RowLabel\n"
    file.write_text(f"{head}\n{code}\n\n{hook}")
    plugin = registry().load(str(file))
    assert not plugin.error and message in wrong(plugin)[0]
    with pytest.raises(PluginError) as caught:
        find_kind("wrong")
    assert str(caught.value) == f"kind=wrong: {message}; fix plugin wrong ({file}), or leave kind=wrong out"


class Unfinished(Kind):
    """Leaves a method to a subclass, and does not support another."""

    def answers(self, predictions: object, corpus: object) -> list[object]:
        return self.helper()

    def helper(self) -> list[object]:
        raise NotImplementedError("not for rows")


def test_only_a_method_that_core_leaves_open_is_reported_as_undefined() -> None:
    for call, code in (
        (lambda: Unfinished().perfect(None), UNDEFINED),
        (lambda: Unfinished().answers({}, None), INTERNAL),
    ):
        with pytest.raises(NotImplementedError) as caught:
            call()
        assert explained(caught.value).code == code
