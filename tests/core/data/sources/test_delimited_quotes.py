"""CSV against the csv module of the standard library."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_samples import rows

from core.data.sources.files import Files

CELLS = st.text(alphabet='ab",\n \té', max_size=5)


@settings(deadline=None)
@given(
    table=st.lists(st.tuples(CELLS, CELLS.filter(str.strip)), min_size=1, max_size=5),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    newline=st.sampled_from(["\n", "\r\n"]),
    size=st.sampled_from([3, 10, 1000]),
)
def test_what_the_csv_module_writes_is_read_back(
    table: list[tuple[str, str]], quoting: int, newline: str, size: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=newline)
    writer.writerows([("text", "label"), *table])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.getvalue().encode())
        patch.setattr(Files, "block_size", size)
        expected = [(text, label.strip()) for text, label in table]
        assert [(row["text"], row["label"]) for row in rows(Files(path))] == expected
