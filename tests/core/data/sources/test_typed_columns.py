"""Tables with typed columns: whatever their bytes, valid rows or a clear error."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_samples import jsonl, put

from core.data.sources.files import Files
from core.errors import SeqlabError

LINES = jsonl({"tokens": ["a", "é"], "tags": ["X", "Y"]}, {"tokens": [], "tags": []}, {"text": "b", "label": 2})
PIECES = st.sampled_from(
    [b"", b"\n", b"[", b"}", b'"', b",", b":", b"null", b"\0", b"\xff", b"1e999", b"\\ud800", b"1"]
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bytes_give_valid_rows_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    table, file = pa.table({"text": ["a", "é"] * 5, "label": [1, 2] * 5}), io.BytesIO()
    pq.write_table(table, file)
    name, content = data.draw(st.sampled_from([("a.jsonl", LINES.encode()), ("a.parquet", file.getvalue())]))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        piece = data.draw(PIECES | st.binary(max_size=4))
        content = content[:start] + piece + content[start + data.draw(st.integers(0, 4)) :]
    path = put(tmp_path_factory.mktemp("any") / name, content)
    try:
        for batch in Files(path).batches("train"):
            batch.validate(full=True)
    except SeqlabError as error:
        assert error.remedy and error.where
