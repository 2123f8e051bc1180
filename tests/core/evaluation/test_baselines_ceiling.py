"""What a run says of the ceiling: why there is none, and that it was beaten, which no honest model does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_cases import spec_of

import core
from core import config
from core.cli.bench import Bench
from core.counting.base import CountModel
from core.data.options import DataOptions
from core.data.prepare import Data, prepare
from core.evaluation import baselines
from core.kinds import find_kind
from core.registry import registry
from core.runs import components
from core.task import Task
from core.types import Arrays

LEAK = "test: better than what is possible (the ceiling)"


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    found = registry()
    found.plugins()
    before = set(found._plugins)
    yield
    for source in set(found._plugins) - before:
        found._forget(source)


class Clairvoyant(CountModel):
    """Gives every symbol that came all probability."""

    def fit(self, rows: Any, dev: Any, context: Any) -> None:
        """Nothing to learn."""

    def log_probs(self, rows: Any) -> Any:
        """Sure and right."""
        return np.zeros(len(rows.values))

    def arrays(self) -> Arrays:
        """Nothing was learned."""
        return {"none": np.zeros(1)}


def asked(name: str) -> tuple[Task, Data, baselines.Ceiling]:
    cell = config.expand([f"task={name}", "encoder=ngram"])[0]
    task, source = components.task(cell), components.source(cell)
    data = prepare(source, spec_of(task), DataOptions(**cell.data_options))
    truth = baselines.ceiling(cell.kind, task, data, "test", "both")
    assert truth.predictions is not None
    return task, data, truth


@pytest.mark.parametrize("name", ["lm", "pos", "sentiment"])
def test_the_truth_does_not_beat_itself_but_a_few_leaked_answers_do(name: str) -> None:
    task, data, truth = asked(name)
    assert truth.predictions is not None
    corpus, kind = data.splits["test"], find_kind(task.kind)
    assert baselines.beaten(kind, task, truth.predictions, truth, corpus, "test") == ()
    (key, truths), random = *truth.predictions.items(), np.random.default_rng(0)
    gold = {"lm": lambda: np.zeros(len(truths)), "pos": lambda: corpus.targets.values[corpus.targets.inner]}
    right = gold.get(name, lambda: corpus.targets.values[corpus.targets.offsets[:-1]])()
    peeped = np.where(random.random(len(truths)) < 0.2, right, truths)
    (note,) = baselines.beaten(kind, task, {key: peeped}, truth, corpus, "test")
    assert note.code == baselines.BEATEN and note.text.startswith(LEAK)


def test_a_run_that_beats_its_ceiling_has_a_note(tmp_path: Path) -> None:
    core.register_encoder("clairvoyant", Clairvoyant, sees="left", family="counting", kinds=("next",))
    for encoder in ("clairvoyant", "ngram"):
        result = core.run(task="lm", encoder=encoder, runs=str(tmp_path), quiet=True)
        assert any(note.code == baselines.BEATEN for note in result.notes) == (encoder == "clairvoyant")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"data.limit": 100}, "unknown here (task.min_count, task.vocab_size and data.limit make"),
        ({"task.tokens": "char"}, "the task is about characters (task.tokens)"),
        ({}, ""),
    ],
)
def test_a_run_without_a_ceiling_has_a_note(words: dict[str, Any], why: str, tmp_path: Path) -> None:
    result = core.run(task="lm", encoder="ngram", runs=str(tmp_path), quiet=True, **words, **{"encoder.order": 1})
    notes = [note.text for note in result.notes if note.code == baselines.NO_CEILING]
    assert len(notes) == bool(why) and all(why in note for note in notes)
    assert bool(result.baselines["ceiling"]) != bool(why)


def test_a_benchmark_shows_the_note_below_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    core.register_encoder("clairvoyant", Clairvoyant, sees="left", family="counting", kinds=("next",))
    Bench("task=lm", "encoder=clairvoyant,ngram", "quiet=true").execute()
    assert capsys.readouterr().err.count(f"note: lm clairvoyant: {LEAK}") == 1
    Bench("task=lm", "encoder=clairvoyant,ngram", "quiet=true", "data.limit=100").execute()
    assert capsys.readouterr().err.count("note: lm: no ceiling is known: ") == 1
