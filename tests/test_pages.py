"""The pages of the site list all that there is, and show what their commands print."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from core.registry import registry

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```\n((?:\$ [^\n]*\n)+)(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = [
    (name, *block)
    for name in ("index", "concepts", "tasks", "data", "questions")
    for block in FENCE.findall((DOCS / f"{name}.md").read_text("utf-8"))
]
RUNS = (
    "run task=pos encoder=ngram encoder.order=2 name=tagger quiet=true",
    "run task=lm encoder=ngram name=language quiet=true",
)


def test_the_reference_is_what_the_signatures_say() -> None:
    made = runpy.run_path(str(DOCS / "make_reference.py"))
    stale = "docs/reference.md is stale: run python docs/make_reference.py"
    assert made["PAGE"].read_text("utf-8") == made["page"](), stale


@pytest.mark.parametrize(("section", "page"), [("encoder", "encoders.md"), ("task", "tasks.md")])
def test_every_built_in_has_a_heading(section: str, page: str) -> None:
    headings = re.findall(r"^## (.*)$", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    told = {name for heading in headings for name in re.findall(r"`([\w-]+)`", heading)}
    specs = registry().specs(section).values()
    assert {spec.name for spec in specs if str(spec.target).startswith(("plugins", "tasks"))} == told


def test_every_figure_of_an_encoder_stands_in_the_results() -> None:
    rows = re.findall(
        r"^\| `\w+` \| (?:left|both|either) \|(.*)$", (DOCS / "encoders.md").read_text(), re.MULTILINE
    )
    figures = {figure for row in rows for figure in re.findall(r"\d[\d.]*(?: ± [\d.]+)?", row)}
    results = (DOCS / "results.md").read_text("utf-8")
    assert len(figures) > 15
    assert {f for f in figures if not re.search(rf"(?<![\d.]){re.escape(f)}(?![\d.]|\d)", results)} == set()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two folders: one with the runs that the pages speak of, and one without any."""
    with_runs, bare = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("bare")
    for words in RUNS:
        assert "kept in" in _said(f"python -m core {words}", with_runs)
    return [with_runs, bare]


def _said(commands: str, folder: Path) -> str:
    """What the commands of a block print."""
    script = f'python() {{ "{sys.executable}" "$@"; }}\n{commands}'
    variables = {"PYTHONPATH": str(ROOT), "SEQLAB_CACHE": str(folder / "cache")}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("page", "commands", "output"), SHOWN, ids=lambda value: value.strip()[-60:])
def test_what_a_page_shows_is_what_its_commands_print(
    page: str, commands: str, output: str, shell: list[Path]
) -> None:
    folder = shell[page == "questions"]
    said = _said(re.sub(r"^\$ ", "", commands, flags=re.MULTILINE), folder)
    assert [line.rstrip() for line in said.rstrip().splitlines()] == [
        line.rstrip() for line in output.splitlines()
    ]
