"""Where a row stands in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import jsonl, put

from core.data.sources import blocks, places
from core.data.sources.files import Files

ROWS = [(f"word {i}", str(i)) for i in range(200)]


@pytest.mark.parametrize("size", [1 << 16, 64])
@pytest.mark.parametrize("row", [0, 1, 57, 199])
def test_the_line_of_a_row_is_found_in_any_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, row: int
) -> None:
    monkeypatch.setattr(places, "ARRIVING", size)
    table = "text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in ROWS)
    source = Files(put(tmp_path / "a.tsv", table))
    assert source.place("train", row) == f"{tmp_path / 'a.tsv'}:{row + 2}"
    spaced = "text\tlabel\n\n" + "".join(f"{text}\t{label}\n\n" for text, label in ROWS)
    assert Files(put(tmp_path / "b.tsv", spaced)).place("train", row) == f"{tmp_path / 'b.tsv'}:{2 * row + 3}"
    quoted = "text,label\n" + "".join(f'"{text}\nmore",{label}\n' for text, label in ROWS)
    assert Files(put(tmp_path / "a.csv", quoted)).place("train", row) == f"{tmp_path / 'a.csv'}:{2 * row + 2}"
    lines = jsonl(*({"text": text, "label": label} for text, label in ROWS))
    assert Files(put(tmp_path / "a.jsonl", lines)).place("train", row) == f"{tmp_path / 'a.jsonl'}:{row + 1}"
    assert blocks.ARRIVING == 1 << 16


def test_a_row_of_the_second_file_is_found_there(tmp_path: Path) -> None:
    for name in "ab":
        put(tmp_path / f"{name}.tsv", "text\tlabel\nx\t1\ny\t2\n")
    source = Files(str(tmp_path), train=["a.tsv", "b.tsv"])
    assert source.place("train", 3) == f"{tmp_path / 'b.tsv'}:3"
    assert source.place("train", 9) == "train row 10"  # there is no such row


def test_rows_without_lines_have_numbers(tmp_path: Path) -> None:
    document = '[{"text": "a", "label": "1"},\n {"text": "b", "label": "2"}]'
    assert Files(put(tmp_path / "a.json", document)).place("train", 1) == f"{tmp_path / 'a.json'}, row 2"
