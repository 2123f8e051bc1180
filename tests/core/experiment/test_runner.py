"""One run from words to record, and the record back to a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kinds_cases import spec_of

import core
from core import config
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.errors import ConfigError, StoreError
from core.experiment.observers import Observer
from core.experiment.runner import run_one
from core.runs import store
from core.runs.prune import prune
from core.runs.trained_model import load

SMALL = {"data.limit": 200, "quiet": True}
CASES = {
    "pos lstm": {"task": "pos", "encoder": "lstm", "train.epochs": 1, "encoder.hidden_size": 8},
    "pos ngram": {"task": "pos", "encoder": "ngram"},
    "sentiment ngram": {"task": "sentiment", "encoder": "ngram"},
    "sentiment window": {"task": "sentiment", "encoder": "window", "train.epochs": 1, "encoder.hidden_size": 8},
    "lm ngram": {"task": "lm", "encoder": "ngram"},
    "lm lstm": {"task": "lm", "encoder": "lstm", "train.epochs": 1, "encoder.hidden_size": 8},
}


def run(folder: Path, **words: Any) -> core.runs.result.Result:
    return core.run(runs=str(folder), **(SMALL | words))


@pytest.mark.parametrize("case", CASES)
def test_the_saved_config_gives_the_same_numbers_and_the_saved_model_the_same_bits(
    case: str, tmp_path: Path
) -> None:
    first = run(tmp_path, **CASES[case])
    again = run(tmp_path / "again", config=str(first.path / "config.yaml"), fresh=True)
    assert again.metrics == first.metrics
    assert again.fingerprints == first.fingerprints
    saved = np.load(first.path / "predictions.npz")
    loaded = load(first.folder)
    cell = config.expand([f"config={first.path / 'config.yaml'}"])[0]
    source = core.runs.components.source(cell)
    data = prepare(source, spec_of(loaded.task), DataOptions(**cell.data_options))
    predicted = loaded.model.predict(data.splits["test"])
    for name, array in predicted.items():
        assert np.array_equal(saved[f"test.{name}"], array), name


def test_a_run_folder_holds_config_record_vocabularies_weights_and_predictions(tmp_path: Path) -> None:
    result = run(tmp_path, **CASES["pos lstm"])
    names = {path.name for path in result.path.iterdir()}
    wanted = {
        "config.yaml",
        "run.json",
        "model.safetensors",
        "vocab.json",
        "labels.json",
        "predictions.npz",
        "checksums.json",
    }
    assert names == wanted | {"predictions.dev.conllu", "predictions.test.conllu"}
    record = json.loads((result.path / "run.json").read_text())
    for key in ("metrics", "curve", "cost", "environment", "fingerprints", "seed", "how", "config"):
        assert record[key], key
    assert {"device", "threads", "precision"} <= set(record["how"])
    assert store.read(result.path).metrics["test"]["accuracy"] == result.metrics["test"]["accuracy"]


def test_save_none_saves_only_scores(tmp_path: Path) -> None:
    result = run(tmp_path, save="none", **CASES["pos ngram"])
    assert {path.name for path in result.path.iterdir()} == {"config.yaml", "run.json"}
    with pytest.raises(StoreError, match="only scores"):
        load(result.folder)


def test_a_saved_run_is_reused_unless_fresh_or_different(tmp_path: Path) -> None:
    first = run(tmp_path, **CASES["pos ngram"])
    assert run(tmp_path, **CASES["pos ngram"]).notes[-1].code == "cached"
    assert run(tmp_path, fresh=True, **CASES["pos ngram"]).notes == first.notes
    assert run(tmp_path, threads=2, **CASES["pos ngram"]).how["threads"] == 2


def test_predict_gives_tags_labels_and_log_probabilities(tmp_path: Path) -> None:
    sentences = ["the cats sleep .", "", ["no", "zyzzyva", "barks", "."]]
    tags = load(run(tmp_path, **CASES["pos ngram"]).folder).predict(sentences)
    assert [len(row) for row in tags] == [4, 0, 4]
    assert set(load(run(tmp_path, **CASES["sentiment ngram"]).folder).predict(sentences)) <= {
        "positive",
        "negative",
    }
    model = load(run(tmp_path, **CASES["lm ngram"]).folder)
    scores = model.predict(sentences)
    assert all(score < 0 for score in scores)
    corpus = model.corpus(["the cats sleep ."])
    by_token = model.model.predict(corpus)["log_prob"]
    assert scores[0] == pytest.approx(float(by_token.sum()), rel=1e-6)


def test_any_two_encoders_share_the_fingerprint_of_a_task(tmp_path: Path) -> None:
    for task in ("lm", "pos", "sentiment"):
        prints = {run(tmp_path, **CASES[case]).fingerprints["test"] for case in CASES if case.startswith(task)}
        assert len(prints) == 1


def test_evaluate_on_other_labels_and_words_equals_a_second_implementation(tmp_path: Path) -> None:
    model = load(run(tmp_path, **CASES["pos ngram"]).folder)
    rows = [("the", "DET", "cats", "NOUN"), ("zyzzyva", "X", ".", "PUNCT")]
    text = "".join(f"{a} {x}\n{b} {y}\n\n" for a, x, b, y in rows)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "test.txt").write_text(text)
    source = core.runs.components.source(config.other_data(model.config, [f"data={tmp_path / 'other'}"]))
    scores, _, _ = model.evaluate(source, "test")
    predictions = model.predict([[a, b] for a, _, b, _ in rows])
    pairs = [
        (tag, gold)
        for tags, row in zip(predictions, rows, strict=True)
        for tag, gold in zip(tags, row[1::2], strict=True)
    ]
    right = [tag == gold for tag, gold in pairs]
    assert scores["accuracy"] == pytest.approx(100 * sum(right) / 4)
    f1 = []
    for label in {x for pair in pairs for x in pair}:
        both = sum(t == g == label for t, g in pairs)
        f1.append(200 * both / (sum(t == label for t, _ in pairs) + sum(g == label for _, g in pairs)))
    assert scores["macro_f1"] == pytest.approx(sum(f1) / len(f1))
    assert scores["sentences"] == pytest.approx(100 * (all(right[:2]) + all(right[2:])) / 2)


class Stops(Observer):
    """Presses Ctrl-C after the first epoch."""

    def epoch(self, **facts: Any) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_keeps_the_best_weights_and_marks_the_run(tmp_path: Path) -> None:
    words = CASES["pos lstm"] | SMALL | {"train.epochs": 50, "runs": str(tmp_path)}
    result = run_one(config.expand(words)[0], [Stops()])
    assert result.status == "interrupted" and len(result.curve) == 1
    assert store.read(result.path).status == "interrupted"
    assert load(result.folder).predict(["the cats sleep ."])
    assert set(prune(tmp_path).removed) == {result.id, f"{result.id}.unfinished"} and not list(tmp_path.iterdir())


class Fails(Observer):
    """Raises at everything."""

    def epoch(self, **facts: Any) -> None:
        raise ValueError("nothing works")


def test_a_failing_observer_does_not_stop_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = CASES["pos lstm"] | SMALL | {"runs": str(tmp_path)}
    assert run_one(config.expand(words)[0], [Fails()]).status == "finished"
    assert "Fails failed at epoch" in capsys.readouterr().err


def test_a_truncated_run_folder_is_an_error(tmp_path: Path) -> None:
    result = run(tmp_path, **CASES["pos lstm"])
    weights = result.path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(StoreError, match="train it again|weights"):
        load(result.folder)
    record = result.path / "run.json"
    record.write_text(record.read_text()[:50])
    with pytest.raises(StoreError, match="cannot be read"):
        store.read(result.path)


def test_run_as_a_library_makes_one_run_and_refuses_a_grid() -> None:
    with pytest.raises(ConfigError, match="2 runs"):
        core.run(task="pos", encoder="ngram", seed="1,2")


def test_a_dataset_dict_is_data_and_predicts_by_the_names_of_its_labels(tmp_path: Path) -> None:
    import datasets

    names = datasets.ClassLabel(names=["bad", "good"])
    features = datasets.Features({"text": datasets.Value("string"), "label": names})
    rows = {"text": ["fine film", "dull film", "fine cast", "dull cast"] * 5, "label": [1, 0, 1, 0] * 5}
    data = datasets.DatasetDict({s: datasets.Dataset.from_dict(rows, features) for s in ("train", "test")})
    in_memory = core.run(task="sentiment", encoder="ngram", data=data, runs=str(tmp_path), quiet=True)
    data.save_to_disk(str(tmp_path / "saved"))
    saved = core.run(
        task="sentiment", encoder="ngram", data=str(tmp_path / "saved"), runs=str(tmp_path), quiet=True
    )
    assert in_memory.metrics["test"] == saved.metrics["test"] == {"accuracy": 100.0, "macro_f1": 100.0}
    assert any("no dev split" in note.text for note in in_memory.notes)
    assert load(saved.folder).predict(["a dull film"]) == ["bad"]


def test_core_load_can_be_called_again(tmp_path: Path) -> None:
    folder = run(tmp_path, **CASES["pos ngram"]).folder
    assert core.load(folder).predict(["the cats ."]) == core.load(folder).predict(["the cats ."])


def test_a_vocabulary_smaller_than_that_of_the_truth_has_no_ceiling(tmp_path: Path) -> None:
    whole = core.run(task="lm", encoder="ngram", runs=str(tmp_path), quiet=True, **{"encoder.order": 2})
    assert whole.baselines["ceiling"]["perplexity"] < whole.score
    words = {"encoder.order": 2, "task.vocab_size": 50}
    assert core.run(task="lm", encoder="ngram", runs=str(tmp_path), quiet=True, **words).baselines["ceiling"] == {}


@pytest.mark.parametrize("task", ["pos", "sentiment"])
def test_the_runs_of_a_learning_curve_share_a_column(task: str, tmp_path: Path) -> None:
    curve = [run(tmp_path, task=task, encoder="ngram", **{"data.limit": limit}) for limit in (100, 200, 400)]
    assert len({result.fingerprints["test"] for result in curve}) == 1


def test_a_prediction_does_not_depend_on_other_sentences(tmp_path: Path) -> None:
    model = load(run(tmp_path, **CASES["lm lstm"]).folder)
    one, other = "the cats sleep .", "no dog barks ."
    assert model.predict([one, other]) == pytest.approx(model.predict([other, one])[::-1])
    for wrong in ("the cats", [None], [["the", 1]]):
        with pytest.raises(ConfigError):
            model.predict(wrong)


def test_a_change_in_a_helper_module_of_a_plugin_is_another_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.registry.source_hash import source_text

    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "helper_of_mine.py").write_text("import lazy_of_mine\nSCALE = 1\n")
    (tmp_path / "lazy_of_mine.py").write_text("def shift(): return 2\n")
    text = "from helper_of_mine import SCALE\nclass Mine:\n    def f(self):\n        from . import lazy_of_mine\n"
    (tmp_path / "plugin_of_mine.py").write_text(text.replace("from . import", "import"))
    (tmp_path / "stranger_of_mine.py").write_text("")
    import plugin_of_mine

    found = source_text(plugin_of_mine.Mine)
    assert "SCALE = 1" in found and "return 2" in found and "class Mine" in found
    (tmp_path / "lazy_of_mine.py").write_text("def shift(): return 3\n")
    assert "return 3" in source_text(plugin_of_mine.Mine)


def test_the_id_covers_late_imports_of_a_package() -> None:
    from core.registry.source_hash import _own_files
    from plugins.encoders import ngram

    found = {path.stem for path in _own_files("plugins.encoders.ngram.model", Path(ngram.__path__[0], "model.py"))}
    assert {"model", "scan", "trie", "counts", "explain", "read", "parse"} <= found
    assert not found & {"torch", "table", "corpus"}


def test_runs_that_number_their_labels_differently_are_compared_by_name(tmp_path: Path) -> None:
    from core.runs.predictions import read_pair

    few, many = (
        run(tmp_path, task="pos", encoder="ngram", **{"data.limit": n, "encoder.order": 2}) for n in (20, 400)
    )
    orders = [json.loads((r.path / "labels.json").read_text())["words"] for r in (few, many)]
    assert orders[0] != orders[1]
    pair = read_pair(tmp_path, [few.id, many.id], "test")
    for result, right in zip((few, many), (pair.kind.correct(p, pair.corpus) for p in pair.arrays), strict=True):
        assert 100 * right.mean() == pytest.approx(result.metrics["test"]["accuracy"])


def test_a_module_next_to_installed_packages_does_not_include_them(tmp_path: Path) -> None:
    from core.registry.source_hash import _own_files

    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "__init__.py").write_text("x = 1\n")
    (tmp_path / "single.py").write_text("import large\n")
    assert _own_files("single", tmp_path / "single.py") == {tmp_path / "single.py"}
    assert len(_own_files("_seqlab_plugin_0123456789ab", tmp_path / "single.py")) == 2
