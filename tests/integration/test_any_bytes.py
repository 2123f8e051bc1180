"""Whatever bytes a file holds, reading it gives a result or a clear error, and never another exception."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import expand
from core.config.overrides import parse
from core.config.yaml_files import read_file
from core.data.lines import lines
from core.data.sources.files import Files
from core.errors import ConfigError, DataError, SeqlabError
from plugins.embeddings.vector_file import look, read

ROWS = b"the 1.5 -2\ncat 1e-7 3\n\xe6\x97\xa5 0 1\n"
BINARY = b"2 2\nthe " + struct.pack("<2f", 1, 2) + b"\ncat " + struct.pack("<2f", 3, 4) + b"\n"
VECTORS = [ROWS, b"3 2\n" + ROWS, ROWS.replace(b" ", b"\t"), BINARY]
CONFIG = b"""task: pos
encoder: {name: lstm, hidden_size: 20}
embedding:
  name: random+affix
  affix:
    dim: 5
train.epochs: 1,2
seed: "3"
runs: 'x y'
encoder.layers: 1
"""
TEXT = "a b\r\nc\u2028d é\n\n".encode()
PIECES = [b"", b"\n", b"\r", b"\t", b" ", b"0", b"-", b"1e999", b"nan", b"\xff", b"\0", b"\x85", b"\xef\xbb\xbf"]
SIGNS = [b":", b": ", b"- ", b"[", b"]", b"{", b"}", b",", b"&a ", b"*a", b"!!python/name:os.system ", b"|", b'"']


@st.composite
def mutated(draw: st.DrawFn, good: list[bytes]) -> bytes:
    """A good file with a few places changed, now and then cut short or packed."""
    data = draw(st.sampled_from(good))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(data)))
        piece = draw(st.sampled_from(PIECES + SIGNS) | st.binary(max_size=4))
        data = data[:start] + piece + data[start + draw(st.integers(0, 6)) :]
    if draw(st.integers(0, 4)) == 0:
        data = gzip.compress(data)
        data = data[: draw(st.integers(len(data) // 2, len(data)))]
    return data


def like(*good: bytes) -> st.SearchStrategy[bytes]:
    return mutated(list(good)) | st.binary(max_size=100)


@settings(max_examples=100, deadline=None)
@given(data=like(*VECTORS), limit=st.none() | st.integers(1, 4))
def test_any_file_of_vectors(data: bytes, limit: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors"
        path.write_bytes(data)
        try:
            layout = look(path)
            words, vectors = read(layout, limit)
        except DataError as error:
            assert error.remedy and error.where.startswith(str(path)) and "\n" not in str(error)
        else:
            words.validate(full=True)
            assert vectors.shape == (len(words), layout.size) and np.isfinite(vectors).all()


@settings(max_examples=100, deadline=None)
@given(data=like(CONFIG))
def test_any_config_file(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_bytes(data)
        try:
            for key, given_ in read_file(str(path)).items():
                assert key == given_.key and given_.values
            assert expand([f'config="{path}"'])
        except SeqlabError as error:
            assert error.what and (error.remedy or error.where) and str(error).count("\n") == 0


@settings(max_examples=60, deadline=None)
@given(data=like(TEXT), ending=st.sampled_from(["txt", "txt.gz"]))
def test_any_file_of_sentences(data: bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"text.{ending}"
        path.write_bytes(data)
        try:
            assert all(isinstance(line, str) and "\n" not in line for line in lines(str(path)))
        except DataError as error:
            assert error.remedy and error.where == str(path)


def parquet(columns: dict[str, list[object]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


TABLE = b"text\tlabel\nfine film\tgood\ndull\tbad\n"
JSONL = b'{"text": "fine film", "label": 1}\n\n{"text": "dull", "label": 0}\n'
TAGGED = b'{"tokens": ["a", "b"], "pos_tags": ["X", "Y"], "id": "1"}\n{"tokens": [], "pos_tags": [], "id": null}\n'
RECORDS = {
    ".jsonl": [JSONL, TAGGED],
    ".parquet": [parquet({"text": ["a b", "c"], "label": [1, 0]}), parquet({"tokens": [["a"]], "tags": [["X"]]})],
    ".tsv.xz": [lzma.compress(TABLE)],
    ".tsv.zst": [pa.compress(TABLE, codec="zstd", asbytes=True)],
}


@settings(max_examples=100, deadline=None)
@given(data=st.data(), ending=st.sampled_from(sorted(RECORDS)))
def test_any_file_of_records(data: st.DataObject, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"train{ending}"
        path.write_bytes(data.draw(like(*RECORDS[ending])))
        try:
            batches = list(Files(path).batches("train"))
        except SeqlabError as error:
            assert error.remedy and error.where and "\n" not in str(error)
        else:
            for batch in batches:
                batch.validate(full=True)
            assert sum(batch.num_rows for batch in batches)


MIXED = [
    b'{"text": "a", "label": 1}\n{"text": "b", "label": "good"}\n',
    b'{"text": "a", "label": "good"}\n{"text": "b", "label": 1}\n',
    b'{"text": "a", "label": "good"}\n{"text": "b", "label": ["bad"]}\n',
    b'{"text": "a", "label": true}\n{"text": "b", "label": {"is": 1}}\n',
]


@pytest.mark.parametrize("content", MIXED)
def test_labels_of_mixed_types_are_an_error_with_their_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train.jsonl:[12]: .*; write one object per line"):
        list(Files(path).batches("train"))


@given(
    words=st.lists(st.text(max_size=12) | st.sampled_from(["seed=[1", 'a="b', "a=b,,", "=", "--x=1"]), max_size=4)
)
def test_any_arguments(words: list[str]) -> None:
    try:
        found = parse(words)
    except ConfigError as error:
        assert error.remedy
    else:
        assert len(found) == len(words)
