"""What a budget of seconds buys, in the record and in the notes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from core import run
from core.config import expand
from core.config.budget import BOUGHT, MACHINE
from core.experiment.observers import ObserverGroup
from core.experiment.resuming import Attempts
from core.experiment.spent_time import time_facts, time_notes
from core.model.runtime import Runtime


def config(*arguments):
    return expand(["task=pos", *arguments, "budget=time:60s"])[0]


def model(**bought):
    return SimpleNamespace(facts=lambda: {"budget": bought} if bought else {})


@pytest.mark.parametrize(
    ("encoder", "bought", "used", "text"),
    [
        ("bilstm", {"steps": 1234, "epochs": 12.3}, 59.8, "of 60s: 1,234 steps, 12.30 epochs"),
        ("ngram", {}, 1.3, "training took 1.3 s of the budget of 60s: ngram was complete by then"),
        ("crf", {}, 75.0, "took 75.0 s of the budget of 60s; it was exceeded, since crf has no early end"),
        ("bilstm", {"steps": 1, "epochs": 0.1}, 75.0, "; it was exceeded, since a step, an evaluation of dev and"),
    ],
)
def test_a_note_says_what_the_seconds_bought(encoder, bought, used, text):
    notes = time_notes(config(f"encoder={encoder}"), model(**bought), used)
    assert [note.code for note in notes] == [BOUGHT, MACHINE] and text in notes[0].text
    assert notes[0].values == {"seconds": 60.0, "used": used, **bought}
    facts = time_facts(config(f"encoder={encoder}"), model(**bought), used)
    assert facts == {"budget": {"seconds": 60.0, "used": used, **bought}}


def test_without_a_budget_of_seconds_nothing_is_said():
    (unlimited,) = expand(["task=pos", "encoder=bilstm", "budget=parameters:1M"])
    assert time_notes(unlimited, model(), 9.0) == [] and time_facts(unlimited, model(), 9.0) == {}


def test_the_seconds_of_earlier_processes_are_spent():
    attempts = Attempts(config("encoder=bilstm"), "0", Runtime(), ObserverGroup([]))
    attempts.resume({**attempts.state(), "spent": {"seconds": {"fit": 40.0}, "cpu_seconds": {}, "peak_bytes": 0}})
    budget = attempts.time_budget()
    assert budget is not None and budget.seconds == 60 and budget.may_reuse
    with attempts.monitor.measure("fit"):
        assert 40 <= budget.spent() < 50
    first = Attempts(config("encoder=bilstm"), "0", Runtime(), ObserverGroup([])).time_budget()
    assert first is not None and not first.may_reuse


@pytest.mark.slow
def test_a_run_takes_its_seconds_and_the_record_says_what_they_bought(tmp_path):
    words = {"task": "pos", "encoder": "window", "runs": str(tmp_path), "quiet": True, "threads": 1}
    result = run(**words, budget="time:3s")
    bought = result.facts["budget"]
    assert 2.0 < result.cost["train_seconds"] < 4.5 and bought["used"] == result.cost["train_seconds"]
    assert bought["seconds"] == 3.0 and bought["steps"] > 20 and bought["epochs"] > 0.1
    assert result.config["budget"] == "time:3s" and result.config["train.epochs"] == "auto"
    assert "train.epochs" not in result.chosen and result.id != run(**words, **{"train.epochs": 1}).id
    assert {BOUGHT, MACHINE} <= {note.code for note in result.notes}
    assert run(**words, budget="time:3").id == result.id
