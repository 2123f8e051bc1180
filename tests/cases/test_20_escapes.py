"""Words and labels with terminal escape sequences: every command shows them, on a terminal and in a pipe alike."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Done, run_command

DATA = Path(__file__).parent / "20-hostile" / "esc.conllu"
RUN = ["run", "task=pos", "encoder=ngram", f"data={DATA}", "quiet=true"]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
COLORS = re.compile(r"\x1b\[[\d;]*m")  # Rich's own


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import core

    folder = tmp_path_factory.mktemp("hostile")
    for order in (1, 2):
        options = {"encoder.order": order, "encoder.smoothing": "witten-bell"}
        core.run(
            task="pos", encoder="ngram", data=str(DATA), name=f"o{order}", runs=str(folder / "runs"), **options
        )
    lines = DATA.read_text().splitlines()[:4]
    (folder / "wrong.conllu").write_text("\n".join(lines).replace("NOUN", "X\x1b[6m") + "\n\n")
    return folder


@pytest.fixture
def seqlab(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def call(*words: str) -> Done:
        monkeypatch.chdir(folder)
        return run_command(capsys, *words)

    return call


LABEL = "X\\x1b[5m"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["report", "run=o1"], LABEL),
        (["errors", "run=o1,o2"], "differences"),
        (["errors", "run=o1", "data=wrong.conllu"], "X\\x1b[6m"),
        (["errors", "run=o1", "data=wrong.conllu", "output=csv"], "X\\x1b[6m"),
        (["errors", "run=o1", "data=wrong.conllu", "output=tsv"], "X\\x1b[6m"),
        (["errors", "run=o1", "data=wrong.conllu", "output=markdown"], "X\\x1b\\[6m"),
        (["errors", "run=o1", "data=wrong.conllu", "output=json"], "X\\u001b[6m"),
        (["predict", "run=o1", "\x1b[31mEVIL\x1b]0;t\x07 [red]boo[/red] \u202ex"], "\\x1b[31mEVIL\\x1b]0;t\\x07_"),
        (["predict", "run=o1", "[red]boo[/red] [link=http://x]y[/link]"], f"[link=http://x]y[/link]_{LABEL}"),
        (["predict", "run=o1", "file=wrong.conllu"], "\\x1b"),
        (["predict", "run=o1", "output=tsv", "\x1b[31mEVIL"], "\\x1b[31mEVIL\t"),
        (["predict", "run=o1", "output=conllu", "\x1b[31mEVIL"], "\\x1b[31mEVIL\t"),
        (["runs"], "o1"),
        (["run", *RUN[1:], "data.limit=30"], "esc.conllu"),
        (["bench", *RUN[1:], "data.limit=30"], "esc.conllu"),
    ],
)  # fmt: skip
def test_no_command_prints_a_control_character(words: list[str], shown: str, seqlab) -> None:
    done = seqlab(*words)
    assert done.code == 0, done.err
    assert shown in done.out and not CONTROL.search(done.out + done.err)


def test_json_lines_are_escaped_and_read_back(seqlab) -> None:
    done = seqlab("predict", "run=o1", "output=jsonl", "\x1b[31mEVIL\x9b \u202ex 日本")
    assert done.code == 0 and not CONTROL.search(done.out) and "日本" in done.out
    assert json.loads(done.out)["text"] == "\x1b[31mEVIL\x9b \u202ex 日本"


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "run=\x1b[31mx\n\u202e", "a"],
        ["run", "task=\x9b5m", "encoder=ngram"],
        ["run", "task=pos", "encoder=ngram", "data=no\x1b]0;x\x07where\n"],
        ["run", "task=pos", "\x1b[31m=x"],
        ["\x1b[31m"],
        ["describe", "\x1b[31m"],
        ["describe", "encoder=\x1b[31m"],
        ["errors", "run=o1", "pair=\x1b[31m:X"],
        ["errors", "run=o1", "data=\x1b[31m"],
        ["runs", "where=\x1b[31m=x"],
        ["runs", "sort=\x1b[31m"],
        ["--debug", "predict", "run=\x1b[31mx", "a"],
    ],
)
def test_no_error_prints_a_control_character_and_each_is_one_line(words: list[str], seqlab) -> None:
    done = seqlab(*words)
    last = done.err.splitlines()[-1]
    assert done.code in (1, 2) and last.startswith("error: ") and not CONTROL.search(done.out + done.err)
    assert ("--debug" in words) == (len(done.err.splitlines()) > 1)


@pytest.mark.parametrize("words", [["report", "run=o1"], ["predict", "run=o1", "file=wrong.conllu"]])
def test_on_a_terminal_only_colors_are_control_characters(words: list[str], folder: Path) -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "core", *words]
    process = subprocess.Popen(command, cwd=folder, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 65536):
            seen += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    text = COLORS.sub("", seen.decode().replace("\r\n", "\n"))
    assert LABEL in text and not CONTROL.search(text)
