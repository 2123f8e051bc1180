"""The checks of a task (see ``core.testing.check_task``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.data.label_columns import COLUMNS
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.base import SPLITS
from core.data.sources.column_guessing import SPAN
from core.evaluation.baselines import chance, most_frequent
from core.evaluation.event_hash import event_hash
from core.kinds import find_kind
from core.kinds.base import Kind
from core.registry import Spec
from core.task import Task
from core.testing.rows import SyntheticSource
from core.types import Array, Arrays, Bools, Float32s

DRAWS, NEAR = 20, 0.15  # NEAR: of the distance from chance to perfect
SIZE = 16  # of synthetic word vectors
TIMES = 5  # how often each word of the questions occurs in the synthetic text, so that it is not rare


def check_metrics(spec: Spec, labels: Sequence[str], perfect: float | None, options: dict[str, Any]) -> None:
    """Rows become a corpus; perfect, shuffled and random predictions get their expected scores.

    Raises:
        AssertionError: a rule is broken.
    """
    task, kind, corpus = _prepared(spec, labels, options)
    best = _score(task, kind.perfect(corpus), corpus)
    expected = (perfect,) if perfect is not None else kind.best_scores(task.minimize)
    message = f"perfect: perfect predictions score {best} in {task.primary}, not {' or '.join(map(str, expected))}"
    assert any(np.isclose(best, value) for value in expected), message
    random = np.random.default_rng(0)
    shuffled = float(np.mean([_score(task, kind.shuffled(corpus, random), corpus) for _ in range(DRAWS)]))
    guesses = _guesses(kind, task, corpus)
    guessed = guesses[0] if guesses else shuffled
    message = f"minimize: perfect predictions score {best}, guesses {guessed}, and minimize is {task.minimize}"
    assert (best < guessed) == task.minimize and best != guessed, message
    if kind.language_model:  # a high probability of the wrong word is worse than guessing
        message = f"shuffled: high probabilities of wrong words score {shuffled}, chance {guessed}"
        assert (shuffled > guessed) == task.minimize, message
    elif guesses:
        values = " or the most frequent answer ".join(map(str, guesses))
        message = f"shuffled: the answers in another order score {shuffled}, which is not near chance ({values})"
        margin = NEAR * abs(best - guessed)
        assert min(guesses) - margin <= shuffled <= max(guesses) + margin, message
    task.report(kind.perfect(corpus), corpus)


def check_answers(spec: Spec, options: dict[str, Any]) -> None:
    """Questions are the same each time, there is one answer per question, metrics are floats.

    Raises:
        AssertionError: a rule is broken.
    """
    task, kind, corpus = _prepared(spec, ["A"], options)
    again: Task = spec.load()(**options)
    questions = list(task.questions())
    assert questions, "questions: there are none"
    assert questions == list(again.questions()), "questions: they differ from one call to the next"
    same = event_hash(kind, task, corpus) == event_hash(kind, again, corpus)
    assert same, "questions: their hash differs from one call to the next"
    table = np.random.default_rng(0).normal(size=(len(corpus.words) + corpus.vocab.size, SIZE)).astype(np.float32)

    def vectors(ids: Array) -> tuple[Float32s, Bools]:
        return table[ids], np.ones(len(ids), dtype=bool)

    answers = task.answer(corpus, vectors)
    for name, array in answers.items():
        assert len(array) == len(questions), f"answer: {name} has {len(array)} entries, not {len(questions)}"
    _score(task, answers, corpus)
    task.report(answers, corpus)


def _prepared(spec: Spec, labels: Sequence[str], options: dict[str, Any]) -> tuple[Task, Kind, Corpus]:
    """The task, its kind, and the synthetic test split."""
    task, kind = spec.load()(**options), find_kind(spec.extra["kind"])
    assert task.kind == kind.name, f"kind: the class says {task.kind}, its hook {kind.name}"
    return (
        task,
        kind,
        prepare(SyntheticSource(labels, kind.labels), kind.token_spec(task), DataOptions()).splits["test"],
    )


def _guesses(kind: Kind, task: Task, corpus: Corpus) -> list[float]:
    """The score of chance and of the most frequent answer, where the kind has them."""
    try:
        return [
            scores[task.primary] for scores in (f(kind, task, corpus) for f in (chance, most_frequent)) if scores
        ]
    except KeyError as error:
        raise AssertionError(
            f"metrics: {error} is not in the predictions of chance, the most frequent answer and the ceiling,"
            " which are labels only: leave out a metric that needs more where it is missing"
        ) from error


def _score(task: Task, predictions: Arrays, corpus: Corpus) -> float:
    before = {name: array.copy() for name, array in predictions.items()}
    values = task.metrics(predictions, corpus)
    assert task.primary in values, f"primary: metrics has no {task.primary}, only {', '.join(values)}"
    for name, value in values.items():
        assert isinstance(value, float), f"metrics: {name} is {type(value).__name__}, not a plain float"
    same = all(np.array_equal(before[name], predictions[name]) for name in before)
    assert same, "metrics: it changed the predictions"
    return values[task.primary]


def write_rows(kind: Kind, labels: Sequence[str], folder: Path) -> None:
    """Write the synthetic rows as JSON lines with the columns of a kind."""
    columns = ["tokens", *([COLUMNS[kind.labels][-1]] if kind.labels else [])]
    columns += SPAN if kind.labels == "row" else ()
    for split in SPLITS:
        rows = next(SyntheticSource(labels, kind.labels).batches(split)).select(columns).to_pylist()
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def write_text(spec: Spec, options: dict[str, Any], folder: Path) -> None:
    """Write a text with the words of the questions."""
    rows = [" ".join(question.words) or "word" for question in spec.load()(**options).questions()] * TIMES
    (folder / "train.txt").write_text("\n".join(rows) + "\n", "utf-8")
