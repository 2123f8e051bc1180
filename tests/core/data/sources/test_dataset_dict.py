"""A ``datasets.DatasetDict`` as a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from source_samples import rows

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources import open_source
from core.data.spec import TokenSpec
from core.errors import DataError

datasets = pytest.importorskip("datasets")
TAGS = datasets.ClassLabel(names=["DT", "NN"])


def make(columns: dict[str, list[Any]], **features: Any) -> Any:
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def tagged() -> Any:
    string = datasets.Value("string")
    columns = {"id": ["0", "1", "2"], "tokens": [["the", "dog"], [], ["dogs"]], "pos_tags": [[0, 1], [], [1]]}
    columns["ner_tags"] = columns["pos_tags"]
    lists = datasets.Sequence(TAGS)
    return make(columns, id=string, tokens=datasets.Sequence(string), pos_tags=lists, ner_tags=lists)


TAGGED = [
    {"tokens": ["the", "dog"], "labels": ["DT", "NN"]},
    {"tokens": [], "labels": []},
    {"tokens": ["dogs"], "labels": ["NN"]},
]


def rated(labels: list[int | None]) -> Any:
    string, names = datasets.Value("string"), datasets.ClassLabel(names=["neg", "pos"])
    texts = [f"t{i}" for i in range(len(labels))]
    return make({"sentence": texts, "label": labels, "idx": texts}, sentence=string, label=names, idx=string)


def test_tokens_and_tags_become_names(tmp_path: Path) -> None:
    source = open_source(datasets.DatasetDict(train=tagged(), validation=tagged(), extra=tagged()))
    assert source.splits() == ("train", "dev")
    assert rows(source, "dev") == TAGGED
    assert list(map(str, source.notes())) == [
        "labels are the column 'pos_tags' (data.label= chooses another: ner_tags)"
    ]


def test_text_and_label_become_names() -> None:
    source = open_source(datasets.DatasetDict(train=rated([1, 0])))
    assert rows(source) == [{"text": "t0", "label": "pos"}, {"text": "t1", "label": "neg"}]


def test_columns_go_by_name() -> None:
    source = open_source(datasets.DatasetDict(train=rated([1])), text="idx", label="sentence")
    assert rows(source) == [{"text": "t0", "label": "t0"}]


def test_a_saved_folder_is_the_same_source(tmp_path: Path) -> None:
    data = datasets.DatasetDict(train=tagged(), test=tagged().select([2, 0]))
    data.save_to_disk(str(tmp_path / "saved"))
    source = open_source(tmp_path / "saved")
    assert rows(source, "train") == TAGGED and rows(source, "test") == [TAGGED[2], TAGGED[0]]
    assert source.fingerprint() == open_source(data).fingerprint()
    assert source.fingerprint() != open_source(data, label="id").fingerprint()


def test_a_split_without_labels_is_not_offered() -> None:
    source = open_source(datasets.DatasetDict(train=rated([1]), test=rated([-1, -1])))
    assert source.splits() == ("train",)
    assert list(map(str, source.notes())) == ["test has no labels (all are -1), so it is not offered"]


@pytest.mark.parametrize("missing", [-1, None])
def test_a_missing_label_is_one_clear_error(missing: int | None) -> None:
    with pytest.raises(DataError, match="DatasetDict, train, rows from 1: 1 missing labels; filter the rows"):
        rows(open_source(datasets.DatasetDict(train=rated([1, missing]))))


def test_tags_that_do_not_fit_the_tokens_are_one_clear_error() -> None:
    string = datasets.Value("string")
    lists = {"tokens": datasets.Sequence(string), "tags": datasets.Sequence(string)}
    data = make({"tokens": [["a"], ["b"]], "tags": [["X"], []]}, **lists)
    with pytest.raises(DataError, match="train row 2: 1 tokens but 0 labels; give each token one label"):
        prepare(open_source(data), TokenSpec(labels="token"), DataOptions())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (7, "int: this is not data that can be read; pass a path"),
        ({"train": 7}, "dict: this is not data that can be read; pass a path"),
        ({"other": "rated"}, "dict: no split is named train, dev or test; rename one of: other"),
        ({"dev": "rated", "validation": "rated"}, "dict: two candidates for dev; take one out"),
    ],
)
def test_other_objects_are_one_clear_error(data: Any, message: str) -> None:
    data_set = {k: rated([1]) if v == "rated" else v for k, v in data.items()} if isinstance(data, dict) else data
    with pytest.raises(DataError) as caught:
        open_source(data_set)
    assert message in str(caught.value)


def test_a_broken_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "dataset_dict.json").write_text("{")
    with pytest.raises(DataError, match="the saved data set cannot be loaded .*; save it again with save_to_disk"):
        open_source(tmp_path)
