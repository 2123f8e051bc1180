"""Pages of the docs as parts that tests can run: snippets, commands, and the output shown below them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```\n((?:\$ [^\n]*\n)+)(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"into\s+`([\w./-]+\.py)`[^`]*\Z")  # "put this into `FILE.py`:" before a block
PROGRAM = r"(?:python -m core|seqlab|torchrun .* -m core)"
COMMAND = re.compile(rf"^(?: {{4}}|\$ )(?:.* && )?{PROGRAM} +([a-z].*)$", re.MULTILINE)
CONTINUED = re.compile(r" \\\n +")  # a command goes on in the next line
INLINE = re.compile(r"`((?:run|bench) [^`]*=[^`]*)`")


class Step(NamedTuple):
    """A part of a page.

    Args:
        kind: ``file``, ``script`` or ``command``.
        text: the Python, or the arguments after ``python -m core``.
        file: where a file is put.
        output: what is shown below a command.
    """

    kind: str
    text: str
    file: str = ""
    output: str = ""


def steps(page: Path) -> Iterator[Step]:
    """The parts of a page that can be run, in order; commands named within a sentence last."""
    text, at = CONTINUED.sub(" ", page.read_text("utf-8")), 0
    for fence in FENCE.finditer(text):
        yield from _commands(text[at : fence.start()])
        if fence[1] == "python":
            file = FILE.search(text[at : fence.start()])
            yield Step("file", fence[2], file[1]) if file else Step("script", fence[2])
        else:
            first, _, output = fence[2].partition("\n")
            yield from (step._replace(output=output) for step in _commands(first))
        at = fence.end()
    yield from _commands(text[at:])
    yield from (Step("command", arguments) for arguments in INLINE.findall(text))


def _commands(text: str) -> Iterator[Step]:
    yield from (Step("command", arguments) for arguments in COMMAND.findall(text))


def shell_blocks(page: str) -> list[tuple[str, str]]:
    """The commands and the output of each block of a page of ``docs/`` that shows both."""
    return SHELL.findall((ROOT / "docs" / f"{page}.md").read_text("utf-8"))


def shell_output(commands: str, folder: Path) -> list[str]:
    """The lines that the commands of a block print in a folder, without the spaces at their ends."""
    script = f'python() {{ "{sys.executable}" "$@"; }}\n' + re.sub(r"^\$ ", "", commands, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SEQLAB_CACHE": str(folder / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
    )
    return lines(done.stdout)


def lines(text: str) -> list[str]:
    """Lines without the spaces at their ends."""
    return [line.rstrip() for line in text.rstrip().splitlines()]
