"""Every registered task, data set and observer keeps its contract, and the checks catch those that do not."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest
from annotated_types import Gt

from core import hookimpl
from core.evaluation import metrics
from core.experiment.observers import Observer
from core.registry import registry
from core.task import Task
from core.testing import check_dataset, check_observer, check_task
from core.testing.import_cost import check_light
from plugins.datasets.toy import Toy
from tasks.lm import LanguageModelling
from tasks.pos import PartOfSpeech
from tasks.sentiment import Sentiment

LIBRARIES = {"tensorboard": "tensorboard"}  # observer -> the library that it needs

QUESTIONS = {  # of tasks of kind `vector`, on the words of the synthetic text
    "similarity": "w1 w2 3\nw3 w4 2.5\nw1 w5 1\nw7 nowhere 0\n",
    "analogy": ": letters\nw1 w2 w3 w4\nw5 w6 w7 w8\n: gram\nw1 w2 w3 nowhere\n",
}


@pytest.mark.parametrize("name", registry().names("task"))
def test_every_task_keeps_the_contract(name: str, tmp_path: Path) -> None:
    options = {}
    if name in QUESTIONS:
        options["pairs"] = str(tmp_path / "questions.txt")
        (tmp_path / "questions.txt").write_text(QUESTIONS[name])
    check_task(name, **options)


def test_the_answers_of_a_task_need_not_be_equally_frequent() -> None:
    check_task("sentiment", labels=("A", "A", "A", "A", "A", "B"))


@pytest.mark.parametrize("name", registry().names("observer"))
def test_every_observer_keeps_the_contract(name: str) -> None:
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    check_observer(name)


def test_the_toy_data_keep_the_contract() -> None:
    check_dataset("toy")


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add one thing to the registry for this test."""
    found = registry()
    monkeypatch.setattr(found, "_plugins", dict(found._plugins))

    def add(hook: str, name: str, target: Any, **more: Any) -> None:
        plugin = ModuleType(f"for_a_test_{name}")
        setattr(plugin, hook, hookimpl(lambda register: register(name, target, help="", **more)))
        assert not found.add(plugin).error

    return add


class Generous(PartOfSpeech):
    """Adds a point to every score."""

    def metrics(self, predictions: Any, corpus: Any) -> Mapping[str, float]:
        return {"accuracy": 1.0 + super().metrics(predictions, corpus)["accuracy"]}


class Upside(Sentiment):
    """Says that less accuracy is better."""

    minimize = True


class Blind(Sentiment):
    """Looks at how often each class was predicted, not where."""

    def metrics(self, predictions: Any, corpus: Any) -> Mapping[str, float]:
        gold = np.bincount(corpus.targets.values[corpus.targets.offsets[:-1]], minlength=9)
        predicted = np.bincount(predictions["label"], minlength=9)
        return {"accuracy": 100.0 * float(np.minimum(gold, predicted).sum() / gold.sum())}


class Nameless(Task):
    """Has a primary metric that it does not compute."""

    kind, primary = "sequence", "f2"

    def metrics(self, predictions: Any, corpus: Any) -> Mapping[str, float]:
        return {"f1": 1.0}


class Demanding(Sentiment):
    """Needs probabilities, which guesses do not have."""

    def metrics(self, predictions: Any, corpus: Any) -> Mapping[str, float]:
        return {**super().metrics(predictions, corpus), "surprise": float(-predictions["log_probs"].mean())}


class Careless(PartOfSpeech):
    """Writes into the predictions."""

    def metrics(self, predictions: Any, corpus: Any) -> Mapping[str, float]:
        found = super().metrics(predictions, corpus)
        predictions["label"][:] = 2
        return found


class Overjoyed(LanguageModelling):
    """Limits the penalty for a high probability of the wrong word."""

    def metrics(self, predictions: Any, corpus: Any) -> Mapping[str, float]:
        return {"perplexity": metrics.perplexity(np.maximum(predictions["log_prob"], -1.0))}


class Mute(Sentiment):
    """Has an option without help."""

    def __init__(self, *, beta: Annotated[float, Gt(0)] = 1.0, **options: Any) -> None:
        super().__init__(**options)


@pytest.mark.parametrize(
    ("broken", "kind", "rule"),
    [
        (Generous, "token", "perfect"),
        (Upside, "sequence", "perfect"),
        (Blind, "sequence", "shuffled"),
        (Nameless, "sequence", "primary"),
        (Demanding, "sequence", "metrics: 'log_probs' is not in the predictions of chance"),
        (Careless, "token", "metrics"),
        (Overjoyed, "next", "minimize|shuffled"),
        (Sentiment, "token", "kind"),
        (Mute, "sequence", "options"),
    ],
)
def test_a_broken_task_is_caught_by_its_rule(
    broken: type, kind: str, rule: str, added: Callable[..., None]
) -> None:
    added("register_tasks", "broken", broken, kind=kind)
    with pytest.raises(AssertionError, match=f"^({rule})"):
        check_task("broken")


class Rows(Toy):
    """A few rows with one fault, by name."""

    fault: ClassVar[str] = ""

    def splits(self) -> tuple[str, ...]:
        return ("train", "holdout") if self.fault == "splits" else ("train", "dev")

    def batches(self, split: str) -> Iterator[Any]:
        columns: dict[str, Any] = {"tokens": [["a", "b"]] * 30, "labels": [["X", "Y"]] * 30}
        if self.fault == "aligned":
            columns["labels"][3] = ["X"]
        if self.fault == "numbers":
            columns["labels"] = [[1, 2]] * 30
        if self.fault == "nulls":
            columns["tokens"][3] = None
        if self.fault == "no text":
            del columns["tokens"]
        if self.fault == "random":
            columns["tokens"][0] = [str(np.random.random()), "b"]
        if self.fault == "pickle":
            pickle.loads(pickle.dumps(Path("a")))
        if self.fault == "code":
            exec(compile("x = 1", "/data/load.py", "exec"))
        if self.fault == "eval":
            eval("1 + 1")
        if self.fault == "program":
            subprocess.run([sys.executable, "--version"], capture_output=True, check=True)
        yield pa.RecordBatch.from_pydict(columns)

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        return {"label": ["X"] * 3} if self.fault == "oracle" and about == "token" else None

    def fingerprint(self) -> str | None:
        return str(id(self)) if self.fault == "fingerprint" else None


FAULTS = {
    "splits": "splits",
    "aligned": "columns",
    "numbers": "columns",
    "nulls": "columns",
    "no text": "columns",
    "random": "repeatable",
    "fingerprint": "repeatable",
    "pickle": "executed",
    "code": "executed",
    "eval": "executed",
    "program": "executed",
    "oracle": "oracle",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_data_set_is_caught_by_its_rule(fault: str, added: Callable[..., None]) -> None:
    added("register_datasets", "broken", type("Broken", (Rows,), {"fault": fault}))
    with pytest.raises(AssertionError, match=f"^{FAULTS[fault]}"):
        check_dataset("broken")


def test_a_data_set_with_some_splits_and_columns_keeps_the_contract(added: Callable[..., None]) -> None:
    added("register_datasets", "whole", Rows)
    check_dataset("whole")


class Forgetful(Observer):
    """Needs a value that not every epoch has."""

    def epoch(self, **facts: Any) -> None:
        if facts.get("late"):
            raise KeyError("late")


class Strict(Observer):
    """Takes only the facts of today."""

    def note(self, text: str) -> None:  # type: ignore[override] # what it gets wrong
        pass


class Lacking:
    """Has no method for most events."""

    def start(self, **facts: Any) -> None: ...


@pytest.mark.parametrize(("broken", "event"), [(Forgetful, "epoch"), (Strict, "note"), (Lacking, "note")])
def test_a_broken_observer_is_caught_at_its_event(broken: type, event: str, added: Callable[..., None]) -> None:
    added("register_observers", "broken", broken)
    with pytest.raises(AssertionError, match=f"^events: {event} raised"):
        check_observer("broken")


def test_hooks_that_import_torch_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from core import hookimpl\n{}\n\n@hookimpl\ndef register_tasks(register):\n"
    text += "    register('{}', 'tasks.pos:PartOfSpeech', kind='token', help='')\n"
    (tmp_path / "seqlab_heavy.py").write_text(text.format("import numpy, torch", "heavy"))
    (tmp_path / "seqlab_light.py").write_text(text.format("import json", "light"))
    monkeypatch.syspath_prepend(tmp_path)
    found = registry()
    monkeypatch.setattr(found, "_plugins", dict(found._plugins))
    for name in ("seqlab_heavy", "seqlab_light"):
        assert not found.load(name).error
    check_light(found.get("task", "light"))
    with pytest.raises(AssertionError, match="^hooks: importing seqlab_heavy imports torch, numpy"):
        check_light(found.get("task", "heavy"))
    for name in ("seqlab_heavy", "seqlab_light"):
        sys.modules.pop(name)
