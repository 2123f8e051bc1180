"""Parquet and JSON lines, packed files, patterns and several files."""

from __future__ import annotations

import io
import json
import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_samples import put, read, rows

from core.config import expand
from core.data.sources import open_source
from core.data.sources.files import Files
from core.errors import DataError, SeqlabError, UnknownName

TAGGED = [{"tokens": ["the", "dog"], "labels": ["DT", "NN"]}, {"tokens": [], "labels": []}]
RATED = [{"text": "good", "label": "1"}, {"text": "", "label": "0"}]


def jsonl(*objects: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects)


def test_json_lines_are_texts_with_a_label_or_tokens_with_tags(tmp_path: Path) -> None:
    rated = jsonl({"id": 7, "text": "good", "label": 1}, {"id": 8, "text": None, "label": 0})
    assert read(tmp_path, "a.jsonl", rated) == RATED
    tagged = jsonl({"tokens": ["the", "dog"], "tags": ["DT", "NN"]}, {"tokens": [], "tags": []})
    assert read(tmp_path, "a.json", tagged) == TAGGED


def test_text_that_looks_like_a_date_stays_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.jsonl", jsonl({"text": "2020-01-01"})) == [{"text": "2020-01-01"}]


def test_json_keys_go_by_name(tmp_path: Path) -> None:
    content = jsonl({"a": "x", "b": "y", "c": 1.5})
    assert read(tmp_path, "a.ndjson", content, text="b", label="c") == [{"text": "y", "label": "1.5"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"text": "a"}\n\n{"text": \n',
            ":3: not JSON (Expecting value: line 1 column 10 (char 9)); write one object",
        ),
        ('{"text": "a"}\n{"text": 3}\n', ":2: the value of 'text' is not of the type string"),
        (
            '{"text": "a", "label": 1}\n{"text": "b", "label": "x"}\n',
            ":1: the value of 'label' is not of the type",
        ),
        ("[1]\n", ":1: not a JSON object; write one object per line"),
        ('{"text": "a"} {"text": "b"}\n', ":1: not JSON (Extra data"),
        ('{"text": "a"\n"label": 1}\n', ":1: not JSON (Expecting"),
        ('{"text": "a", "label": "x"},{"text": "b"\n"label": "y"}\n', ":1: not JSON (Extra data"),
        ('{"text": "a"},{"text": ["b"\n"c"]}\n', ":1: not JSON (Extra data"),
        ('{"text": "\\ud800"}\n', ":1: the value of 'text' is not of the type string"),
        ("[" * 100_000, ":1: not JSON (maximum recursion depth exceeded"),
        ('{"a": "x", "b": "y"}\n', "which column is the text is not clear; name it with data.text=, one of a, b"),
        ('{"text": "a", "label": 1}\n{"text": "b"}\n', "1 missing labels; filter the rows without a label"),
        ('{"tokens": ["a"], "tags": []}\n', "0 labels for 1 tokens in row 1 of these"),
        ("\n", "no row of data in the file, read as jsonl"),
    ],
)
def test_bad_json_lines_name_the_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a.jsonl", content)
    assert str(caught.value).startswith(str(tmp_path / "a.jsonl")) and message in str(caught.value)


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


def test_parquet_is_read_with_the_names_that_datasets_kept(tmp_path: Path) -> None:
    features = {"tags": {"feature": {"names": ["DT", "NN"], "_type": "ClassLabel"}, "_type": "List"}}
    kept = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    table = pa.table({"tokens": [["the", "dog"], []], "tags": pa.array([[0, 1], []], pa.list_(pa.int64()))})
    pq.write_table(table.replace_schema_metadata(kept), tmp_path / "train.parquet", row_group_size=1)
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


def packed(path: Path, content: bytes) -> Path:
    if path.suffix == ".xz":
        path.write_bytes(lzma.compress(content))
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as file:
            file.write(content)
    return path


@pytest.mark.parametrize("ending", ["xz", "zst"])
def test_packed_files_are_unpacked(tmp_path: Path, ending: str) -> None:
    packed(tmp_path / f"train.tsv.{ending}", b"text\tlabel\ngood\t1\n" + b"\t0\n")
    assert rows(open_source(tmp_path)) == RATED


@pytest.mark.parametrize("ending", ["xz", "zst"])
def test_a_packed_file_that_is_cut_short_is_one_clear_error(tmp_path: Path, ending: str) -> None:
    path = packed(tmp_path / f"a.txt.{ending}", bytes(range(97, 123)) * 1000)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=f"a.txt.{ending}: the {ending.replace('zst', 'zstd')} file is cut short"):
        rows(Files(path))


def test_the_files_of_a_pattern_are_one_text_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b2", "b1", "c"):
        put(tmp_path / f"{name}.txt", f"{name}\n")
    pattern = str(tmp_path / "b*.txt")
    assert rows(open_source(pattern)) == [{"text": "b1"}, {"text": "b2"}]
    cell = expand(["task=lm", "encoder=ngram", f"data={pattern}", f"data.dev={tmp_path}/c*"])[0]
    assert cell.data.target == pattern
    with pytest.raises(UnknownName, match="there is no data set and no file or folder"):
        expand(["task=lm", "encoder=ngram", f"data={tmp_path}/d*.txt"])


def test_several_files_can_be_a_split(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.jsonl"):
        put(tmp_path / name, jsonl({"text": name}) if name.endswith("l") else f"{name}\n")
    source = Files(tmp_path, train=["c.jsonl", "a.txt"], test="b.*")
    assert rows(source) == [{"text": "c.jsonl"}, {"text": "a.txt"}] and rows(source, "test") == [{"text": "b.txt"}]
    assert source.fingerprint() != Files(tmp_path, train=["a.txt", "c.jsonl"], test="b.*").fingerprint()


def test_numbered_parts_are_one_split(tmp_path: Path) -> None:
    for part in range(2):
        put(tmp_path / f"train-0000{part}-of-00002.jsonl", jsonl({"text": f"{part}"}))
    assert rows(open_source(tmp_path)) == [{"text": "0"}, {"text": "1"}]
    (tmp_path / "train-00000-of-00002.jsonl").unlink()
    put(tmp_path / "train-00001-of-00002-0a1b.jsonl", "")
    with pytest.raises(
        DataError, match="part 00000 of 00002 is missing; fetch it, or name the files with data.train="
    ):
        open_source(tmp_path)
