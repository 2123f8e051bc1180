"""Verdicts in tables: letters and ranks beside the scores, bold only for a winner, and every format."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from results import made
from rich.console import Console

from core.evaluation.verdicts.verdict import Difference, Verdict
from core.types import Note
from core.view import bench_screen, formats, run_table, verdicts
from core.view.bench_table import BenchTable, add_verdicts, bench_tables, texts

NAMES = ("lstm", "cnn", "bag")
RESULTS = [replace(made(90.0 - i, i + 1), encoder=name) for i, name in enumerate(("bag", "lstm", "cnn"))]


def verdict(winner: bool, names: tuple[str, ...] = NAMES) -> Verdict:
    """The first of three is better than the last, and than the second too if it is a winner."""
    pairs = [(0, 1, 0.01 if winner else 0.3), (0, 2, 0.01), (1, 2, 0.4)]
    found = [Difference(names[i], names[j], 1.5, 0.5, 2.5, p / 3, p, 1, "models") for i, j, p in pairs]
    letters, ranks = (
        (("a", "b", "b"), ((1, 1), (2, 3), (2, 3))) if winner else (("a", "ab", "b"), ((1, 2), (1, 3), (2, 3)))
    )
    return Verdict("accuracy", names, letters, ranks, tuple(found), 1.25, 2000, "row")


def table(winner: bool = True, *more: Verdict | None, splits: tuple[str, ...] = ("test",)) -> BenchTable:
    (found,) = bench_tables(RESULTS, (), splits)
    found.verdicts = [verdict(winner), *more]
    return found


def screen(shown: Any, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    shown(console)
    return console.file.getvalue()  # type: ignore[attr-defined] # it is a StringIO


def test_each_row_has_its_letters_and_ranks_beside_its_score() -> None:
    heading, rows, baselines = texts(table(False))
    assert heading[:4] == ["encoder", "pos accuracy", "group rank", "parameters"]
    assert {row[0]: row[2] for row in rows} == {"lstm": "a 1-2", "cnn": "ab 1-3", "bag": "b 2-3"}
    assert [line[2] for line in baselines] == [""] and len(baselines[0]) == len(heading)


def test_a_column_without_a_verdict_has_no_letters() -> None:
    heading, rows, _ = texts(table(True, None, splits=("test", "dev")))
    assert heading[:4] == ["encoder", "test pos accuracy", "group rank", "dev pos accuracy"]
    assert all(len(row) == len(heading) for row in rows)
    (plain,) = bench_tables(RESULTS)
    assert "group rank" not in texts(plain)[0]


def test_the_best_row_is_bold_only_if_it_is_separated_from_every_other_one() -> None:
    assert bold(table(True)) == ["89.00"]
    assert bold(table(False)) == [] and bold(replace(table(), verdicts=[None])) == []
    (plain,) = bench_tables(RESULTS)  # verdicts=false: the best score as it is
    assert bold(plain) == ["90.00"]


def bold(shown: BenchTable) -> list[str]:
    """The scores in bold."""
    return re.findall(r"\x1b\[1m *(\d\d\.\d\d)", screen(lambda console: bench_screen.show(shown, console)))


def test_the_lines_below_say_what_is_separated_and_what_could_have_been_found() -> None:
    text = screen(lambda console: bench_screen.show(table(True), console))
    assert "pos accuracy: lstm is better than every other row; the closest is cnn, by 1.50" in text
    assert "A difference of 1.25 would be found 4 times in 5 with 2,000 rows and 1 seed." in text
    assert text.count("This is about these trained models (1 seed)") == 1


def test_csv_has_letters_ranks_and_the_lead_of_the_best() -> None:
    lines = list(csv.DictReader(io.StringIO(formats.as_csv(table(False)))))
    by_name = {line["encoder"]: {key.removeprefix("pos "): line[key] for key in line} for line in lines}
    assert by_name["lstm"] | {"letters": "a", "first rank": "1", "last rank": "2", "p": ""} == by_name["lstm"]
    cnn = {"letters": "ab", "first rank": "1", "last rank": "3", "behind best": "1.5", "behind low": "0.5"}
    assert by_name["cnn"] | cnn == by_name["cnn"] and float(by_name["cnn"]["p"]) == pytest.approx(0.1)
    assert by_name["chance"]["letters"] == ""


def test_json_has_every_pair_with_interval_and_p_values() -> None:
    document = json.loads(formats.as_json(table(False, verdict(True), splits=("test", "dev"))))
    assert document["rows"]["cnn"]["pos"]["letters"] == "ab" and document["rows"]["cnn"]["pos"]["ranks"] == [1, 3]
    assert document["rows"]["cnn"]["pos"]["dev"]["letters"] == "b"
    pair = document["verdicts"]["pos"]["pairs"][0]
    assert (pair["first"], pair["second"], pair["low"], pair["high"], pair["separated"]) == (
        "lstm",
        "cnn",
        0.5,
        2.5,
        False,
    )
    assert document["verdicts"]["dev"]["pos"]["pairs"][0]["separated"] is True
    assert "verdicts" not in json.loads(formats.as_json(bench_tables(RESULTS)[0]))


@pytest.mark.parametrize(("form", "start"), [("markdown", "\n\npos accuracy: "), ("latex", "\n% pos accuracy: ")])
def test_markdown_and_latex_have_letters_and_lines(form: str, start: str) -> None:
    text = formats.FORMATS[form](table(False))
    letters = "ab 1-3" if form == "markdown" else r"\textsuperscript{ab}"
    assert letters in text and f"{start}lstm is better than bag, by 1.50" in text


def test_the_run_table_has_letters_beside_the_primary_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def read(rows: Any, split: str, plugins: Any) -> Any:
        given.append((list(rows), split, plugins))
        return verdict(False), [Note("verdict.no_score", "pos: x is not compared")]

    monkeypatch.setattr(verdicts, "read_verdict", read)
    text = screen(lambda console: run_table.show(RESULTS, console, plugins=("own.py",)))
    assert given == [(["bag", "lstm", "cnn"], "test", ("own.py",))]
    assert "group rank" in text and "ab 1-3" in text and "\naccuracy: lstm is better than bag" in text
    assert "note: pos: x is not compared" in text
    given.clear()
    text = screen(lambda console: run_table.show(RESULTS, console, splits=("dev", "test"), plugins=()))
    assert [split for _, split, _ in given] == ["dev", "test"] and "dev accuracy: lstm is better" in text
    given.clear()
    for results, plugins in ((RESULTS, None), (RESULTS[:1], ())):
        text = screen(lambda console, r=results, p=plugins: run_table.show(r, console, plugins=p))
        assert "group" not in text and not given


def test_a_matrix_has_the_letters_in_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = [(order, size) for order in (1, 2) for size in (8, 9)]
    results = [
        made(80.0 + i, i + 1, encoder_order=order, encoder_hidden_size=size)
        for i, (order, size) in enumerate(grid)
    ]
    (found,) = bench_tables(results)
    names = tuple(found.rows)[::-1]
    four = replace(verdict(False, names[:3]), names=names, letters=("a", "ab", "b", "c"), ranks=((1, 1),) * 4)
    found.verdicts = [four]
    text = screen(lambda console: bench_screen.show(found, console, is_sorted=False), width=60)
    assert all(f"8{3 - i}.00 {letters}" in text for i, letters in enumerate(four.letters))


def test_verdicts_are_read_for_the_columns_with_two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    note = Note("verdict.metric", "no verdict on pos: because")
    monkeypatch.setattr(verdicts, "read_verdict", lambda *_: (None, [note]))
    (two,), (one,) = bench_tables(RESULTS), bench_tables(RESULTS[:1])
    assert add_verdicts(two) == [note] and two.verdicts == [None]
    assert add_verdicts(one) == [] and one.verdicts == [None]
    assert bold(one) == ["90.00"] and bold(two) == []
