"""Dotted names: fields of structs and of lists of structs, in JSON, Parquet and data sets in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_samples import jsonl, put, rows

from core.data.sources import open_source
from core.data.sources.base import Source
from core.data.sources.nested_columns import dig
from core.errors import DataError

Row = dict[str, Any]
Opened = Callable[..., Source]
ROWS = [
    {"doc": {"body": "a b", "by": {"class": 1}}, "words": [{"form": "a", "tag": "X"}, {"form": "b", "tag": "Y"}]},
    {"doc": {"body": "c", "by": {"class": 0}}, "words": []},
]


@pytest.fixture(params=["jsonl", "json", "parquet", "datasets"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """A source of some rows in one of the forms."""

    def call(objects: list[Row], **options: Any) -> Source:
        path = tmp_path / f"a.{request.param}"
        if request.param == "parquet":
            pq.write_table(pa.Table.from_pylist(objects), path)
        elif request.param == "datasets":
            datasets = pytest.importorskip("datasets")
            return open_source(datasets.Dataset.from_list(objects), **options)
        else:
            put(path, jsonl(*objects) if request.param == "jsonl" else json.dumps(objects))
        return open_source(path, **options)

    return call


def test_a_field_of_a_struct_is_a_column(opened: Opened) -> None:
    source = opened(ROWS, text="doc.body", label="doc.by.class")
    assert rows(source) == [{"text": "a b", "label": "1"}, {"text": "c", "label": "0"}]


def test_a_field_of_a_list_of_structs_is_a_list(opened: Opened) -> None:
    source = opened(ROWS, text="words.form", label="words.tag")
    assert rows(source) == [{"tokens": ["a", "b"], "labels": ["X", "Y"]}, {"tokens": [], "labels": []}]


def test_a_column_whose_name_has_a_dot_wins(opened: Opened) -> None:
    objects = [{"doc": {"body": "no"}, "doc.body": "yes", "label": "x"}]
    assert rows(opened(objects, text="doc.body")) == [{"text": "yes", "label": "x"}]
    assert rows(opened(objects[::-1], text="doc.body", label="label")) == [{"text": "yes", "label": "x"}]


def test_errors_list_the_fields(opened: Opened) -> None:
    for options, message in (
        ({"text": "doc.text"}, "no column 'doc.text'; data.text= is one of"),
        ({}, "which column is the text is not clear; name it with data.text=, one of"),
    ):
        with pytest.raises(DataError) as caught:
            rows(opened(ROWS, **options))
        assert message in str(caught.value)
        assert set(caught.value.values["names"]) == {"doc.body", "doc.by.class", "words.form", "words.tag"}


def test_missing_values_on_the_way_are_missing(opened: Opened) -> None:
    objects = [*ROWS, {"doc": None, "words": []}]
    with pytest.raises(DataError, match="1 missing labels"):
        rows(opened(objects, text="doc.body", label="doc.by.class"))


def test_names_of_classes_within_structs_are_used(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    names = datasets.ClassLabel(names=["neg", "pos"])
    features = datasets.Features({"doc": {"body": datasets.Value("string"), "class": names}})
    data = datasets.Dataset.from_dict({"doc": [{"body": "a", "class": 1}]}, features=features)
    options = {"text": "doc.body", "label": "doc.class"}
    assert rows(open_source(data, **options)) == [{"text": "a", "label": "pos"}]
    data.to_parquet(tmp_path / "a.parquet")
    assert rows(open_source(tmp_path / "a.parquet", **options)) == [{"text": "a", "label": "pos"}]


def test_dig_follows_keys_with_dots() -> None:
    assert dig({"a.b": {"c": 1}}, "a.b.c") == 1
    assert dig({"a": [{"b": 1}, {}, 3]}, "a.b") == [1, None, None]
    assert dig({"a": 1}, "a.b") is None


def test_document_marks_are_not_rows(opened: Opened) -> None:
    objects = [
        {"tokens": ["-DOCSTART-"], "tags": ["X"]},
        {"tokens": ["a", "-DOCSTART-"], "tags": ["X", "Y"]},
        {"tokens": [], "tags": []},
    ]
    source = opened(objects)
    assert rows(source) == [{"tokens": ["a", "-DOCSTART-"], "labels": ["X", "Y"]}, {"tokens": [], "labels": []}]
    assert [(note.code, note.values["count"]) for note in source.notes()] == [("source.skipped", 1)]


@pytest.mark.parametrize(
    ("values", "labels"),
    [([1, 0], ["1", "0"]), ([1.0, 0.0], ["1", "0"]), ([True, False], ["true", "false"]), ([1.5, 2], ["1.5", "2"])],
)
def test_labels_of_other_types_are_strings(opened: Opened, values: list[Any], labels: list[str]) -> None:
    source = opened([{"text": "a", "label": value} for value in values])
    assert [row["label"] for row in rows(source)] == labels


def test_a_label_that_is_not_a_number_is_missing(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", "b"], "label": [1.0, float("nan")]}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="1 missing labels"):
        rows(open_source(tmp_path / "a.parquet"))
