"""Which epoch is kept and when training stops: by the metric, by the dev loss, and by both."""

from __future__ import annotations

import io
import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from neural_cases import LABELS, context, corpus, model, ragged, vocab

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.errors import UnknownName
from core.model.context import Context
from core.neural.selection_metric import check_metric, selecting
from core.neural.trainer import Trainer
from core.types import Arrays
from plugins.encoders.bag import Bag


def quiet_trainer(patience: int | None = None, **options: Any) -> Trainer:
    small = {"epochs": 99, "batch_size": 4, "patience": patience, **options}
    return Trainer(model("token"), corpus("token", 4), corpus("token", 4, seed=8), context(), **small)


def decisions(scores: list[float], losses: list[float], patience: int) -> tuple[int, int]:
    """The epoch that is kept and the number of epochs, from the definitions."""
    for epochs in range(1, len(scores) + 1):
        news = [
            all(scores[i] > s for s in scores[:i]) or all(losses[i] < loss for loss in losses[:i])
            for i in range(epochs)
        ]
        if epochs >= patience and not any(news[-patience:]):
            break
    kept = max(range(epochs), key=lambda i: (scores[i], -losses[i], -i))
    return kept + 1, epochs


def test_every_short_curve_is_decided_as_the_definitions_say() -> None:
    trainer = quiet_trainer()
    for patience in (1, 2, 3):
        trainer.patience = patience
        for scores in itertools.product([1.0, 2.0], repeat=4):
            for losses in [*itertools.product([0.1, 0.2], repeat=4), (math.inf,) * 4]:
                trainer.best, trainer.progress = None, type(trainer.progress)()
                for score, loss in zip(scores, losses, strict=True):
                    trainer.compare(score, loss)
                    trainer.progress.next_epoch(1)
                    if trainer.ended:
                        break
                found = trainer.best["epoch"], trainer.progress.epoch
                assert found == decisions(list(scores), list(losses), patience), (scores, losses, patience)


@pytest.mark.parametrize(
    ("scores", "losses", "kept"),
    [
        ([95.0, 95.0, 95.0], [0.3, 0.2, 0.25], 2),  # of equal scores the lowest loss
        ([95.0, 95.0], [0.2, 0.2], 1),  # of equal pairs the first
        ([95.0, 96.0], [0.2, 0.9], 2),  # the metric decides first
        ([math.nan, 5.0], [0.2, 0.9], 2),
        ([95.0, 95.0], [math.inf, math.inf], 1),  # no dev loss
    ],
)
def test_the_metric_decides_and_the_loss_breaks_ties(scores: list[float], losses: list[float], kept: int) -> None:
    trainer = quiet_trainer()
    for score, loss in zip(scores, losses, strict=True):
        trainer.compare(-np.inf if math.isnan(score) else score, loss)
        trainer.progress.next_epoch(1)
    assert trainer.best["epoch"] == kept


def rare(rows: int, seed: int) -> Corpus:
    """Rows of which 1 in 20 has the second label, and one word that says so."""
    random = np.random.default_rng(seed)
    tokens = [[FIRST + 1 + int(i) for i in random.integers(0, 8, 5)] for _ in range(rows)]
    labels = [[FIRST] for _ in range(rows)]
    for row in range(0, rows, 20):
        tokens[row][int(random.integers(5))], labels[row] = FIRST, [FIRST + 1]
    return Corpus(vocab(14), {"tokens": ragged(tokens), "labels": ragged(labels)}, (), vocab(FIRST + 2))


def accuracy(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    gold = corpus.targets.values[corpus.targets.offsets[:-1]]
    return {"score": 100 * float((predictions["label"] == gold).mean())}


def test_training_goes_on_while_the_accuracy_stays_at_the_most_frequent_class_and_the_loss_falls() -> None:
    built = model("sequence", (Bag, {}), head={"dropout": 0.0})
    with torch.no_grad():
        built.network.head.linear.bias.copy_(torch.tensor([2.0, -1.0, -4.0]))  # the first class everywhere
    options = {"epochs": 30, "batch_size": 16, "learning_rate": 5e-3, "patience": 3}
    trainer = Trainer(built, rare(320, 1), rare(200, 2), Context(accuracy, "score"), **options)
    trainer.run()
    scores, losses = ([row[name] for row in trainer.history] for name in ("score", "dev_loss"))
    assert scores[:6] == [95.0] * 6  # by the accuracy alone training would have ended after 4 epochs
    assert losses[:6] == sorted(losses[:6], reverse=True)
    assert accuracy(built.predict(rare(200, 3)), rare(200, 3))["score"] >= 98


def two_metrics(predictions: Arrays, corpus: Corpus) -> dict[str, float]:
    """Metrics that disagree from epoch to epoch, since they come from a counter."""
    two_metrics.calls += 1  # type: ignore[attr-defined] # a counter
    return {"score": [5.0, 9.0, 7.0][two_metrics.calls % 3], "error": [3.0, 9.0, 1.0][two_metrics.calls % 3]}  # type: ignore[attr-defined] # a counter


@pytest.mark.parametrize(
    ("metric", "minimized", "kept"), [("auto", (), 2), ("error", (), 2), ("error", ("error",), 3)]
)
def test_another_metric_selects_the_weights_in_its_direction(
    metric: str, minimized: tuple[str, ...], kept: int
) -> None:
    two_metrics.calls = -1  # type: ignore[attr-defined] # a counter
    scoring = Context(two_metrics, "score", minimized=minimized)
    options = {"epochs": 3, "batch_size": 8, "metric": metric}
    trainer = Trainer(model("token"), corpus("token"), corpus("token", 10, seed=8), scoring, **options)
    trainer.run()
    assert trainer.best["epoch"] == kept
    assert [row["score"] for row in trainer.history] == [5.0, 9.0, 7.0]


def test_the_primary_metric_by_name_has_its_own_direction() -> None:
    assert selecting("loss", Context(two_metrics, "loss", minimize=True)).minimize
    assert not selecting("other", Context(two_metrics, "loss", minimize=True)).minimize


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
def test_an_unknown_metric_is_refused_before_training_with_the_known_ones(kind: str) -> None:
    built, events = model(kind, train={"metric": "macro-f2"}), list[str]()
    scoring = Context(
        lambda p, c: {"accuracy": 1.0, "macro_f1": 2.0}, "accuracy", notify=lambda e, **f: events.append(e)
    )
    with pytest.raises(
        UnknownName, match="train.metric: the task has no metric 'macro-f2' on dev; did you mean 'macro_f1'"
    ):
        built.fit(corpus(kind), corpus(kind, 10, seed=8), scoring)
    assert events == [] and built.history == []


def test_a_metric_is_checked_on_dev_labels_that_training_lacks() -> None:
    built, dev = model("sequence"), corpus("sequence", 10, seed=8)
    dev.targets.values[dev.targets.offsets[:-1][:3]] = LABELS + 4
    check_metric("score", built.kind, dev, Context(accuracy, "other"))


@pytest.mark.parametrize("kind", ["token", "sequence"])
def test_a_resumed_run_remembers_the_lowest_loss_and_the_wait(kind: str) -> None:
    def trainer() -> Trainer:
        options = {"epochs": 12, "batch_size": 8, "patience": 2, "learning_rate": 0.3, "schedule": "plateau"}
        return Trainer(model(kind), corpus(kind), corpus(kind, 10, seed=8), context(), **options)

    straight = trainer()
    straight.run()
    parts = trainer()
    while not parts.ended:
        file = io.BytesIO()
        parts.run(steps=3)
        torch.save(parts.state_dict(), file)
        file.seek(0)
        parts = trainer()
        parts.load_state_dict(torch.load(file, weights_only=True))
    rows = [[{k: row[k] for k in ("loss", "dev_loss", "score")} for row in t.history] for t in (straight, parts)]
    assert rows[0] == rows[1] and len(rows[0]) < 12, "patience ends training"
    assert parts.best["loss"] == straight.best["loss"] and parts.best["epoch"] == straight.best["epoch"]
    assert (parts.progress.waited, parts.progress.lowest) == (straight.progress.waited, straight.progress.lowest)
    assert parts.progress.lowest == min(row["dev_loss"] for row in straight.history)
