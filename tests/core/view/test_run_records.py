"""Saved runs for other programs: the columns and their types, read back by Arrow, csv and json."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Done, run_command
from results import made

from core.runs.result import Result
from core.view.run_records import as_csv, as_json, as_parquet, columns

TIME = 1_790_000_000  # 2026-09-21 14:13:20 UTC


@pytest.fixture
def runs(tmp_path: Path) -> list[Result]:
    options: dict[str, Any] = {
        "encoder_hidden_size": 64,
        "data_limit": "none",
        "encoder_tied": "true",
        "train_rate": 0.5,
        "head_loss": '=1+"a"',
    }
    first = made(50.0, 1, dev=95.5, name="best", **options)
    other = {"encoder_hidden_size": 128, "data_limit": 500, "encoder_tied": "false", "train_rate": "1e-3"}
    second = replace(made(math.nan, 2, **other), encoder="ngram", embedding="", seed=1 << 40)
    second.metrics["dev"] = {"perplexity": math.inf}
    found = []
    for run in (first, second):
        folder = tmp_path / "runs" / run.id
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(run.to_json()), "utf-8")
        os.utime(folder, (TIME, TIME))
        found.append(replace(run, folder=str(folder)))
    return found


def test_columns_have_the_types_of_their_values(runs: list[Result]) -> None:
    found = columns(runs)
    assert found["id"] == ["000000000001", "000000000002"] and found["name"] == ["best", None]
    assert found["created"] == ["2026-09-21 14:13:20"] * 2
    assert found["embedding"] == ["random", None] and found["seed"] == [1, 1 << 40]
    assert found["dev"] == [95.5, None] and found["test"] == [50.0, None]
    assert found["dev.accuracy"] == [95.5, None] and found["dev.perplexity"] == [None, math.inf]
    assert found["encoder.hidden_size"] == [64, 128] and found["data.limit"] == [None, 500]
    assert found["encoder.tied"] == [True, False] and found["train.rate"] == [0.5, 0.001]
    assert found["device"] == ["auto", "auto"] and found["parameters"] == [10, 10]


def test_csv_and_json_read_back(runs: list[Result]) -> None:
    found = columns(runs)
    rows = list(csv.DictReader(io.StringIO(as_csv(found).decode())))
    assert [row["encoder.hidden_size"] for row in rows] == ["64", "128"] and rows[1]["dev"] == ""
    assert rows[0]["encoder.tied"] == "true" and rows[0]["head.loss"] == '\'=1+"a"'  # text, not a formula
    first, second = json.loads(as_json(found))
    assert list(first) == list(found) and first["head.loss"] == '=1+"a"' and first["encoder.tied"] is True
    assert second["dev.perplexity"] is None and second["test"] is None and second["seed"] == 1 << 40


def test_parquet_has_typed_columns(runs: list[Result]) -> None:
    read = pq.read_table(pa.BufferReader(as_parquet(columns(runs))))
    assert read.to_pydict() == columns(runs)
    kinds = {name: str(read.schema.field(name).type) for name in ("seed", "test", "encoder.tied", "data.limit")}
    assert kinds == {"seed": "int64", "test": "double", "encoder.tied": "bool", "data.limit": "int64"}


def test_letters_that_no_file_holds_and_empty_tables(runs: list[Result]) -> None:
    runs[0].config["name"] = "a\ud800"
    found = columns(runs)
    assert pq.read_table(pa.BufferReader(as_parquet(found)))["name"].to_pylist()[0] == "a?"
    assert "\\ud800" in as_csv(found).decode() and json.loads(as_json(found))[0]["name"] == "a\ud800"
    none = columns([])
    assert as_csv(none).decode().startswith("id,name,created,") and json.loads(as_json(none)) == []
    assert pq.read_table(pa.BufferReader(as_parquet(none))).num_rows == 0


@pytest.fixture
def seqlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: Any) -> Any:
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Done:
        return run_command(capsys, *words)

    return call


def test_runs_are_printed_or_written_in_the_order_and_choice_of_the_list(seqlab: Any, tmp_path: Path) -> None:
    done = seqlab("runs", "where=encoder.hidden_size>=64 and not name=best", "format=csv")
    assert [row["id"] for row in csv.DictReader(io.StringIO(done.out))] == ["000000000002"]
    done = seqlab("runs", "sort=-encoder.hidden_size", "out=all.json")
    assert not done.out and done.err.startswith("wrote all.json (2 runs, ")
    assert [row["encoder.hidden_size"] for row in json.loads((tmp_path / "all.json").read_text())] == [128, 64]
    assert seqlab("runs", "out=all.parquet").code == 0
    assert pq.read_table(tmp_path / "all.parquet").num_rows == 2
    assert seqlab("runs", "format=csv", "out=all.txt").code == 0
    assert (tmp_path / "all.txt").read_text().count("\n") == 3
    done = seqlab("runs", "runs=empty", "format=json")
    assert done.out == "[]\n" and done.err.startswith("note: there are no runs in empty")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["format=parquet"], "format: parquet is not text, so it is not printed; add out=FILE"),
        (["format=xml"], "'xml' does not fit; it takes one of table|csv|json|parquet"),
        (["out=runs.xlsx"], "'runs.xlsx' does not end in .csv, .json, .parquet; name the format with format="),
        (["format=table", "out=a.txt"], "out: a table is printed"),
        (["format=csv", "out=no/a.csv"], "no/a.csv: cannot be written: No such file or directory"),
        (["format=csv", "out=runs"], "runs: cannot be written: this is not a file that can be replaced"),
        (["index", "where=seed=1"], "the index has all runs; leave"),
        (["index", "runs=elsewhere"], "elsewhere: there is no such folder"),
        (["rebuild"], "write `runs`, `runs prune`, `runs verify` or `runs index`"),
    ],
)
def test_a_wrong_format_is_one_sentence(words: list[str], message: str, seqlab: Any) -> None:
    done = seqlab("runs", *words)
    assert done.code in (1, 2) and message in done.err and not done.out and len(done.err.splitlines()) == 1


def test_the_index_is_written_by_the_command(seqlab: Any, tmp_path: Path) -> None:
    assert seqlab("runs", "index").err == "wrote runs/index.sqlite (2 runs)\n"
    (tmp_path / "runs" / "index.sqlite").write_text("my notes")
    done = seqlab("runs")
    assert done.code == 0 and "000000000002" in done.out
    assert done.err.startswith("warning: runs/index.sqlite: this is not an index of runs; the folders are read")
    assert len(done.err.splitlines()) == 1 and seqlab("runs", "index").code == 1
