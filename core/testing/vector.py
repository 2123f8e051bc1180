"""The checks of a task of kind ``vector`` (see ``core.testing.check_task``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.evaluation.event_hash import event_hash
from core.kinds import find_kind
from core.registry import Spec
from core.task import Task
from core.testing.task import SyntheticSource, made
from core.types import Bools, Float32s

SIZE = 16
TIMES = 5  # how often each word of the questions stands in the made-up text, so that it is no rare one


def check_answers(spec: Spec, options: dict[str, Any]) -> None:
    """Questions are the same each time, answers are one a question, figures are plain and change nothing.

    Raises:
        AssertionError: a rule is broken.
    """
    task, kind = made(spec, options), find_kind(spec.extra["kind"])
    questions = list(task.questions())
    assert questions, "questions: there is none"
    assert questions == list(spec.load()(**options).questions()), (
        "questions: they differ from one call to the next"
    )
    corpus = prepare(SyntheticSource(["A"]), kind.token_spec(task), DataOptions()).splits["test"]
    assert event_hash(kind, task, corpus) == event_hash(kind, spec.load()(**options), corpus), (
        "questions: another hash each"
    )
    words = len(corpus.words) + corpus.vocab.size
    table = np.random.default_rng(0).normal(size=(words, SIZE)).astype(np.float32)

    def vectors(ids: Any) -> tuple[Float32s, Bools]:
        return table[ids], np.ones(len(ids), dtype=bool)

    answers = task.answer(corpus, vectors)
    for name, array in answers.items():
        assert len(array) == len(questions), f"answer: {name} has {len(array)} entries, not {len(questions)}"
    kept = {name: array.copy() for name, array in answers.items()}
    values = task.metrics(answers, corpus)
    assert task.primary in values, f"primary: metrics has no {task.primary}, only {', '.join(values)}"
    for name, value in values.items():
        assert isinstance(value, float), f"metrics: {name} is {type(value).__name__}, not a plain float"
    same = all(np.array_equal(kept[name], answers[name]) for name in kept)
    assert same, "metrics: it changed the predictions"
    task.report(answers, corpus)


def write_text(spec: Spec, options: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A text with the words of the questions, and the words that read it.

    Args:
        spec: the task.
        options: its options.
        folder: an empty folder.
    """
    task: Task = spec.load()(**options)
    rows = [" ".join(question.words) for question in task.questions()] * TIMES
    (folder / "train.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return {"data": folder}
