"""JSON that is one document: arrays, objects with an array, objects over several lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from source_samples import RATED, put, read

from core.data.sources import json_document
from core.data.sources.files import Files
from core.errors import DataError

OBJECTS = [{"text": "good", "label": 1}, {"text": None, "label": 0}]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_array_is_rows(tmp_path: Path, indent: int | None, encoding: str) -> None:
    content = f" \n{json.dumps(OBJECTS, indent=indent)}\n\n".replace("\n", "\r\n")
    options = {"encoding": encoding} if encoding == "utf-16" else {}
    assert read(tmp_path, "a.json", content.encode(encoding), **options) == RATED


def test_an_array_may_be_longer_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.json", json.dumps(OBJECTS, indent=1))
    monkeypatch.setattr(Files, "block_size", 5)
    assert [row for batch in Files(path).batches("train") for row in batch.to_pylist()] == RATED


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"data": OBJECTS}),
        json.dumps({"version": "1.1", "data": OBJECTS}, indent=2),
        "\n".join(json.dumps(row, indent=2) for row in OBJECTS),
        json.dumps(OBJECTS).replace("[", "[\n").replace("}", "}\n"),
    ],
)
def test_other_documents_of_rows_are_read(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, "a.json", content) == RATED


def test_one_row_with_a_list_of_objects_is_one_row(tmp_path: Path) -> None:
    row = {"text": "a", "spans": [{"start": 1}]}
    for indent in (None, 1):
        assert read(tmp_path, "a.json", json.dumps(row, indent=indent)) == [{"text": "a"}]
    tokens = json.dumps({"tokens": [{"form": "a"}]})
    assert read(tmp_path, "b.json", tokens, text="tokens.form") == [{"tokens": ["a"]}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "a"},\n {"text": }]', ":2: not JSON (Expecting value: column 11); write one object per line"),
        ('[{"text": "a"}', ":1: not JSON (Expecting ',' delimiter: column 15)"),
        ('[{"text": "a", "label": ' + "9" * 5000 + "}]", "value has 5000 digits); write one object per line"),
        ('[{"text": "a"}, 3]', ", row 2: not a JSON object"),
        ('[\n["a", "b"],\n["c", "d"]]', ", row 1: not a JSON object"),
        ('[["a", "b"]]', ":1: not a JSON object"),
        ('["a"]\n["b"]\n', ":1: not a JSON object"),
        ('{"text": {"0": "a"}, "label": {"0": 1}}', "one JSON object, whose keys (text, label) hold lists or"),
        ("[]", "no row of data in the file"),
        ("[\n]\n", "no row of data in the file"),
        ('{\n"text": ["a"],\n"label": [1]}', "one JSON object, whose keys (text, label) hold lists or objects"),
        (
            '[{"text": "a", "label": 1}, {"text": "b", "label": "x"}]',
            ", row 1: the value of 'label' is not of",
        ),
        ('[{"a": "x", "b": "y"}]', "which column is the text is not clear; name it with data.text=, one of a, b"),
    ],
)
def test_bad_documents_name_the_line_or_the_row(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a.json", content)
    assert str(caught.value).startswith(str(tmp_path / "a.json")) and message in str(caught.value)


def test_a_document_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_document, "LARGEST", 1 << 20)
    content: list[dict[str, Any]] = [{"text": "x" * (1 << 20)}]
    with pytest.raises(DataError, match="one JSON document of more than 1 MB; write one object per line"):
        read(tmp_path, "a.json", json.dumps(content))
