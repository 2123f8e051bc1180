"""Which sums over rows a metric is a function of: tasks as plugins write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of
from toy_kind import Length, RowLength

from core.data.corpus import Corpus
from core.data.vocab import SPECIALS
from core.evaluation import metrics
from core.evaluation.verdicts.statistics import block_size, in_blocks, row_sums
from core.kinds import find_kind
from core.row_sums import RowSums, macro_f1, mean, percent, perplexity, with_width
from core.task import Task
from core.types import Arrays

NAMES = vocab_of([*SPECIALS, "N", "V", "D"], [3, 0, 9, 5, 1])
ROWS = ["the dog barks", "", "dog", "the dog"] * 30
TAGS = corpus_of(ROWS, ["D N V", "", "N", "D N"] * 30, NAMES)
CLASSES = corpus_of(ROWS, ["D", "N", "V", "N"] * 30, NAMES)
TEXT = corpus_of(ROWS)


class Tagged(Task):
    """A task of kind ``token`` with any one metric of the true and predicted labels."""

    kind, primary = "token", "score"
    metric: Callable[..., float]

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        gold = find_kind(self.kind).gold(corpus)
        return {"score": type(self).metric(gold, predictions["label"], corpus.tokens.lengths - 1)}


class Classes(Tagged):
    kind = "sequence"


class Logs(Task):
    kind, primary = "next", "score"
    metric: Callable[..., float]

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        log_prob = predictions["log_prob"] if self.end else predictions["log_prob"][corpus.tokens.inner]
        return {"score": type(self).metric(log_prob)}


def with_metric(task: type[Task], metric: Callable[..., float], **more: object) -> Task:
    return type("Own", (task,), {"metric": staticmethod(metric), **more})()


def labels(corpus: Corpus, seed: int, kind: str) -> Arrays:
    random, gold = np.random.default_rng(seed), find_kind(kind).gold(corpus)
    return {"label": np.where(random.random(len(gold)) < 0.7, gold, random.integers(2, 5, len(gold)))}


def found(task: Task, corpus: Corpus, predictions: list[Arrays]) -> list[RowSums] | None:
    scores = [task.metrics(arrays, corpus)[task.primary] for arrays in predictions]
    sums = row_sums(find_kind(task.kind), task, [corpus] * len(scores), predictions, scores)
    assert sums is None or [own.score for own in sums] == pytest.approx(scores)
    return sums


def share(gold: np.ndarray, predicted: np.ndarray, lengths: np.ndarray) -> float:
    return float(np.mean(gold == predicted))


def whole(gold: np.ndarray, predicted: np.ndarray, lengths: np.ndarray) -> float:
    return metrics.whole_rows(gold == predicted, lengths)


@pytest.mark.parametrize(("base", "corpus"), [(Tagged, TAGS), (Classes, CLASSES)])
def test_shares_and_macro_f1_of_a_plugin_are_recognised(base: type[Task], corpus: Corpus) -> None:
    given = [labels(corpus, seed, base.kind) for seed in (0, 1)]
    for metric, formula in (
        (lambda gold, predicted, _: metrics.accuracy(gold, predicted), percent),
        (share, mean),
        (lambda gold, predicted, _: metrics.macro_f1(gold, predicted), macro_f1),
    ):
        sums = found(with_metric(base, metric), corpus, given)
        assert sums is not None and sums[0].formula is formula and len(sums[0].values) == len(corpus)


@pytest.mark.parametrize("metric", [metrics.perplexity, metrics.bits, lambda log_prob: -float(log_prob.mean())])
@pytest.mark.parametrize("end", [True, False])
def test_losses_of_a_plugin_are_recognised_with_and_without_ends(metric: Callable[..., float], end: bool) -> None:
    random = np.random.default_rng(0)
    given = [{"log_prob": -random.exponential(3, len(TEXT.tokens.values))} for _ in range(2)]
    sums = found(with_metric(Logs, metric, end=end), TEXT, given)
    assert sums is not None and sums[0].values[:, 1].tolist() == (TEXT.tokens.lengths - (not end)).tolist()


def test_any_other_metric_of_rows_is_computed_again_without_parts_of_them() -> None:
    sums = found(with_metric(Tagged, whole), TAGS, [labels(TAGS, seed, "token") for seed in (0, 1)])
    assert sums is not None and sums[0].formula is mean and len(sums[0].values) == 100


def test_a_formula_must_give_the_score_of_every_run() -> None:
    """All right: accuracy, sentences and macro F1 are 100; the other run decides."""
    perfect = {"label": find_kind("token").gold(TAGS)}
    sums = found(
        with_metric(Tagged, lambda g, p, _: metrics.macro_f1(g, p)), TAGS, [perfect, labels(TAGS, 1, "token")]
    )
    assert sums is not None and {own.formula for own in sums} == {macro_f1}


def test_a_kind_of_a_plugin_needs_nothing_of_its_own() -> None:
    right = Length().gold(TEXT)
    sums = row_sums(
        Length(), RowLength(), [TEXT] * 2, [{"length": right}, {"length": right * 0 + 1}], [100.0, 0.0]
    )
    assert sums is not None and sums[0].formula is percent


def test_a_kind_without_right_answers_is_computed_again() -> None:
    kind = type(
        "Plain", (Length,), {"correct": lambda *_: None, "event_scores": find_kind("vector").event_scores}
    )()
    random = np.random.default_rng(0)
    given = [{"length": random.integers(0, 2, len(TEXT))} for _ in range(2)]
    scores = [RowLength().metrics(arrays, TEXT)["accuracy"] for arrays in given]
    sums = row_sums(kind, RowLength(), [TEXT] * 2, given, scores)
    assert sums is not None and [own.score for own in sums] == pytest.approx(scores) and sums[0].formula is mean


def test_sums_of_a_task_are_checked() -> None:
    values = np.stack([np.ones(4), np.full(4, 2.0)], -1)
    task = type("Own", (Tagged,), {"row_sums": lambda *_: RowSums(values, percent)})()
    assert row_sums(find_kind("token"), task, [TAGS] * 2, [{}, {}], [50.0, 50.0]) is not None
    assert row_sums(find_kind("token"), task, [TAGS] * 2, [{}, {}], [50.0, 51.0]) is None


def test_a_metric_of_word_vectors_that_the_task_does_not_explain_has_no_sums() -> None:
    task = type("Vectors", (Task,), {"kind": "vector", "primary": "score"})()
    assert row_sums(find_kind("vector"), task, [TEXT], [{"similarity": np.zeros(len(TEXT))}], [50.0]) is None


def test_rows_of_running_text_and_very_many_rows_are_summed_in_blocks() -> None:
    assert [block_size(rows, False, 60) for rows in (2, 4096, 4097, 50_000)] == [1, 1, 2, 13]
    assert [block_size(rows, True, 60) for rows in (1, 9, 3761)] == [1, 3, 16]
    assert [block_size(2000, False, width) for width in (1024, 2048, 10**6)] == [1, 2, 10]  # of many labels
    rows, places = np.arange(10.0).reshape(5, 2), np.arange(5) // 2
    assert in_blocks([rows], [places], 3)[:, 0].tolist() == [[2, 4], [10, 12], [8, 9]]
    both = in_blocks([rows, rows[:2]], [places, np.array([2, 2])], 3)
    assert both[:, 1].tolist() == [[0, 0], [0, 0], [2, 4]] and both[:, 0].tolist() == [[2, 4], [10, 12], [8, 9]]


def test_other_splits_may_know_more_labels() -> None:
    """Numbers right, true and predicted of two labels; a third never occurs."""
    values = np.array([[1.0, 2, 1, 3, 2, 2]])
    wider = with_width(RowSums(values, macro_f1), 9)
    assert wider is not None and wider.values.tolist() == [[1, 2, 0, 1, 3, 0, 2, 2, 0]]
    assert wider.score == RowSums(values, macro_f1).score
    assert with_width(RowSums(values, mean), 9) is None and with_width(RowSums(values, macro_f1), 8) is None
    same = RowSums(values, mean)
    assert with_width(same, 6) is same


def test_predictions_that_are_not_entries_of_rows_have_no_sums() -> None:
    assert Perplexing().reads_rows and Length().entries_per_row({"length": np.zeros(7)}, TEXT) is None


class Perplexing(Length):
    """The kind of a plugin."""


def test_the_perplexity_of_part_of_the_events_is_computed_again() -> None:
    random = np.random.default_rng(0)
    given = [{"log_prob": -random.exponential(3, len(TEXT.tokens.values))} for _ in range(2)]
    sums = found(with_metric(Logs, lambda logs: metrics.perplexity(logs[::2])), TEXT, given)
    assert sums is not None and sums[0].formula is not perplexity


def test_groups_of_rows_that_a_task_makes_are_taken_only_where_all_runs_have_the_same_rows() -> None:
    """Half of the rows each, as two splits have them; without the groups, the metric is computed again."""
    halves = [TAGS.select(np.arange(60)), TAGS.select(np.arange(60, 120))]
    numbers, whole_rows = [np.arange(60), np.arange(60, 120)], [np.arange(120)] * 2
    own = {"row_sums": lambda *_: RowSums(np.array([[1.0, 2.0]] * 3), percent)}
    task = type("Own", (Tagged,), {"metric": staticmethod(whole), **own})()
    given = [labels(half, seed, "token") for seed, half in enumerate(halves)]
    scores = [task.metrics(arrays, half)["score"] for arrays, half in zip(given, halves, strict=True)]
    sums = row_sums(find_kind("token"), task, halves, given, scores, numbers, 120)
    assert sums is not None and [own.score for own in sums] == pytest.approx(scores)
    assert [own.values.shape for own in sums] == [(100, 2)] * 2  # the same groups of all rows for both
    assert (sums[0].values[60:, 0] == pytest.approx(sums[0].values[60, 0])) and sums[0].values[:50, 0].std() > 0
    same = row_sums(find_kind("token"), task, [TAGS] * 2, [{}, {}], [50.0] * 2, whole_rows, 120)
    assert same is not None and len(same[0].values) == 3
