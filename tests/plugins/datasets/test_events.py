"""Sessions from tables of events: grouped, sorted, and refused with a clear sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from core.errors import DataError
from plugins.datasets.events import Events

TEXT = """user,when,article,price
7,2024-05-01 12:30:00,b,1
9,2024-05-01 12:00:00,a,2
7,2024-05-01 12:29:59,a,3
7,2024-05-02 00:00:00,c,4
9,2024-05-01 12:00:00,b,5
"""
NAMES = {"session": "user", "item": "article"}


def rows(path: Path, **options: str) -> list[list[str]]:
    return next(Events(path=str(path), **{**NAMES, **options}).batches("train")).column("tokens").to_pylist()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "events.csv").write_text(TEXT)
    return tmp_path / "events.csv"


def test_rows_are_grouped_and_sorted(table: Path) -> None:
    assert rows(table) == [["b", "a", "c"], ["a", "b"]]
    assert rows(table, time="when") == [["a", "b", "c"], ["a", "b"]]
    assert rows(table, time="price") == [["b", "a", "c"], ["a", "b"]]


def test_other_formats_give_the_same_rows(table: Path, tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text(TEXT.replace(",", "\t"))
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    parquet.write_table(csv.read_csv(table), tmp_path / "e.parquet")
    expected = rows(table, time="when")
    for name in ("e.tsv", "e.csv.gz", "e.parquet"):
        assert rows(tmp_path / name, time="when") == expected, name


def test_numbers_are_sorted_as_numbers_and_items_stay_text(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("session,item,time\n1,007,10\n1,2.50,9\n")
    found = next(Events(path=str(tmp_path / "n.csv"), time="time").batches("train"))
    assert found.column("tokens").to_pylist() == [["2.50", "007"]]
    assert found.column("tokens").type == pa.list_(pa.string())


def test_splits_are_those_with_a_file(table: Path) -> None:
    one, both = Events(path=str(table), **NAMES), Events(path=str(table), test=str(table), **NAMES)
    assert one.splits() == ("train",) and both.splits() == ("train", "test")
    assert one.fingerprint() != both.fingerprint()
    assert one.fingerprint() == Events(path=str(table), **NAMES).fingerprint()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("e.csv", "user,article\n", "has no event"),
        ("e.csv", "", "cannot be read"),
        ("e.csv", "user,article\n1,a\n1\n", "cannot be read"),
        ("e.csv", "user,item\n1,a\n", "no column 'article'"),
        ("e.csv", "user,article\n1,a\n2,\n", "event 2 has no article"),
        ("e.csv", "user,article\n ,a\n2,b\n", "event 1 has no user"),
        ("e.txt", "user,article\n1,a\n", "what kind of table"),
        ("e.parquet", "user,article\n1,a\n", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        rows(tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        Events(path=str(tmp_path / "none.csv")).fingerprint()


@pytest.mark.parametrize("times", [("9", "10"), ("2024-05-01 09:30:00", "2024-05-01 12:30:00")])
def test_times_are_compared_as_numbers_or_dates(tmp_path, times):
    path = tmp_path / "e.parquet"
    columns = {"session": ["a", "a"], "item": ["second", "first"], "time": [times[1], times[0]]}
    parquet.write_table(pa.table(columns), path)
    (batch,) = Events(path=str(path), time="time").batches("train")
    assert batch.column("tokens").to_pylist() == [["first", "second"]]


def test_times_that_have_no_order_are_refused(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("session,item,time\na,x,10\na,y,9\nb,z,yesterday\n")
    with pytest.raises(DataError, match="neither numbers nor dates") as caught:
        list(Events(path=str(path), time="time").batches("train"))
    assert caught.value.code == "data.time"
