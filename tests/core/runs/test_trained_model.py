"""Sentences for a saved run: text is cut as the task cuts it, lists are not, marks are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import core
from core import config
from core.errors import ConfigError, DataError, SeqlabError
from core.runs import components
from core.runs.trained_model import TrainedModel, load


def trained(folder: Path, **words: Any) -> TrainedModel:
    how = {"runs": str(folder), "quiet": True, "data.limit": 30, "encoder": "ngram", "encoder.order": 2}
    return load(core.run(**{**how, **words}).folder)


def test_text_is_cut_the_same_with_and_without_lists(tmp_path: Path) -> None:
    model = trained(tmp_path, task="pos", **{"task.tokens": "words"})
    alone, mixed = model.corpus(["I don't like it."]), model.corpus([["a", "", "b"], "I don't like it."])
    assert len(alone.tokens.values) == len(mixed.tokens.values) - 4
    assert [len(tags) for tags in model.predict([["a", "", "b"], "the cats", ["x"]])] == [3, 2, 1]
    assert model.predict([]) == []


def test_the_mark_of_an_end_is_refused_as_in_training(tmp_path: Path) -> None:
    model = trained(tmp_path, task="lm")
    for wrong in ("a </s> b", ["a", "</s>"], "<s> a"):
        with pytest.raises(DataError, match="data: given row 2: the text contains the token"):
            model.score(["the cats", wrong])


def test_other_data_with_labels_that_are_not_in_train_has_a_note(tmp_path: Path) -> None:
    model = trained(tmp_path, task="pos")
    (tmp_path / "test.conll").write_text("the\tDT\ncats\tNNS\nsleep\tVERB\n\n")
    source = components.source(config.expand(["task=pos", "encoder=ngram", f"data={tmp_path / 'test.conll'}"])[0])
    model.evaluate(source, source.splits()[0])
    assert any("2 of 3 labels are not in train ('DT', 'NNS')" in note.text for note in model.notes)


@pytest.mark.parametrize("tokens", ["space", "char", "words"])
def test_half_of_a_character_is_refused_in_one_sentence(tokens: str, tmp_path: Path) -> None:
    model = trained(tmp_path, task="lm", **{"task.tokens": tokens})
    for wrong in ("a \ud800", ["a", "\udfff"]):
        with pytest.raises(DataError, match="a sentence is not UTF-8"):
            model.predict(["the cats", wrong])


def test_evaluate_takes_a_path(tmp_path: Path) -> None:
    model = trained(tmp_path, task="pos")
    (tmp_path / "test.conll").write_text("the\tDT\ncats\tNNS\nsleep\tVB\n\n")
    (tmp_path / "other.tsv").write_text("word\ttag\nthe\tX\n")
    source = components.source(config.expand(["task=pos", "encoder=ngram", f"data={tmp_path / 'test.conll'}"])[0])
    wanted, corpus, _ = model.evaluate(source, source.splits()[0])
    for path in (tmp_path / "test.conll", str(tmp_path / "test.conll")):
        scores, again, arrays = model.evaluate(path)
        assert scores == pytest.approx(wanted, nan_ok=True) and len(again) == len(corpus) == 1
        assert len(arrays["label"]) == 3
    assert model.evaluate("toy", "dev")[0]["accuracy"] > 50


def test_evaluate_takes_a_folder_with_a_test_split_and_options(tmp_path: Path) -> None:
    model, folder = trained(tmp_path, task="pos"), tmp_path / "other data, v=1"
    folder.mkdir()
    for split, rows in (("dev", 2), ("test", 3)):
        (folder / f"{split}.conll").write_text("the\tX\tDT\ncats\tX\tNNS\n\n" * rows)
    _, corpus, _ = model.evaluate(folder, label="3")
    assert len(corpus) == 3 and set(corpus.label_names) >= {"DT", "NNS"}
    (folder / "test.conll").rename(folder / "train.conll")
    with pytest.raises(ConfigError, match=r"there is no test split, only .*dev"):
        model.evaluate(folder)
    with pytest.raises(SeqlabError, match="nothing_here"):
        model.evaluate(tmp_path / "nothing_here.conll")
