"""The formats of the benchmark table: hostile names, formulas of spreadsheets, exact numbers, dev scores."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from results import made
from rich.cells import cell_len
from rich.console import Console

from core.printable import printable
from core.view import formats
from core.view.bench_screen import show
from core.view.bench_table import BenchTable, bench_tables

HOSTILE = "\x1b[31m\x9b5m\u202ea\nb\r\tc"


def one(name: str, data: str = "toy", splits: tuple[str, ...] = ("test",)) -> BenchTable:
    (table,) = bench_tables([replace(made(200 / 3), encoder=name, data=data)], (), splits)
    return table


@pytest.mark.parametrize("form", formats.FORMATS)
def test_no_format_holds_a_control_character(form: str) -> None:
    tables = [one(HOSTILE, HOSTILE), one("b", HOSTILE + "b")]
    (text, *_) = formats.render_tables(tables, form)
    assert printable(text) == text
    if form == "json":
        assert [table["data"] for table in json.loads(text)] == [HOSTILE, HOSTILE + "b"]
    elif form != "latex":
        assert r"\x1b[31m\x9b5m\u202ea\nb\r\tc" in text.replace(r"\\", "\\").replace(r"\[", "[")


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", " =1", "\uff1d1", "-", "=", "+a", "-inf"])
@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_no_name_is_a_formula(name: str, form: str, delimiter: str) -> None:
    table = one(name, name)
    table.columns[0] = replace(table.columns[0], name=name)
    lines = list(csv.reader(io.StringIO(formats.FORMATS[form](table)), delimiter=delimiter))
    assert lines[1][:2] == [f"'{name}"] * 2 and lines[0][2].startswith(f"'{name} ")


def test_numbers_stay_numbers_and_are_not_rounded() -> None:
    table = one("-1.5", "+2")
    table.rows["-1.5"][0].mean = -1.5
    row = next(csv.reader(io.StringIO(formats.as_csv(table).partition("\n")[2])))
    assert row[:3] == ["+2", "-1.5", "-1.5"]
    table = one("bag")
    assert float(next(csv.DictReader(io.StringIO(formats.as_csv(table))))["pos accuracy"]) == 200 / 3
    assert json.loads(formats.as_json(table))["rows"]["bag"]["pos"]["mean"] == 200 / 3


@pytest.mark.parametrize("name", ["日本語", "e\u0301te\u0301", "a|b", "`code`", "bag"])
def test_markdown_aligns_and_shows_names_as_they_are(name: str) -> None:
    lines = formats.as_markdown(one(name)).splitlines()
    assert len({cell_len(line) for line in lines}) == 1
    assert all(line.replace(r"\|", "").count("|") == lines[0].count("|") for line in lines)


def test_markdown_escapes_what_it_would_format() -> None:
    table = one("*a* [x](y) <b> `c` __d__ e_f &amp; a\\")
    assert r"| \*a\* \[x\](y) \<b\> \`c\` \_\_d\_\_ e_f \&amp; a\\ |" in formats.as_markdown(table)


def test_latex_takes_no_name_as_an_option_of_the_line_before() -> None:
    lines = formats.as_latex(one("[2pt] 50%_a")).splitlines()
    assert lines[4].startswith(r"{}[2pt] 50\%\_a") and not any(
        line.lstrip().startswith(("[", "*")) for line in lines
    )


def test_every_format_holds_the_scores_on_dev() -> None:
    table = one("bag", splits=("dev", "test"))
    table.rows["bag"][0].mean = 12.345678
    for form in formats.FORMATS:
        text = formats.FORMATS[form](table)
        assert "dev" in text and "12.345678"[: 9 if form in ("json", "csv", "tsv") else 4] in text
    fields = next(csv.DictReader(io.StringIO(formats.as_csv(table))))
    assert fields["dev pos accuracy"] == "12.345678" and float(fields["pos accuracy"]) == 200 / 3
    pos = json.loads(formats.as_json(table))["rows"]["bag"]["pos"]
    assert pos["dev"] == {"mean": 12.345678, "deviation": None, "runs": 1} and pos["mean"] == 200 / 3
    assert "| encoder | dev pos accuracy | test pos accuracy |" in formats.as_markdown(table)


@pytest.mark.parametrize("form", formats.FORMATS)
def test_every_format_marks_a_row_with_an_interrupted_run(form: str) -> None:
    runs = [
        replace(made(90), id=name, encoder=name, status=status)
        for name, status in (("a", "interrupted"), ("b", "finished"))
    ]
    (text,) = formats.render_tables(bench_tables(runs), form)
    if form == "json":
        assert [row.get("interrupted") for row in json.loads(text)["rows"].values()] == [True, None]
    else:
        assert text.count("(interrupted)") == 1


def test_the_screen_marks_a_row_with_an_interrupted_run(capsys: pytest.CaptureFixture[str]) -> None:
    (table,) = bench_tables([replace(made(90), status="interrupted")])
    show(table, Console(width=100))
    assert f"{made(90).encoder} (interrupted)" in capsys.readouterr().out
