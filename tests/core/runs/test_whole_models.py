"""A plugin's whole model takes part in everything, and a broken one is a sentence that names its plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_cases import Votes, registered

import core
from core.errors import ConfigError, PluginError, StoreError
from core.runs import store
from core.runs.trained_model import load
from core.runs.verdicts import SEEDS, read_verdict

votes = pytest.fixture(registered, autouse=True)

SMALL = {"task": "sentiment", "data.limit": 200, "quiet": True}


def run(folder: Path, **more: Any) -> Any:
    return core.run(**SMALL | {"encoder": "votes", "runs": folder} | more)


def test_a_run_is_scored_saved_restored_and_used_again(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.score > result.baselines["most frequent"]["accuracy"] + 5
    assert (result.facts["family"], result.facts["sees"], result.how["device"]) == ("model", "both", "cpu")
    assert result.chosen == {"encoder.added": 1.0} and result.config["encoder.added"] == "1.0"
    assert not [key for key in result.config if key.startswith(("head.", "train.", "embedding", "predict."))]
    assert {path.name for path in (result.path / "model").iterdir()} == {"model.npz", "about.json"}
    model = load(result.path)
    saved = np.load(result.path / store.PREDICTIONS)
    scores, _, arrays = model.evaluate("toy")
    assert scores == result.metrics["test"] and np.array_equal(saved["test.log_probs"], arrays["log_probs"])
    prediction = model.predict(["the film is good", ""], probabilities=True)[0]
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert run(tmp_path).notes[-1].code == "cached"
    assert run(tmp_path, config=str(result.path / store.CONFIG), fresh=True).metrics == result.metrics


def test_a_changed_file_of_the_model_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path)
    with (result.path / "model" / "model.npz").open("ab") as file:
        file.write(b"more")
    with pytest.raises(StoreError, match=r"model/model.npz: the file has changed since the run was saved"):
        load(result.path)


class Seeded(Votes):
    """Says that it depends on the seed."""

    seeded = True


def test_only_a_model_that_depends_on_no_seed_stands_for_all_seeds(tmp_path: Path) -> None:
    core.register_encoder("seeded", Seeded, family="model", kinds=("sequence",))
    own, seeds = [run(tmp_path, seed=7)], [run(tmp_path, encoder="seeded", seed=seed) for seed in (1, 2)]
    verdict, notes = read_verdict({"votes": own, "seeded": seeds})
    assert verdict is not None and not notes
    verdict, notes = read_verdict({"one": seeds[:1], "other": [run(tmp_path, encoder="seeded", seed=7)]})
    assert verdict is None and [note.code for note in notes] == [SEEDS]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"head.pooling": "max"}, "head.pooling: votes is a whole model: it has no head; leave head.pooling out"),
        ({"train.epochs": 2}, "votes is a whole model: it has no training loop"),
        ({"embedding": "random"}, "votes is a whole model: it has no embedding"),
        ({"predict.max_tokens": 9}, "votes is a whole model: it has no limit of tokens"),
        ({"encoder.aded": 2}, "encoder.aded: encoder .votes. has no such option; did you mean 'added'?"),
        ({"encoder.added": 0}, "encoder.added: '0' does not fit"),
        ({"task": "pos"}, r"votes does not run task=pos, which is of kind token \(it runs sequence\)"),
    ],
)
def test_options_that_it_does_not_have_are_refused(more: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        run(tmp_path, **more)
    assert not list(tmp_path.iterdir())


FAULTS = {
    "super": "the constructor of Votes does not call super().__init__()",
    "tuple": "predict: it returns a tuple, not a dictionary of arrays",
    "list": "predict: label is a list, not a NumPy array",
    "missing": "predict: it returns no log_probs, only label",
    "shape": "predict: label is int32 of shape (1000, 1), not int32 of shape (1000,)",
    "dtype": "predict: label is int64 of shape (1000,), not int32",
    "range": "predict: label has 0; the ids of labels are 2 to 3",
    "classes": "predict: log_probs is float64 of shape (1000, 4), not floats of shape (1000, 2)",
    "nan": "predict: log_probs has NaN in 1 of 1,000 events",
    "sums": "predict: the probabilities of an event sum to 1, those of event 0 to 0.367879",
    "key": "chosen has encoder.size, which is not one of its options",
    "value": "chosen has a value that its own option does not take: encoder.added: '-1.0' does not fit",
    "parameters": "parameters is -1, not the number of learned values",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_model_is_a_sentence_that_names_its_plugin(fault: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError) as raised:
        run(tmp_path, **{"encoder.fault": fault})
    text = str(raised.value)
    assert text.startswith(f"encoder=votes: {FAULTS[fault]}") and "fix plugin encoder=votes" in text
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]


def test_a_model_that_cannot_be_restored_names_its_plugin(tmp_path: Path) -> None:
    result = run(tmp_path, **{"encoder.fault": "restore"})
    with pytest.raises(
        StoreError, match=r"the model cannot be read .*or fix encoder=votes \(plugin encoder=votes\)"
    ):
        load(result.path)


def test_an_interrupted_fit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, **{"encoder.fault": "interrupt"})
    assert not list(tmp_path.iterdir())


class Words(Votes):
    """Takes an option as if core supplied it."""

    def __init__(self, vocab: Any, labels: Any, added: float = 1.0) -> None:
        super().__init__(vocab, labels)


@pytest.mark.parametrize(
    ("target", "more", "message"),
    [
        (Votes, {"kinds": None}, "missing a required argument: 'kinds'; name the kinds of task"),
        (Votes, {"kinds": ("rows",)}, "kinds='rows' is not one of next|item|cloze|token|"),
        (Votes, {"family": "whole"}, "family='whole' is not one of neural|counting|model"),
        (dict, {}, "dict is not a subclass of core.model.interface.Model"),
        (
            Votes,
            {"kinds": ("next",), "task": "lm"},
            "Votes is not a subclass of core.model.interface.LanguageModel",
        ),
        (Words, {}, "the option added is not keyword-only (core supplies kind and task and vocab and labels)"),
    ],
)
def test_a_wrong_registration_is_refused(target: Any, more: dict[str, Any], message: str, tmp_path: Path) -> None:
    task = more.pop("task", "sentiment")
    with pytest.raises(PluginError) as raised:
        core.register_encoder(
            "other", target, **{"family": "model", "kinds": ("sequence",), "sees": "left"} | more
        )
        run(tmp_path, encoder="other", task=task)
    assert message in str(raised.value)
