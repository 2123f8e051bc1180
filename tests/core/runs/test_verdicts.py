"""Verdicts on saved runs: read from their predictions, with what cannot be compared left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.evaluation.verdicts.sentences import about
from core.registry import registry
from core.runs import store
from core.runs.predictions import read_predictions, rebuild
from core.runs.result import Result
from core.runs.verdicts import (
    CHANGED,
    NO_SCORE,
    NOT_SAVED,
    SEEDS,
    TOO_FEW,
    UNFINISHED,
    UNKNOWN,
    UNREADABLE,
    read_verdict,
)

SMALL = {"data.limit": 60, "quiet": True}
TAGGER = {"task": "pos", "encoder": "ngram", "encoder.smoothing": "laplace", "head.words": 0}
LM = {"task": "lm", "encoder": "ngram", "encoder.smoothing": "witten-bell"}
CASES: Mapping[str, Mapping[str, Any]] = {
    "tag1": TAGGER | {"encoder.order": 1},
    "tag2": TAGGER | {"encoder.order": 2},
    "bare": TAGGER | {"encoder.order": 2, "save": "none", "head.words": 10},
    "classes": {"task": "sentiment", "encoder": "ngram", "encoder.order": 1},
    "lm1": LM | {"encoder.order": 1},
    "lm2": LM | {"encoder.order": 2},
    "score": LM | {"encoder.order": 2, "encoder.smoothing": "stupid-backoff"},
    "alone": LM | {"encoder.order": 2, "task.end": False, "task.mode": "sentence"},
    "alone1": LM | {"encoder.order": 1, "task.end": False, "task.mode": "sentence"},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    folder = str(tmp_path_factory.mktemp("verdicts"))
    return {name: core.run(runs=folder, **(SMALL | dict(words))) for name, words in CASES.items()}


def codes(notes: list[Any]) -> list[str]:
    return [note.code for note in notes]


def with_seeds(run: Result, seeds: list[int], folder: Path, seeded: bool = True) -> list[Result]:
    """Copies of a run under other seeds, each with a tenth of its labels changed."""
    copies = []
    for seed in seeds:
        path = folder / f"{run.id}-{seed}"
        path.mkdir()
        (path / store.CONFIG).write_bytes((run.path / store.CONFIG).read_bytes())
        (path / store.LABELS).write_bytes((run.path / store.LABELS).read_bytes())
        task, corpus, arrays = rebuild(run, "test")
        random = np.random.default_rng(seed)
        label = np.where(random.random(len(arrays["label"])) < 0.1, 2, arrays["label"])
        np.savez(path / store.PREDICTIONS, **{"test.label": label})
        metrics = {"dev": run.metrics["dev"], "test": dict(task.metrics({"label": label}, corpus))}
        facts = run.facts | {"seeded": seeded}
        copy = replace(run, id=path.name, seed=seed, metrics=metrics, facts=facts, folder=str(path))
        copies.append(copy)
        store._write_record(path, copy)
    return copies


def test_the_difference_is_that_of_the_scores_and_its_p_value_is_mcnemars(runs: dict[str, Result]) -> None:
    """One event per row and one seed: exchanging rows is McNemar's test."""
    from scipy.stats import binomtest

    first, second = runs["classes"], runs["classes"]
    arrays = read_predictions(first, "test")
    other = with_labels(first, np.where(np.arange(len(arrays["label"])) % 40 == 0, 2, arrays["label"]))
    verdict, notes = read_verdict({"a": [first], "b": [other]})
    assert verdict is not None and not notes and verdict.unit == "row" and verdict.units == 2000
    pair = verdict.pairs[0]
    assert abs(pair.difference) == pytest.approx(abs(first.score - other.score))
    gold = rebuild(second, "test")[1].targets.values[::2]
    right = [read_predictions(run, "test")["label"] == gold for run in (first, other)]
    only = [int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())]
    assert pair.p == pytest.approx(binomtest(only[0], sum(only)).pvalue, abs=0.02)


def with_labels(run: Result, label: np.ndarray) -> Result:
    """A copy of a run with other labels for test."""
    path = run.path.with_name(f"{run.id}-changed")
    path.mkdir(exist_ok=True)
    for name in (store.CONFIG, store.LABELS):
        (path / name).write_bytes((run.path / name).read_bytes())
    np.savez(path / store.PREDICTIONS, **{"test.label": label})
    task, corpus, _ = rebuild(run, "test")
    metrics = run.metrics | {"test": dict(task.metrics({"label": label}, corpus))}
    copy = replace(run, id=path.name, metrics=metrics, folder=str(path))
    store._write_record(path, copy)
    return copy


def test_a_column_of_taggers_is_compared_over_sentences(runs: dict[str, Result]) -> None:
    verdict, notes = read_verdict({"one": [runs["tag1"]], "two": [runs["tag2"]]})
    assert verdict is not None and not notes
    best = max(("one", "tag1"), ("two", "tag2"), key=lambda name: runs[name[1]].score)[0]
    assert verdict.names[0] == best and verdict.metric == "accuracy" and verdict.units == 2000


def test_dev_has_a_verdict_of_its_own(runs: dict[str, Result]) -> None:
    verdict, _ = read_verdict({"one": [runs["tag1"]], "two": [runs["tag2"]]}, "dev")
    gap = abs(runs["tag1"].metrics["dev"]["accuracy"] - runs["tag2"].metrics["dev"]["accuracy"])
    assert verdict is not None and abs(verdict.pairs[0].difference) == pytest.approx(gap)


def test_running_text_is_compared_over_blocks_and_less_perplexity_is_better(runs: dict[str, Result]) -> None:
    verdict, _ = read_verdict({"one": [runs["lm1"]], "two": [runs["lm2"]]})
    assert verdict is not None and verdict.unit == "block of 13 rows" and verdict.units == math.ceil(2000 / 13)
    scores = sorted([runs["lm1"].score, runs["lm2"].score])
    assert verdict.pairs[0].difference == pytest.approx(scores[0] - scores[1])


def test_rows_that_are_read_alone_are_the_units_and_ends_may_be_left_out(runs: dict[str, Result]) -> None:
    verdict, _ = read_verdict({"one": [runs["alone1"]], "two": [runs["alone"]]})
    assert verdict is not None and (verdict.unit, verdict.units) == ("row", 2000)


def test_rows_without_scores_or_predictions_are_left_out_with_a_note(runs: dict[str, Result]) -> None:
    verdict, notes = read_verdict({"score": [runs["score"]], "one": [runs["lm1"]], "two": [runs["lm2"]]})
    assert verdict is not None and set(verdict.names) == {"one", "two"} and codes(notes) == [NO_SCORE]
    assert str(notes[0]) == "lm: score is not compared: it has no finite score"
    verdict, notes = read_verdict({"bare": [runs["bare"]], "two": [runs["tag2"]]})
    assert verdict is None and codes(notes) == [NOT_SAVED]


def test_an_interrupted_run_is_not_compared(runs: dict[str, Result]) -> None:
    rows = {"one": [runs["lm1"]], "two": [replace(runs["lm2"], status="interrupted")]}
    verdict, notes = read_verdict(rows)
    assert verdict is None and codes(notes) == [UNFINISHED]


def test_one_row_has_no_verdict() -> None:
    assert read_verdict({}) == (None, [])


def test_seeds_are_paired_and_those_in_common_count(runs: dict[str, Result], tmp_path: Path) -> None:
    first = with_seeds(runs["tag1"], [1, 2, 3], tmp_path)
    second = with_seeds(runs["tag2"], [2, 3, 4], tmp_path)
    verdict, notes = read_verdict({"one": first, "two": second})
    assert verdict is not None and not notes and verdict.pairs[0].seeds == 2
    scores = {run.seed: run.score for run in first}
    gaps = [scores[run.seed] - run.score for run in second if run.seed in scores]
    assert abs(verdict.pairs[0].difference) == pytest.approx(abs(np.mean(gaps)))
    (tmp_path / "more").mkdir()
    third = with_seeds(runs["tag1"], [9], tmp_path / "more")
    verdict, notes = read_verdict({"one": first, "two": second, "three": third})
    assert verdict is not None and set(verdict.names) == {"one", "two"} and codes(notes) == [SEEDS]


def test_one_counted_run_is_paired_with_every_seed(runs: dict[str, Result], tmp_path: Path) -> None:
    trained = with_seeds(runs["tag1"], [3, 4, 5, 6, 7], tmp_path)
    verdict, notes = read_verdict({"counted": [runs["tag2"]], "trained": trained})
    assert verdict is not None and not notes
    assert (verdict.pairs[0].seeds, verdict.pairs[0].about) == (5, "methods")


def test_copies_of_a_run_that_depends_on_no_seed_count_once(runs: dict[str, Result], tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = with_seeds(runs["tag1"], [1, 2, 3, 4, 5], tmp_path / "one")
    second = with_seeds(runs["tag2"], [2, 3], tmp_path / "two")
    fixed = {name: [unseeded(run) for run in own] for name, own in (("one", first), ("two", second))}
    verdict, notes = read_verdict(fixed)
    assert verdict is not None and not notes
    pair = verdict.pairs[0]
    assert (pair.seeds, pair.runs, pair.about, pair.superiority) == (1, 1, "methods", None)
    assert about([verdict]) == []  # another seed would give the same models
    once, _ = read_verdict({name: own[:1] for name, own in fixed.items()})
    assert once is not None and once.pairs[0].p == pair.p


def unseeded(run: Result) -> Result:
    """The run of a model whose training depends on no seed."""
    return replace(run, facts={**run.facts, "seeded": False})


def test_labels_that_another_run_numbers_differently_are_compared(runs: dict[str, Result], tmp_path: Path) -> None:
    run = with_seeds(runs["tag2"], [1], tmp_path)[0]
    vocab = store.read_vocab(run.path, store.LABELS)
    assert vocab is not None
    size = vocab.size
    order = [0, 1, *range(size - 1, 1, -1)]
    turned = {"words": [vocab.words[i] for i in order], "counts": vocab.counts[order].tolist()}
    import json

    before = json.loads((run.path / store.LABELS).read_text())
    (run.path / store.LABELS).write_text(json.dumps(before | turned))
    label = read_predictions(run, "test")["label"]
    np.savez(run.path / store.PREDICTIONS, **{"test.label": np.where(label < 2, label, size + 1 - label)})
    verdict, notes = read_verdict({"one": [replace(runs["tag1"], seed=1)], "two": [run]})
    assert not notes and verdict is not None
    assert abs(verdict.pairs[0].difference) == pytest.approx(abs(run.score - runs["tag1"].score))


def test_rows_that_cannot_be_read_are_left_out(runs: dict[str, Result], tmp_path: Path) -> None:
    broken, whole = with_seeds(runs["tag2"], [1, 2], tmp_path)
    (broken.path / store.PREDICTIONS).write_bytes(b"PK")
    first, whole = replace(runs["tag1"], seed=1), replace(whole, seed=1)
    verdict, notes = read_verdict({"two": [broken], "one": [first], "three": [whole]})
    assert verdict is not None and set(verdict.names) == {"one", "three"} and codes(notes) == [UNREADABLE]
    assert str(notes[0]).startswith("pos: two is not compared: ") and "cannot be read" in str(notes[0])
    verdict, notes = read_verdict({"one": [first], "two": [broken]})
    assert verdict is None and codes(notes) == [UNREADABLE]


def test_data_that_has_changed_is_a_note(runs: dict[str, Result]) -> None:
    rows = {name: [replace(runs[name], fingerprints={"test": "other"})] for name in ("tag1", "tag2")}
    verdict, notes = read_verdict(rows)
    assert verdict is None and codes(notes) == [CHANGED]
    assert str(notes[0]).startswith("no verdict on pos: ") and "the test data has changed" in str(notes[0])


def test_scores_that_predictions_do_not_give_are_no_verdict(runs: dict[str, Result]) -> None:
    other = replace(runs["tag1"], metrics=runs["tag1"].metrics | {"test": {"accuracy": 12.3}})
    verdict, notes = read_verdict({"one": [other], "two": [runs["tag2"]]})
    assert verdict is None and codes(notes) == [UNKNOWN]
    assert str(notes[0]) == "no verdict on pos: accuracy cannot be computed again on parts of the rows"


def test_one_row_of_data_is_too_few(tmp_path: Path) -> None:
    for name, rows in (("train", 20), ("dev", 1), ("test", 1)):
        lines = [f'{{"text": "{word} one", "label": "{word}"}}' for word in ("good", "bad")]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines[: 1 if rows == 1 else 2] * rows) + "\n")
    words = {"task": "sentiment", "encoder": "ngram", "data": str(tmp_path), "runs": str(tmp_path / "runs")}
    pair = [core.run(**words, quiet=True, **{"encoder.order": order}) for order in (1, 2)]
    verdict, notes = read_verdict({"one": [pair[0]], "two": [pair[1]]})
    assert verdict is None and codes(notes) == [TOO_FEW]


@pytest.fixture
def own_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins that a test loads are forgotten after it."""
    monkeypatch.setattr(registry(), "_plugins", dict(registry()._plugins))


@pytest.mark.usefixtures("own_plugins")
def test_a_metric_of_a_plugin_is_computed_again(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(PLUGIN)
    words = {"task": "sentences", "encoder": "ngram", "plugin": str(tmp_path / "own.py"), "runs": str(tmp_path)}
    pair = [core.run(**SMALL, **words, **{"encoder.order": order, "head.words": 0}) for order in (1, 2)]
    verdict, notes = read_verdict({"one": [pair[0]], "two": [pair[1]]}, plugins=[str(tmp_path / "own.py")])
    assert verdict is not None and not notes and (verdict.units, verdict.unit) == (100, "block of 20 rows")
    assert abs(verdict.pairs[0].difference) == pytest.approx(abs(pair[0].score - pair[1].score))


@pytest.mark.usefixtures("own_plugins")
def test_a_metric_that_fails_on_parts_of_the_rows_is_a_note(tmp_path: Path) -> None:
    fails = "        assert len(corpus) in (1000, 2000), 'too few rows'\n        right ="
    file = str(tmp_path / "failing.py")
    Path(file).write_text(PLUGIN.replace("        right =", fails).replace('"sentences", S', '"failing", S'))
    words = {"task": "failing", "encoder": "ngram", "plugin": file, "runs": str(tmp_path), "head.words": 0}
    pair = [core.run(**SMALL | words, **{"encoder.order": order}) for order in (1, 2)]
    verdict, notes = read_verdict({"one": [pair[0]], "two": [pair[1]]}, plugins=[file])
    assert verdict is None and codes(notes) == [UNKNOWN]
    assert str(notes[0]) == "no verdict on failing: sentences of parts of the rows: too few rows"


PLUGIN = """
from core import hookimpl
from core.evaluation.metrics import whole_rows
from core.task import Task


class Sentences(Task):
    kind, primary = "token", "sentences"

    def metrics(self, predictions, corpus):
        right = predictions["label"] == corpus.targets.values[corpus.tokens.inner]
        return {"sentences": whole_rows(right, corpus.tokens.lengths - 1)}


@hookimpl
def register_tasks(register):
    register("sentences", Sentences, kind="token", help="whole sentences")
"""
