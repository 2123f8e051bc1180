"""Tables at any width: nothing is cut, ids and names stay whole, wide and combining letters align."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.text import Text

from core.view import console as consoles
from core.view import layout
from core.view.console import Console
from core.view.layout import Column, cell, print_fitted

WIDTHS = (60, 80, 120, 200)


def printed(width: int, title: str, columns: list[Column], *sections: list[list[str]]) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    print_fitted(console, title, columns, *sections)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined] # it is a StringIO


def scores(tasks: int) -> tuple[list[Column], list[list[str]]]:
    columns = [Column("encoder"), *(Column(f"task{i} accuracy", right=True) for i in range(tasks))]
    return columns, [[f"encoder{row}", *(f"{row}{i}.125 ± 0.25" for i in range(tasks))] for row in range(3)]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_number_is_cut_and_no_line_is_too_wide(width: int) -> None:
    columns, rows = scores(11)
    lines = printed(width, "a title", columns, rows)
    text = "\n".join(lines)
    assert all(number in text for row in rows for number in row[1:])
    assert all(text.count(name) >= 1 for name, *_ in rows)
    assert max(map(cell_len, lines)) <= width and "…" not in text
    tables = text.count("┏")
    assert (tables > 1) == (width < 11 * (13 + 3) + 8 + 3 + 1) and text.count("encoder0") == tables
    assert text.count("a title") == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_wide_and_combining_letters_and_escapes_align(width: int) -> None:
    rows = [
        ["日本語", "1"],
        ["e\u0301te\u0301", "2"],
        ["\x1b[31mred", "3"],
        ["[red]x[/red]", "4"],
        ["[/]:smile:", "5"],
    ]
    lines = printed(width, "[b]t[/b] \x1b", [Column("word"), Column("n", right=True)], rows)
    assert len({cell_len(line) for line in lines if line[0] in "│┏└"}) == 1
    assert all(
        text in "\n".join(lines)
        for text in ("日本語", "e\u0301te\u0301", r"\x1b[31mred", "[red]x[/red]", "[/]:smile:")
    )
    assert lines[0].startswith(r"[b]t[/b] \x1b") and "\x1b" not in "".join(lines)


def test_columns_are_left_out_in_their_order_and_named() -> None:
    columns = [
        Column("id", whole=True),
        Column("a" * 10, rank=2),
        Column("b" * 10, rank=1),
        Column("score", right=True),
    ]
    rows = [["x" * 20, "A" * 10, "B" * 10, "1.5"]]
    assert "not shown" not in printed(60, "", columns, rows)[-1]
    narrow = printed(50, "", columns, rows)
    assert narrow[-1] == f"not shown: {'a' * 10} (a wider terminal shows them)" and "B" * 10 in narrow[3]
    least = "\n".join(printed(36, "", columns, rows))
    assert f"not shown: {'a' * 10}, {'b' * 10} " in least.replace("\n", " ") and "1.5" in least


def test_an_id_that_is_wider_than_the_terminal_is_still_whole() -> None:
    lines = printed(30, "", [Column("id", whole=True), Column("n", right=True)], [["x" * 70, "1"]])
    assert any("x" * 70 in line for line in lines)


def test_long_text_folds_and_a_row_without_cells_in_a_part_is_not_repeated_there() -> None:
    columns = [Column("name"), Column("text"), Column("n", right=True, group=1)]
    lines = printed(60, "", columns, [["a", "word " * 40, "1" * 30]], [["chance", "0", ""]])
    text = "\n".join(lines)
    assert text.count("word") == 40 and text.count("chance") == 1 and text.count("┏") == 2


@pytest.mark.parametrize(
    ("given", "width"), [("", 140), ("80", 80), ("0", 140), ("wide", 140), ("60", 60), ("\u0665", 140)]
)
def test_off_a_terminal_the_width_is_that_of_COLUMNS_or_fixed(
    given: str, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", given)
    assert consoles.console().width == width and consoles.console(error=True).width == width


def test_what_is_printed_on_the_console_cannot_control_the_terminal() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None)
    for thing in ("\x1b[31m[red]x", cell("\x9b5m"), cell("a").append("\u202e\x1b")):
        console.print(thing)
    assert out.getvalue() == "\\x1b[31m[red]x\n\\x9b5m\na\\u202e\\x1b\n"


def test_a_title_is_one_line_above_a_narrow_table() -> None:
    lines = printed(60, "a title that is wider than its table", [Column("a")], [["1"]])
    assert lines[0] == "a title that is wider than its table" and lines[1].startswith("┏")


@pytest.mark.parametrize("width", [40, 60, 120])
def test_a_long_table_looks_as_a_short_one(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [Column("id", whole=True), Column("the name", rank=1), Column("n", right=True), Column("test")]
    rows = [
        [f"{i:012d}", ("日本語", "\x1b[31m", "[b]", "")[i % 4], f"{i * 7}", f"accuracy {i}"] for i in range(120)
    ]
    long = printed(width, "title", columns, rows)
    monkeypatch.setattr(layout, "LONG", 1000)
    assert long == printed(width, "title", columns, rows) and len(long) >= 124


def test_cells_of_several_lines_and_with_styles_are_drawn_by_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("it is not plain")

    monkeypatch.setattr(layout, "print_long", refuse)
    for odd in (Text("red", "red"), Text("two\nlines")):
        rows = [[Text("a"), odd], *([Text("a"), Text("b")] for _ in range(120))]
        assert "a" in printed(80, "", [Column("x"), Column("y")], rows)[3]  # type: ignore[list-item]
