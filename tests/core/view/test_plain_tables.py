"""Plain tables in formats for programs."""

from __future__ import annotations

import csv
import io
import json
import math

from core.types import Table
from core.view.plain_tables import cell_text, render

TABLE = Table("some | words", ("word", "count", "share"), [('a|b, "c"', 1234, 0.125), ("\n", 5, math.nan)])
OTHER = Table("", ("x",), [])


def test_numbers_as_people_read_them() -> None:
    assert [cell_text(cell) for cell in ("x", 1234, 0.125, math.inf, math.nan)] == [
        "x",
        "1,234",
        "0.12",
        "inf",
        "-",
    ]


def test_markdown_escapes_bars_and_line_breaks() -> None:
    lines = render([TABLE, OTHER], "markdown").splitlines()
    assert lines[0] == r"**some \| words**" and lines[1] == ""
    assert lines[4].split(" | ")[0].strip("| ") == r'a\|b, "c"' and "1,234" in lines[4]
    assert lines[3].startswith("|:--".replace("|:", "| :")) and lines[3].endswith("-: |")
    assert [len(line.replace(r"\|", "").split("|")) for line in lines[2:6]] == [5] * 4


def test_csv_and_tsv_have_all_digits_and_are_the_last_table() -> None:
    for form, separator in (("csv", ","), ("tsv", "\t")):
        text = render([OTHER, TABLE], form)
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
        assert rows == [["word", "count", "share"], ['a|b, "c"', "1234", "0.125"], [r"\n", "5", ""]]
    assert render([Table("", ("x",), [("=1+1",)])], "csv") == "x\n'=1+1"  # no spreadsheet computes it


def test_json_has_null_where_a_number_is_not_finite() -> None:
    first, second = json.loads(render([TABLE, OTHER], "json"))
    assert first["title"] == "some | words" and second == {"title": "", "rows": []}
    assert first["rows"][1] == {"word": "\n", "count": 5, "share": None}
