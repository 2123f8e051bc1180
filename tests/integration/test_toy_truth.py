"""What the toy language must show: no encoder beats its ceiling, and each kind of reader has its strength."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_cases import spec_of

import core
from core import config
from core.data.corpus import Corpus, Ragged
from core.data.options import DataOptions
from core.data.prepare import Data, prepare
from core.kinds import find_kind
from core.runs import components, store
from core.runs.trained_model import TrainedModel, load
from plugins.datasets.toy import Toy
from plugins.datasets.toy.lexicon import VERBS

pytestmark = pytest.mark.slow
SEEDS = (1, 2)
USUAL = ("ngram", "window", "lstm", "bilstm")
SHORT = {"data.limit": 2000, "train.epochs": 4}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def trained(runs: Path, **words: Any) -> tuple[TrainedModel, core.runs.result.Result]:
    result = core.run(
        data="toy", runs=str(runs), quiet=True, **words
    )  # the second time it is taken from the store
    return load(result.folder), result


def toy(model: TrainedModel) -> Data:
    cell = config.expand([f"{k}={v}" for k, v in model.config.flat().items()])[0]
    return prepare(components.source(cell), spec_of(model.task), DataOptions(**cell.data_options))


def per_row(kind: str, arrays: dict[str, Any], corpus: Corpus) -> np.ndarray[Any, Any]:
    """What a row earns: its log-probability, its right tags, or its right class; float (R,)."""
    tokens = corpus.tokens
    if kind == "sequence":
        return (arrays["label"] == corpus.targets.values[corpus.targets.offsets[:-1]]).astype(float)
    if kind == "next":
        return np.add.reduceat(arrays["log_prob"].astype(float), tokens.offsets[:-1])
    right = np.zeros(len(tokens.values))
    right[tokens.inner] = arrays["label"] == corpus.targets.values[tokens.inner]
    return np.add.reduceat(right, tokens.offsets[:-1])


def pairs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every pair that there is: the usual encoders as they are, the others for a short while."""
    for task in ("lm", "pos", "sentiment"):
        mode = {"task.mode": "sentence"} if task == "lm" else {}
        for cell in config.expand([f"task={task}", "encoder=all"]):
            short = SHORT if cell.encoder.name not in USUAL and cell.family == "neural" else {}
            yield task, cell.encoder.name, mode | short


@pytest.mark.parametrize(("task", "encoder", "words"), [pytest.param(*p, id="-".join(p[:2])) for p in pairs()])
def test_no_encoder_beats_its_ceiling_by_three_standard_errors(
    task: str, encoder: str, words: dict[str, Any], runs: Path
) -> None:
    model, result = trained(runs, task=task, encoder=encoder, seed=1, **words)
    assert result.baselines["ceiling"]  # the vocabulary is the truth's, so that both speak of the same events
    data, kind = toy(model), model.task.kind
    test = data.splits["test"]
    best = data.source.oracle(find_kind(kind).truth, "test", result.facts["sees"])
    assert best is not None
    oracle = find_kind(kind).oracle(best, test)
    ahead = per_row(kind, model.model.predict(test), test) - per_row(kind, oracle, test)
    assert ahead.mean() < 3 * ahead.std(ddof=1) / np.sqrt(len(ahead))


def accuracy_at(model: TrainedModel, mask: np.ndarray[Any, Any]) -> float:
    test = toy(model).splits["test"]
    gold = test.targets.values[test.tokens.inner]
    return 100 * float(np.mean((model.model.predict(test)["label"] == gold)[mask]))


def test_only_a_reader_of_both_sides_resolves_the_right_context_homographs(runs: Path) -> None:
    mask = Toy().marks("test")["right"]
    figures = {
        encoder: [accuracy_at(trained(runs, task="pos", encoder=encoder, seed=seed)[0], mask) for seed in SEEDS]
        for encoder in ("lstm", "bilstm")
    }
    assert min(figures["bilstm"]) > max(figures["lstm"]) + 10, figures


def first_marked(mask: np.ndarray[Any, Any], rows: Ragged) -> np.ndarray[Any, Any]:
    """Where in ``rows.values`` the first marked token of each row is: int (n,)."""
    whole = np.zeros(len(rows.values), dtype=bool)
    whole[rows.inner] = mask
    at = np.flatnonzero(whole)
    row = np.searchsorted(rows.offsets, at, side="right")
    return at[np.concatenate([[True], row[1:] != row[:-1]])]


def agreement(model: TrainedModel) -> float:
    """How often the verb's right form is likelier than its other form, in percent."""
    test = toy(model).splits["test"]
    other = {
        a: b
        for forms in VERBS.values()
        for s, p in zip(forms["s"], forms["p"], strict=True)
        for a, b in ((s, p), (p, s))
    }
    at = first_marked(Toy().marks("test")["agreement"], test.tokens)
    words = test.spell(test.tokens.values[at])
    at = at[[word in other for word in words]]
    swapped = test.tokens.values.copy()
    swapped[at] = [model.vocab.ids[other[word]] for word in words if word in other]
    turned = Corpus(test.vocab, {"tokens": Ragged(swapped, test.tokens.offsets)}, test.words)
    right, wrong = (model.model.predict(corpus)["log_prob"][at] for corpus in (test, turned))
    assert len(at) > 300
    return 100 * float(np.mean(right > wrong))


def test_an_lstm_agrees_at_a_distance_where_a_trigram_cannot(runs: Path) -> None:
    trigram = agreement(trained(runs, task="lm", encoder="ngram", **{"encoder.order": 3})[0])
    options = {"task.mode": "sentence"}
    recurrent = [agreement(trained(runs, task="lm", encoder="lstm", seed=seed, **options)[0]) for seed in SEEDS]
    assert min(recurrent) > trigram + 10, (recurrent, trigram)


def test_predictions_are_saved_in_row_order(runs: Path) -> None:
    model, result = trained(runs, task="pos", encoder="bilstm", seed=1)
    saved = np.load(result.path / store.PREDICTIONS)
    test = toy(model).splits["test"]
    gold = test.targets.values[test.tokens.inner]
    assert 100 * np.mean(saved["test.label"] == gold) == pytest.approx(result.metrics["test"]["accuracy"])
