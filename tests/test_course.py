"""The page of a course: its commands run, in a short form, and its counting models print what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from pages import ROOT, lines

from core.__main__ import main

PAGE = (ROOT / "docs" / "course.md").read_text("utf-8")
BLOCK = re.compile(
    r"^```\n\$ (?P<shown>[^\n]*)\n(?P<output>.*?)^```|^ {4}(?P<plain>[^\n]*)$", re.MULTILINE | re.DOTALL
)
CORE = "python -m core "
SHORT = {"data.limit": "400", "data.length": "4,5", "embedding.epochs": "1", "reach": "3", "rows": "20"}
LONG = ("train.steps", "train.epochs", *SHORT)  # what a short form replaces


class Part(NamedTuple):
    """A command, and the output below it if a test compares it."""

    command: str
    output: str


def parts(text: str) -> list[Part]:
    """The commands of a page or of a section of it, in order."""
    found = (match.groupdict("") for match in BLOCK.finditer(text))
    return [Part(block["shown"] or block["plain"], block["output"]) for block in found]


def shortened(command: str) -> list[str]:
    """The arguments of a command, with those of training replaced if it trains a network."""
    words = shlex.split(command.removeprefix(CORE))
    if "encoder=ngram" in words or not any(word.startswith("task=") for word in words):
        return words
    given = {word.partition("=")[0]: word for word in words}
    counts = "embedding=word2vec" in words  # quick, and its words are asked for later
    short = {key: value for key, value in SHORT.items() if key in given or (key == "data.limit" and not counts)}
    kept = [word for word in words if word.partition("=")[0] not in LONG]
    steps = [] if counts or "embedding=file" in words else ["train.epochs=1"]
    return [*kept, *steps, *(f"{key}={value}" for key, value in short.items())]


def check(part: Part, capsys: pytest.CaptureFixture[str]) -> None:
    """Run one command in the current folder, and compare what it prints where the page shows that."""
    if not part.command.startswith(CORE):
        subprocess.run(["bash", "-c", part.command], check=True)
        return
    with pytest.raises(SystemExit) as end:
        main(shortened(part.command))
    out, err = capsys.readouterr()
    assert not end.value.code, (part.command, err)
    if part.output:  # the heading and the totals of score are on the other stream
        assert sorted(lines(out) + lines(err)) == sorted(lines(part.output)), part.command


def sections() -> dict[str, str]:
    """The sections of the page by their headings."""
    pieces = re.split(r"^## (.*)\n", PAGE, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def test_the_examples_of_a_textbook_have_the_numbers_of_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = sections()["Two examples of a textbook"]
    for part in parts(text):
        check(part, capsys)
    after = {context: rest for context, rest in re.findall(r'context="(.*?)" n=2\n(.*?)^```', text, re.M | re.S)}
    book = {
        ("<s>", "I"): 0.67, ("<s>", "Sam"): 0.33, ("I", "am"): 0.67, ("I", "do"): 0.33, ("Sam", "</s>"): 0.5,
        ("am", "Sam"): 0.5,
    }  # fmt: skip
    for (context, word), value in book.items():
        found = re.search(rf"^│ {re.escape(word)} +│ ([\d.]+)", after[context], re.MULTILINE)
        assert found and round(float(found[1]), 2) == value, (context, word)
    cosines = dict(re.findall(r"│ (\w+) +│ (\d\.\d+) │", text))
    assert [round(float(cosines[word]), 3) for word in ("cherry", "digital")] == [0.018, 0.996]


@pytest.mark.slow
@pytest.mark.parametrize("lecture", [name for name in sections() if name.startswith("Lecture")])
def test_the_commands_of_a_lecture_run(
    lecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("matplotlib", "sacrebleu"):
        pytest.importorskip(package, reason="a lecture draws pictures and scores translations")
    monkeypatch.chdir(tmp_path)
    found = parts(sections()[lecture])
    assert len(found) >= 4
    for part in found:
        check(part, capsys)
