"""Notes on scores that look like a result and are none: a model that learned nothing, a training that diverged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.data.prepare import Data
from core.data.text_checks import rare_words, unspaced_rows
from core.evaluation.metric_names import in_words
from core.families import FAMILIES
from core.kinds.base import Kind
from core.model.interface import Model
from core.task import Task
from core.types import Arrays, Note

ONE_ANSWER, BASELINE, IMBALANCE = "score.one_answer", "score.baseline", "score.imbalance"  # codes of notes
LOSS_HIGH, LOSS_GREW, STILL_RISING = "training.loss_high", "training.loss_grew", "training.still_rising"
STOPPED = "training.stopped"
ERRORS = 1.645  # standard errors that a difference exceeds by chance once in 20 times
UNLIKELY = 0.05  # the same as a probability
NEGLIGIBLE = 0.01  # the share of the errors, or of a perplexity, that a model must save to be better
RISING = 0.01  # the least gain of a perplexity, as a share of it, that makes more epochs worth trying
EPOCHS = 3  # from which a trend can be told from two points
NEAR = 1.1  # times the lowest dev loss; a loss that falls there may soon be the lowest
MAJORITY = 0.8  # the share of the most frequent label from which a hint about the others is given, ...
POOR_RECALL, RAREST = 0.5, 10  # ... where fewer of them are found, and where so many events have one
WEIGHTS, METRIC, BALANCED = "head.class_weights", "train.metric", "macro_f1"  # what the hint is about


def of_data(kind: Kind, task: Task, data: Data) -> list[Note]:
    """What is odd about the text of train; nothing where the labels show how it is cut."""
    if not kind.reads_rows:
        return []
    unspaced = [] if kind.labels == "token" else unspaced_rows(data.splits["train"], "train", task.tokens)
    return unspaced or rare_words(data.vocab)


def of_run(
    kind: Kind,
    task: Task,
    model: Model,
    data: Data,
    predictions: Mapping[str, Arrays],
    options: Mapping[str, str] | None = None,
) -> list[Note]:
    """What is odd about a training, and about the predictions; ``options`` are those of the run by dotted key."""
    options, last = options or {}, "test" if "test" in predictions else "dev"
    dev, notes = data.splits["dev"], list[Note]()
    with suppress(NotImplementedError):  # a kind need not define what only comparisons use
        notes += of_training(kind, task, model, dev, options)
    with suppress(NotImplementedError):
        notes += of_scores(kind, task, model, predictions[last], data.splits[last], last)
    with suppress(NotImplementedError):  # what leads to other options is read on dev
        notes += imbalance(kind, task, predictions["dev"], dev, options)
    return notes


def of_scores(kind: Kind, task: Task, model: Model, predictions: Arrays, corpus: Corpus, split: str) -> list[Note]:
    """A note where the predictions of a split are no better than the most frequent answer.

    The two are compared on each event: a gain is one if it is larger than chance gives on as many events, and not
    negligible.
    """
    baseline = kind.most_frequent(corpus)
    events = kind.count_events(task, corpus)
    if baseline is None or not events or not model.normalized:
        return []
    if note := one_answer(kind, predictions, corpus, split):
        return [note]
    mine, theirs = (kind.event_scores(task, arrays, corpus) for arrays in (predictions, baseline))
    gain, right = mine - theirs, kind.correct(predictions, corpus)
    by_chance = gain.sum() <= ERRORS * math.sqrt((gain**2).sum())
    least = NEGLIGIBLE * (events if right is None else events - theirs.sum())  # of a perplexity, or of the errors
    if not by_chance and gain.sum() > least or (right is not None and right.all()):
        return []
    own, other = (task.metrics(arrays, corpus)[task.primary] for arrays in (predictions, baseline))
    better = own < other if task.minimize else own > other
    if better and right is not None and not math.isclose(own, 100 * float(right.mean())):
        return []  # by the task's metric, which is another
    how = "not clearly better" if better else "no better"
    reason = f": chance explains the difference on {events:,} events" if better and by_chance else ""
    scores = f"{task.primary.replace('_', ' ')} {own:,.2f}, {other:,.2f}"
    constant = (
        "most frequent answer" if kind.constant_name == "most frequent" else f"baseline '{kind.constant_name}'"
    )
    text = f"{split}: {how} than the {constant} ({scores}){reason}"
    return [Note(BASELINE, text, {"split": split, "score": own, "baseline": other, "events": events})]


def one_answer(kind: Kind, predictions: Arrays, corpus: Corpus, split: str) -> Note | None:
    """A note where all predictions are one label, although that many right labels are hardly ever all the same."""
    labels, gold = predictions.get("label"), kind.gold(corpus)
    if labels is None or gold is None or corpus.labels is None or len(np.unique(labels)) != 1:
        return None
    share = float(np.mean(gold == labels[0]))
    if share ** len(gold) >= UNLIKELY:
        return None
    name = corpus.labels.words[int(labels[0])]
    text = f"{split}: the model answers '{name}' everywhere; it is {share:.1%} of the right answers"
    return Note(ONE_ANSWER, text, {"split": split, "label": name, "share": share})


def imbalance(kind: Kind, task: Task, predictions: Arrays, dev: Corpus, options: Mapping[str, str]) -> list[Note]:
    """A note where one label has most events of dev, the others are hardly found, and an option may help."""
    labels, gold = predictions.get("label"), kind.gold(dev)
    if labels is None or gold is None or not len(gold):
        return []
    most = int(np.bincount(gold).argmax())
    others = gold != most
    share, recall = 1 - float(others.mean()), float((labels == gold)[others].mean()) if others.any() else 1.0
    if share < MAJORITY or recall >= POOR_RECALL or others.sum() < RAREST:
        return []
    hints = [f"{WEIGHTS}=balanced"] if options.get(WEIGHTS) == "none" else []
    scores = task.metrics(predictions, dev)
    weighs_events = math.isclose(scores[task.primary], 100 * float(np.mean(labels == gold)))  # an F1 does not
    if options.get(METRIC) == "auto" and weighs_events and BALANCED in scores:
        hints.append(f"{METRIC}={BALANCED}")
    if not hints:
        return []
    label = dev.label_names[most]
    what = f"{share:.1%} of the right answers are '{label}', and of the others {recall:.1%} are found"
    text = f"dev: {what}; try {' and '.join(hints)}"
    return [Note(IMBALANCE, text, {"label": label, "share": share, "recall": recall})]


def of_training(
    kind: Kind, task: Task, model: Model, dev: Corpus, options: Mapping[str, str] | None = None
) -> list[Note]:
    """A note where the loss or the dev scores of a finished training say that another would be better."""
    curve = model.history
    losses = [float(row["loss"]) for row in curve if "loss" in row]
    has_options = "train" in FAMILIES[model.family].sections  # which the notes name
    if not has_options or model.status != "finished" or not losses or len(losses) < len(curve):
        return []
    size, last = kind.answer_count(dev), losses[-1]
    if size is not None and size > 1 and last >= math.log(size):
        return [_loss_high(last, math.log(size), len(losses))]
    if len(losses) > 1 and last >= losses[0]:
        what = f"the loss did not fall: {losses[0]:.4g} in epoch 1, {last:.4g} in epoch {len(losses)}"
        text = f"training: {what}; try a smaller train.learning_rate"
        return [Note(LOSS_GREW, text, {"first": losses[0], "last": last})]
    planned = str(model.chosen.get("train.epochs", (options or {}).get("train.epochs")))
    stopped = stopped_while_falling(curve, int(planned)) if planned.isdecimal() else []
    more = "a longer budget" if "time:" in (options or {}).get("budget", "") else "more train.epochs"
    return stopped or still_rising(task, curve, kind.count_events(task, dev), more)


def _loss_high(loss: float, uniform: float, epochs: int) -> Note:
    """The note of a loss above that of equal probabilities."""
    far = loss > 2 * uniform
    what = "it diverged" if far else "nothing is learned yet"
    remedy = "a smaller train.learning_rate or train.clip" if far else "more train.epochs or another learning rate"
    equal = f"equal probabilities for all answers have {uniform:.3g}"
    text = f"training: the loss of the last epoch is {loss:.3g} nats, and {equal}: {what}; try {remedy}"
    return Note(LOSS_HIGH, text, {"loss": loss, "uniform": uniform, "epochs": epochs})


def stopped_while_falling(curve: Sequence[Mapping[str, Any]], planned: int) -> list[Note]:
    """A note where training stopped before its last epoch, although the dev loss fell in the epochs before."""
    every = [float(row.get("dev_loss", math.nan)) for row in curve]
    losses = every[-EPOCHS:]
    if len(curve) >= planned or len(losses) < EPOCHS or not all(a > b for a, b in pairwise(losses)):
        return []
    if losses[-1] > NEAR * min(every):
        return []  # it rose before: the model overfits
    fell = ", ".join(f"{loss:.4g}" for loss in losses)
    text = f"training: it stopped after {len(curve)} of {planned} epochs, while the dev loss fell ({fell})"
    values = {"epochs": len(curve), "planned": planned, "losses": losses}
    return [Note(STOPPED, f"{text}; a larger train.patience may help", values)]


def still_rising(
    task: Task, curve: Sequence[Mapping[str, Any]], events: int, more: str = "more train.epochs"
) -> list[Note]:
    """A note where the last epoch is the best on dev, by more than chance explains; ``more``: what may help."""
    scores = [float(row.get(task.primary, math.nan)) for row in curve]
    if len(scores) < EPOCHS or not all(map(math.isfinite, scores)):
        return []
    last, best = scores[-1], (min if task.minimize else max)(scores[:-1])
    if task.minimize:
        enough = best - last > RISING * abs(best)
    else:  # the standard error of a share in percent
        enough = last - best > math.sqrt(max(0.0, best * (100 - best)) / max(1, events))
    if not enough:
        return []
    name = in_words(task.primary)
    text = f"training: the last of {len(scores)} epochs is the best on dev ({name} {best:,.2f}, then {last:,.2f})"
    return [Note(STILL_RISING, f"{text}; {more} may help", {"epochs": len(scores), "gain": last - best})]
