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
from core.data.vocab import FIRST
from core.evaluation.baselines import chance
from core.registry import Spec
from core.task import Task
from core.types import Arrays

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, DRAWS, NEAR = 300, 20, 0.15  # NEAR: of the way from chance to perfect
SURE = 0.9  # what a made-up language model gives to the word that it expects


class MadeUp(Source):
    """Random words with random labels: nothing can be learned of them, so chance is what is left.

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
    """Rows become a corpus; perfect, shuffled and random predictions get the figures that they must.

    Raises:
        AssertionError: a rule is broken.
    """
    task: Task = spec.load()(**options)
    assert task.kind == spec.extra["kind"], f"kind: the class says {task.kind}, its hook {spec.extra['kind']}"
    corpus = prepare(MadeUp(labels), task, DataOptions()).splits["test"]
    best = _score(task, perfect_predictions(task, corpus), corpus)
    wanted = (perfect,) if perfect is not None else _perfect(task)
    assert any(np.isclose(best, value) for value in wanted), (
        f"perfect: perfect predictions score {best} in {task.primary}, not {' or '.join(map(str, wanted))}"
    )
    guessed = _guessed(task, corpus)
    assert (best < guessed) == task.minimize and best != guessed, (
        f"minimize: perfect predictions score {best}, guesses {guessed}, and minimize is {task.minimize}"
    )
    random = np.random.default_rng(0)
    shuffled = np.mean([_score(task, shuffled_predictions(task, corpus, random), corpus) for _ in range(DRAWS)])
    if task.kind == "next":  # who is sure of the wrong word is worse than who guesses
        assert (shuffled > guessed) == task.minimize, f"shuffled: sure and wrong is {shuffled}, chance {guessed}"
    else:
        assert abs(shuffled - guessed) <= NEAR * abs(best - guessed), (
            f"shuffled: the answers in another order score {shuffled}, which is not near chance ({guessed})"
        )
    task.report(perfect_predictions(task, corpus), corpus)


def _guessed(task: Task, corpus: Corpus) -> float:
    """What chance scores; it guesses labels and no probabilities, as the other baselines do."""
    try:
        return chance(task, corpus)[task.primary]
    except KeyError as error:
        raise AssertionError(
            f"metrics: {error} is not in the predictions of chance, the most frequent answer and the ceiling,"
            " which are labels alone: leave a metric that needs more out where it is missing"
        ) from error


def _perfect(task: Task) -> tuple[float, ...]:
    """What a perfect prediction may score: shares are in percent, perplexity ends at 1, bits and errors at 0."""
    if task.minimize:
        return (1.0, 0.0) if task.kind == "next" else (0.0,)
    return (100.0,)


def _score(task: Task, predictions: Arrays, corpus: Corpus) -> float:
    kept = {name: array.copy() for name, array in predictions.items()}
    values = task.metrics(predictions, corpus)
    assert task.primary in values, f"primary: metrics has no {task.primary}, only {', '.join(values)}"
    for name, value in values.items():
        assert isinstance(value, float), f"metrics: {name} is {type(value).__name__}, not a plain float"
    same = all(np.array_equal(kept[name], predictions[name]) for name in kept)
    assert same, "metrics: it changed the predictions"
    return values[task.primary]


def perfect_predictions(task: Task, corpus: Corpus) -> Arrays:
    """The right answers, in the form that the heads give them."""
    if task.kind == "next":
        return {"log_prob": np.zeros(len(corpus.tokens.values))}
    if task.kind == "token":
        return {"label": corpus.targets.values[corpus.tokens.inner]}
    return _classes(corpus, corpus.targets.values[corpus.targets.offsets[:-1]])


def shuffled_predictions(task: Task, corpus: Corpus, random: np.random.Generator) -> Arrays:
    """The right answers in another order."""
    if task.kind == "next":
        right, size = corpus.closed.values, corpus.vocab.size
        hit = random.permutation(right) == right
        wrong = np.log((1 - SURE) / (size - 1))
        return {"log_prob": wrong + hit * (np.log(SURE) - wrong)}
    answers = random.permutation(perfect_predictions(task, corpus)["label"])
    return {"label": answers} if task.kind == "token" else _classes(corpus, answers)


def _classes(corpus: Corpus, answers: Any) -> Arrays:
    """A class a row, with nearly all probability on it."""
    assert corpus.labels is not None
    size = corpus.labels.size - FIRST
    sure = np.log(np.where(np.eye(size)[answers - FIRST] > 0, SURE, (1 - SURE) / max(1, size - 1)))  # (R, size)
    return {"label": answers, "log_probs": sure}


def write_rows(kind: str, labels: Sequence[str], folder: Path) -> dict[str, Any]:
    """The made-up rows as files, and the words that read them.

    Args:
        kind: of the task.
        labels: the labels to draw from.
        folder: an empty folder.
    """
    made = MadeUp(labels)
    for split in SPLITS:
        rows = list(made.rows(split))
        if kind == "next":
            text, ending = "".join(" ".join(words) + "\n" for words, _, _ in rows), "txt"
        elif kind == "token":
            lines = ["".join(f"{w} {t}\n" for w, t in zip(words, tags, strict=True)) for words, tags, _ in rows]
            text, ending = "\n".join(lines), "conll"
        else:
            text = "text\tlabel\n" + "".join(f"{' '.join(words)}\t{label}\n" for words, _, label in rows)
            ending = "tsv"
        (folder / f"{split}.{ending}").write_text(text, encoding="utf-8")
    return {"data": folder, **({"data.text": 1, "data.label": 2} if kind == "token" else {})}
