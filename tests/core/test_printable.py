"""Control characters are printed as escapes, and everything that is printed passes through ``core.printable``."""

from __future__ import annotations

import ast
import json
import unicodedata
from pathlib import Path

import pytest

from core.printable import counted, echo, echo_lines, json_text, one_line, printable

ROOT = Path(__file__).parents[2]
HOSTILE = "\x1b[31mEVIL\x1b]0;title\x07 \x9b5m \x1b]8;;http://x\x1b\\ \u202eabc\u2066 \x7f \r \ud800 \U000e0041"
SHOWN = r"\x1b[31mEVIL\x1b]0;title\x07 \x9b5m \x1b]8;;http://x\x1b\ \u202eabc\u2066 \x7f \r \ud800 \U000e0041"
CODES = (*range(0x3100), *range(0xD7F0, 0x10010), *range(0xDFFF0, 0xE00F0))


def test_every_control_character_is_an_escape_and_every_letter_is_kept() -> None:
    assert printable(HOSTILE) == SHOWN == one_line(HOSTILE)
    kept = "a\tb\n\u2028Grüße e\u0301 日本 \U0001f468\u200d\U0001f469 \u06cc\u200c\u062e [red]x[/] :smile: \\x1b"
    escapes = {ord(c): repr(c)[1:-1] for c in "\t\n\u2028"}
    assert printable(kept) == kept and one_line(kept) == kept.translate(escapes)
    for code in CODES:
        category = unicodedata.category(chr(code))
        if category in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(chr(code)) in (
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
        ):  # fmt: skip
            assert one_line(chr(code)).isascii() and len(one_line(chr(code))) > 1, hex(code)
        elif category[0] in "LMNPS" or category == "Zs":
            assert one_line(chr(code)) == chr(code), hex(code)


def test_json_reads_back_and_holds_no_control_character() -> None:
    document = {"label": HOSTILE, HOSTILE: ["日本\n", 1.5]}
    text = json_text(document)
    assert json.loads(text) == document and printable(text) == text and "日本" in text


def test_echo_prints_one_line_and_echo_lines_several(capsys: pytest.CaptureFixture[str]) -> None:
    echo("a\nb", HOSTILE, separator="\t")
    echo_lines("a\nb\x1b", error=True)
    assert tuple(capsys.readouterr()) == (f"a\\nb\t{SHOWN}\n", "a\nb\\x1b\n")


def calls(path: Path) -> list[str]:
    """The names of the functions that a file calls: ``print``, ``sys.stdout.write``."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]


OWN = {  # the only places that print without an escape
    "core/printable.py": {"print"},
    "core/__main__.py": {"print"},  # a sentence of its own, before anything can be imported
    "core/registry/watch.py": {"print"},  # an escaped line, past the redirection of what a plugin prints
    "core/cli/predict.py": {"sys.stdout.buffer.write"},  # data formats; text is escaped there
    "core/cli/score.py": {"sys.stderr.write"},  # a heading of its own
}


def test_nothing_is_printed_past_the_escapes() -> None:
    raw = ("print", "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer.write", "click.echo", "rich.print")
    for folder in ("core", "plugins", "tasks"):
        for path in (ROOT / folder).rglob("*.py"):
            name, found = path.relative_to(ROOT).as_posix(), calls(path)
            assert {call for call in found if call in raw} <= OWN.get(name, set()), name
            if "Console" in found:
                assert "from rich.console import Console\n" not in path.read_text("utf-8"), name


def test_a_noun_is_in_the_plural_unless_there_is_one() -> None:
    assert [counted(number, "row") for number in (0, 1, 2, 1000)] == ["0 rows", "1 row", "2 rows", "1,000 rows"]
