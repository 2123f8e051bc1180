"""JSON lines: rows, columns by key, and errors with the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import RATED, TAGGED, jsonl, read

from core.errors import DataError


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
        (
            '{"tokens": ["\\ud800"]}\n',
            ":1: the value of 'tokens' is not of the type list<item: string> ('utf-8' codec",
        ),
        ('{"text": "a", "label": ' + "9" * 5000 + "}\n", "value has 5000 digits); write one object per line"),
        ('{"text": "\\ud800"}\n', ":1: the value of 'text' is not of the type string"),
        ("[" * 100_000, ":1: not JSON (maximum recursion depth exceeded"),
        ('{"a": "x", "b": "y"}\n', "which column is the text is not clear; name it with data.text=, one of a, b"),
        ('{"text": "a", "label": 1}\n{"text": "b"}\n', "1 missing labels; filter the rows without a label"),
        ("\n", "no row of data in the file, read as jsonl"),
    ],
)
def test_bad_json_lines_name_the_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a.jsonl", content)
    assert str(caught.value).startswith(str(tmp_path / "a.jsonl")) and message in str(caught.value)
