"""The checks of a task (see ``core.testing.check_task``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.base import SPLITS, Source
from core.evaluation.baselines import chance
from core.kinds import find_kind
from core.kinds.base import Kind
from core.registry import Spec
from core.task import Task
from core.types import Arrays

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, DRAWS, NEAR = 300, 20, 0.15  # NEAR: of the way from chance to perfect


class SyntheticSource(Source):
    """Random words with random labels: nothing can be learned from them, so the best is chance.

    Args:
        labels: the labels to draw from.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = np.array(labels)

    def splits(self) -> tuple[str, ...]:
        """All three."""
        return SPLITS

    def rows(self, split: str) -> Iterator[tuple[list[str], list[str], str]]:
        """Tokens, a label each, and the label of the row."""
        random = np.random.default_rng(SPLITS.index(split))
        for length in random.integers(1, 12, ROWS).tolist():
            words = [f"w{number}" for number in random.integers(0, 20, length)]
            yield words, random.choice(self.labels, length).tolist(), str(random.choice(self.labels))

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, as one batch."""
        import pyarrow as pa

        tokens, labels, label = (list(column) for column in zip(*self.rows(split), strict=True))
        yield pa.RecordBatch.from_pydict({"tokens": tokens, "labels": labels, "label": label})


def check_metrics(spec: Spec, labels: Sequence[str], perfect: float | None, options: dict[str, Any]) -> None:
    """Rows become a corpus; perfect, shuffled and random predictions get the scores that they must.

    Raises:
        AssertionError: a rule is broken.
    """
    task, kind = made(spec, options), find_kind(spec.extra["kind"])
    corpus = prepare(SyntheticSource(labels), kind.token_spec(task), DataOptions()).splits["test"]
    best = _score(task, kind.perfect(corpus), corpus)
    wanted = (perfect,) if perfect is not None else kind.best_scores(task.minimize)
    assert any(np.isclose(best, value) for value in wanted), (
        f"perfect: perfect predictions score {best} in {task.primary}, not {' or '.join(map(str, wanted))}"
    )
    guessed = _guessed(kind, task, corpus)
    assert (best < guessed) == task.minimize and best != guessed, (
        f"minimize: perfect predictions score {best}, guesses {guessed}, and minimize is {task.minimize}"
    )
    random = np.random.default_rng(0)
    shuffled = float(np.mean([_score(task, kind.shuffled(corpus, random), corpus) for _ in range(DRAWS)]))
    if kind.language_model:  # being sure of the wrong word is worse than guessing
        assert (shuffled > guessed) == task.minimize, f"shuffled: sure and wrong is {shuffled}, chance {guessed}"
    else:
        assert abs(shuffled - guessed) <= NEAR * abs(best - guessed), (
            f"shuffled: the answers in another order score {shuffled}, which is not near chance ({guessed})"
        )
    task.report(kind.perfect(corpus), corpus)


def made(spec: Spec, options: dict[str, Any]) -> Task:
    """The task, if its class and its hook name one kind."""
    task: Task = spec.load()(**options)
    assert task.kind == spec.extra["kind"], f"kind: the class says {task.kind}, its hook {spec.extra['kind']}"
    return task


def _guessed(kind: Kind, task: Task, corpus: Corpus) -> float:
    """What chance scores; it guesses labels and no probabilities, as the other baselines do."""
    try:
        return chance(kind, task, corpus)[task.primary]
    except KeyError as error:
        raise AssertionError(
            f"metrics: {error} is not in the predictions of chance, the most frequent answer and the ceiling,"
            " which are labels alone: leave a metric that needs more out where it is missing"
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


def write_rows(kind: Kind, labels: Sequence[str], folder: Path) -> dict[str, Any]:
    """The synthetic rows as files, and the overrides that read them.

    Args:
        kind: what the task predicts.
        labels: the labels to draw from.
        folder: an empty folder.
    """
    source = SyntheticSource(labels)
    for split in SPLITS:
        rows = list(source.rows(split))
        if kind.labels == "token":
            lines = ["".join(f"{w} {t}\n" for w, t in zip(words, tags, strict=True)) for words, tags, _ in rows]
            text, ending = "\n".join(lines), "conll"
        elif kind.labels == "row":
            text = "text\tlabel\n" + "".join(f"{' '.join(words)}\t{label}\n" for words, _, label in rows)
            ending = "tsv"
        else:
            text, ending = "".join(" ".join(words) + "\n" for words, _, _ in rows), "txt"
        (folder / f"{split}.{ending}").write_text(text, encoding="utf-8")
    return {"data": folder, **({"data.text": 1, "data.label": 2} if kind.labels == "token" else {})}
