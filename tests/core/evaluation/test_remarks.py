"""Remarks on scores and trainings: said where they are true, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_cases import corpus_of, vocab_of

import core
from core.data.corpus import Corpus
from core.data.prepare import Data
from core.data.sources import open_source
from core.data.sources.base import Source
from core.data.vocab import FIRST, SPECIALS
from core.evaluation import remarks
from core.kinds import find_kind
from core.kinds.base import Kind
from core.model.interface import Model
from core.runs import store
from core.types import Arrays, Note
from tasks.lm import LanguageModelling
from tasks.sentiment import Sentiment

GUESSING = np.random.default_rng(0)


def labelled(gold: list[str]) -> Corpus:
    """Rows with these labels; ``a`` is the most frequent label of training."""
    return corpus_of(["the"] * len(gold), gold, vocab_of((*SPECIALS, "a", "b"), [0, 0, 9, 8]))


def model_with(curve: list[dict[str, Any]] = (), status: str = "finished", family: str = "neural") -> Model:
    model = Model()
    model.history, model.status, model.family = list(curve), status, family
    return model


def scores(gold: list[str], answers: list[str]) -> list[Note]:
    labels = np.array(["ab".index(answer) + FIRST for answer in answers])
    corpus, task = labelled(gold), Sentiment()
    return remarks.of_scores(find_kind("sequence"), task, model_with(), {"label": labels}, corpus, "test")


def mixed(gold: list[str], right: int) -> list[str]:
    """Answers of which the first ``right`` of each label are right."""
    seen = {"a": 0, "b": 0}
    answers = []
    for label in gold:
        seen[label] += 1
        answers.append(label if seen[label] <= right else "ab".replace(label, ""))
    return answers


def test_a_model_that_learned_nothing_is_no_better_than_the_most_frequent_answer() -> None:
    gold = ["a"] * 1017 + ["b"] * 983  # 50.85 %
    (note,) = scores(gold, mixed(gold, 508))  # 50.8 %
    assert note.code == "score.baseline" and note.values["events"] == 2000
    assert note.text == "test: no better than the most frequent answer (accuracy 50.80, 50.85)"


def test_a_gain_within_chance_is_not_clearly_better_and_a_larger_one_is() -> None:
    gold = ["a", "b"] * 1000  # a guess has 50 +- 1.1 %
    (note,) = scores(gold, mixed(gold, 510))
    assert "not clearly better" in note.text and "chance explains the difference on 2,000 events" in note.text
    assert scores(gold, mixed(gold, 530)) == []


def test_the_margin_depends_on_the_number_of_events() -> None:
    gold = ["a", "b"] * 20
    assert len(scores(gold, mixed(gold, 11))) == 1  # 55 % of 40
    gold = ["a", "b"] * 2000
    assert scores(gold, mixed(gold, 1100)) == []  # 55 % of 4,000


def test_a_few_more_right_answers_of_many_are_not_better() -> None:
    gold = ["a"] * 2000 + ["b"] * 2000
    (note,) = scores(gold, ["a"] * 2000 + ["b"] * 10 + ["a"] * 1990)  # certainly better, by 0.5 % of the errors
    assert note.text.endswith("(accuracy 50.25, 50.00)")


def test_a_small_sure_gain_over_a_frequent_answer_is_better() -> None:
    gold = ["a"] * 950 + ["b"] * 50
    assert scores(gold, ["a"] * 950 + ["b"] * 20 + ["a"] * 30) == []


@pytest.mark.parametrize("gold", [["a", "b"], ["a"] * 9 + ["b"], ["a"] * 5])
def test_a_model_without_errors_gets_no_remark(gold: list[str]) -> None:
    assert scores(gold, gold) == []


def test_one_answer_everywhere_is_said_where_the_right_ones_differ() -> None:
    (note,) = scores(["a", "b"] * 10, ["b"] * 20)
    assert note.code == "score.one_answer" and note.values["label"] == "b"
    assert note.text == "test: the model answers 'b' everywhere; it is 50.0% of the right answers"


def test_one_answer_to_a_few_rows_or_nearly_one_class_is_not_said() -> None:
    assert all(note.code != "score.one_answer" for note in scores(["a", "b"], ["a", "a"]))
    gold = ["a"] * 99 + ["b"]
    assert all(note.code != "score.one_answer" for note in scores(gold, ["a"] * 100))


def next_scores(log_probs: np.ndarray) -> list[Note]:
    corpus = corpus_of(["the dog barks"] * 20)
    arrays: Arrays = {"log_prob": log_probs if len(log_probs) > 1 else np.full(80, log_probs[0])}
    return remarks.of_scores(find_kind("next"), LanguageModelling(), model_with(), arrays, corpus, "test")


def test_a_language_model_is_compared_with_the_frequencies_of_words() -> None:
    corpus = corpus_of(["the dog barks"] * 20)
    baseline = find_kind("next").most_frequent(corpus)["log_prob"]
    for log_probs in (baseline, baseline - 0.1, baseline + 0.001, np.full(80, -np.inf)):
        (note,) = next_scores(log_probs)
        assert note.code == "score.baseline" and "better than the most frequent answer (perplexity" in note.text
    assert next_scores(baseline + 0.1) == []


def test_a_kind_without_scores_of_events_gets_only_the_other_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    kind, corpus = find_kind("sequence"), labelled(["a", "b"] * 20)
    monkeypatch.setattr(type(kind), "event_scores", Kind.event_scores)
    data = Data(corpus.vocab, corpus.labels, {"dev": corpus, "test": corpus}, Source())
    model = model_with([{"loss": 0.3, "accuracy": 50.0}, {"loss": 0.4, "accuracy": 50.0}])
    labels = np.array([FIRST, FIRST + 1, FIRST + 1, FIRST] * 10)
    answers = {split: {"label": labels} for split in ("dev", "test")}
    (note,) = remarks.of_run(kind, Sentiment(), model, data, answers)
    assert note.code == "training.loss_grew"


def training(losses: list[float], accuracies: list[float] | None = None, **options: Any) -> list[Note]:
    curve = [{"loss": loss, "accuracy": a} for loss, a in zip(losses, accuracies or [50.0] * 9, strict=False)]
    corpus = labelled(["a", "b"] * 200)
    return remarks.of_training(find_kind("sequence"), Sentiment(), model_with(curve, **options), corpus)


@pytest.mark.parametrize("losses", [[3.9e31, 2.1e31, 1.1e31], [0.6, 0.5, 7.0], [1e12]])
def test_a_loss_far_above_equal_probabilities_diverged(losses: list[float]) -> None:
    (note,) = training(losses)
    assert note.code == "training.loss_high" and "it diverged; try a smaller train.learning_rate" in note.text
    assert "equal probabilities for all answers have 0.693" in note.text


def test_a_loss_at_equal_probabilities_has_learned_nothing_yet() -> None:
    (note,) = training([0.71, 0.70])
    assert note.code == "training.loss_high" and "nothing is learned yet" in note.text


@pytest.mark.parametrize("losses", [[0.3, 0.35, 0.4], [0.3, 0.2, 0.3]])
def test_a_loss_that_grew_or_never_fell_is_noted(losses: list[float]) -> None:
    (note,) = training(losses)
    assert note.code == "training.loss_grew" and note.values == {"first": losses[0], "last": losses[-1]}


@pytest.mark.parametrize("losses", [[0.6, 0.5, 0.4], [0.6, 0.7, 0.5], [0.5], []])
def test_a_loss_that_fell_is_not_noted(losses: list[float]) -> None:
    assert training(losses) == []


def stopped(losses: list[float], planned: int | None, **options: Any) -> list[Note]:
    curve = [{"loss": 0.6 - i / 100, "dev_loss": loss, "accuracy": 50.0} for i, loss in enumerate(losses)]
    model = model_with(curve, **options)
    model.chosen = {} if planned is None else {"train.epochs": planned}
    given = {"train.epochs": "9"}
    return remarks.of_training(find_kind("sequence"), Sentiment(), model, labelled(["a", "b"] * 200), given)


def test_a_training_that_stopped_while_the_dev_loss_fell_is_noted() -> None:
    (note,) = stopped([0.65, 0.9, 0.8, 0.7], 20)
    assert note.code == "training.stopped"
    what = "it stopped after 4 of 20 epochs, while the dev loss fell (0.9, 0.8, 0.7)"
    assert note.text == f"training: {what}; a larger train.patience may help"
    assert note.values == {"epochs": 4, "planned": 20, "losses": [0.9, 0.8, 0.7]}
    assert "after 4 of 9 epochs" in stopped([0.65, 0.9, 0.8, 0.7], None)[0].text  # as the user gives them


@pytest.mark.parametrize(
    ("losses", "planned"),
    [
        ([0.65, 0.9, 0.8, 0.7], 4),  # the last epoch
        ([0.63, 0.9, 0.8, 0.7], 20),  # far above the lowest: it overfits
        ([0.65, 0.9, 0.8, 0.8], 20),
        ([0.65, 0.7, 0.8, 0.9], 20),
        ([0.9, 0.8], 20),  # no trend
        ([0.65, float("nan"), 0.8, 0.7], 20),
    ],
)
def test_a_training_that_ended_otherwise_is_not(losses: list[float], planned: int) -> None:
    assert stopped(losses, planned) == []


BOTH = {"head.class_weights": "none", "train.metric": "auto"}


def unbalanced(a: int, b: int, found: int, options: dict[str, str]) -> list[Note]:
    gold = ["a"] * a + ["b"] * b
    labels = np.array([FIRST] * a + [FIRST + 1] * found + [FIRST] * (b - found))
    arrays: Arrays = {"label": labels}
    return remarks.imbalance(find_kind("sequence"), Sentiment(), arrays, labelled(gold), options)


def test_rare_labels_that_are_hardly_found_get_a_hint() -> None:
    (note,) = unbalanced(95, 20, 9, BOTH)
    assert note.code == "score.imbalance"
    assert note.text == (
        "dev: 82.6% of the right answers are 'a', and of the others 45.0% are found; "
        "try head.class_weights=balanced and train.metric=macro_f1"
    )
    assert note.values == {"label": "a", "share": pytest.approx(95 / 115), "recall": 0.45}


def test_a_task_whose_primary_metric_does_not_weigh_all_events_alike_gets_no_hint() -> None:
    class ByF1(Sentiment):
        primary = "macro_f1"

    gold, labels = labelled(["a"] * 95 + ["b"] * 20), np.full(115, FIRST)
    arguments = find_kind("sequence"), ByF1(), {"label": labels}, gold
    assert not remarks.imbalance(*arguments, {"train.metric": "auto"})


@pytest.mark.parametrize(
    ("counts", "hint"),
    [((95, 20, 10), False), ((79, 21, 0), False), ((80, 20, 0), True), ((95, 9, 0), False), ((95, 10, 0), True)],
)
def test_the_hint_needs_a_large_majority_a_poor_recall_and_some_events(
    counts: tuple[int, int, int], hint: bool
) -> None:
    assert bool(unbalanced(*counts, BOTH)) == hint


@pytest.mark.parametrize(
    ("options", "end"),
    [
        ({**BOTH, "head.class_weights": "balanced"}, "try train.metric=macro_f1"),
        ({**BOTH, "train.metric": "macro_f1"}, "try head.class_weights=balanced"),
        ({"train.metric": "auto"}, "try train.metric=macro_f1"),  # a tagger
        ({"head.class_weights": "balanced", "train.metric": "macro_f1"}, ""),
        ({}, ""),  # a counting model
    ],
)
def test_only_what_the_run_has_and_does_not_use_is_suggested(options: dict[str, str], end: str) -> None:
    notes = unbalanced(95, 20, 0, options)
    assert [note.text.endswith(end) for note in notes] == [True] * bool(end)


def test_an_interrupted_training_is_not_judged() -> None:
    assert training([0.3, 9.9], status="interrupted") == []


def test_a_training_without_the_options_that_the_notes_name_is_not_judged() -> None:
    assert len(training([0.3, 9.9])) == 1 and training([0.3, 9.9], family="model") == []


def test_the_last_epoch_is_the_best_by_more_than_chance() -> None:
    (note,) = training([0.6, 0.5, 0.4], [60.0, 70.0, 75.0])  # of 400 events, with an error of 2.3
    assert note.code == "training.still_rising" and "(accuracy 70.00, then 75.00)" in note.text
    for accuracies in ([60.0, 70.0, 71.0], [60.0, 75.0, 70.0], [60.0, 80.0]):
        assert training([0.6, 0.5, 0.4], accuracies) == []


def test_a_perplexity_still_falls_by_more_than_one_percent() -> None:
    corpus = corpus_of(["the dog barks"] * 20)
    for perplexities, count in (([9, 8, 7.5], 1), ([9, 8, 7.95], 0), ([9, 7, 8], 0), ([9, 8, float("inf")], 0)):
        curve = [{"loss": 1.5 - i / 10, "perplexity": value} for i, value in enumerate(perplexities)]
        found = remarks.of_training(find_kind("next"), LanguageModelling(), model_with(curve), corpus)
        assert [note.code for note in found] == ["training.still_rising"] * count


def test_a_run_on_chinese_without_spaces_says_so(tmp_path: Path) -> None:
    lines = [f"第{i}天天气很好，我们去公园散步。" for i in range(60)]
    (tmp_path / "zh.txt").write_text("\n".join(lines))
    words = {"data": str(tmp_path / "zh.txt"), "runs": str(tmp_path / "runs"), "encoder.order": 2, "quiet": True}
    for tokens, codes in (("space", ["text.unspaced"]), ("char", [])):
        result = core.run(task="lm", encoder="ngram", **words, **{"task.tokens": tokens})
        assert [note.code for note in result.notes if note.code.startswith("text.")] == codes, tokens
    saved = core.load(core.run(task="lm", encoder="ngram", **words).folder)
    (tmp_path / "more.txt").write_text("这本书的作者是一位著名的历史学家。\n" * 3)
    saved.evaluate(open_source(str(tmp_path / "more.txt")), "train")
    assert [note.code for note in saved.notes] == ["text.unspaced"]


def test_a_run_that_diverged_says_so_and_saves_its_remarks(tmp_path: Path) -> None:
    small = {"encoder.hidden_size": 4, "train.epochs": 2, "data.limit": 60, "train.learning_rate": 1e30}
    result = core.run(task="sentiment", encoder="lstm", quiet=True, runs=str(tmp_path), **small)
    found = {note.code: note for note in result.notes}
    assert "training.loss_high" in found and {"score.baseline", "score.one_answer"} & set(found)
    saved = {note.code: note for note in store.read(Path(result.folder)).notes}
    assert saved["training.loss_high"].values == found["training.loss_high"].values
    assert found["training.loss_high"].values["uniform"] == pytest.approx(np.log(2))
