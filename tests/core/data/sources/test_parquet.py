"""Parquet: class names, string types, broken files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_samples import RATED, TAGGED, read, rows

from core.data.sources import open_source
from core.data.sources.files import Files
from core.errors import DataError


def test_parquet_is_read_with_the_names_that_datasets_metadata(tmp_path: Path) -> None:
    features = {"tags": {"feature": {"names": ["DT", "NN"], "_type": "ClassLabel"}, "_type": "List"}}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    table = pa.table({"tokens": [["the", "dog"], []], "tags": pa.array([[0, 1], []], pa.list_(pa.int64()))})
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "train.parquet", row_group_size=1)
    assert rows(open_source(tmp_path)) == TAGGED


def test_parquet_strings_may_be_large_or_coded(tmp_path: Path) -> None:
    columns = {
        "text": pa.array(["good", None], pa.large_string()),
        "label": pa.array(["1", "0"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    assert rows(Files(tmp_path / "a.parquet")) == RATED


def test_a_broken_parquet_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a.parquet: the file cannot be read as Parquet .*; fetch it again"):
        read(tmp_path, "a.parquet", b"PAR1 and nothing else")
