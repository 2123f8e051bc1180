"""The pages of the site list everything that is registered, and show what their commands print."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from pages import ROOT, lines, shell_blocks, shell_output

from core.registry import registry

DOCS = ROOT / "docs"
SHOWN = [
    (page, *block) for page in ("index", "concepts", "tasks", "data", "questions") for block in shell_blocks(page)
]
RUNS = (
    "run task=pos encoder=ngram encoder.order=2 name=tagger quiet=true",
    "run task=lm encoder=ngram name=language quiet=true",
    "run task=cloze encoder=ngram encoder.order=3 name=blanks quiet=true",
    "run task=next-item data=sessions encoder=ngram encoder.order=2 name=shop quiet=true",
)


def test_the_reference_is_what_the_signatures_say() -> None:
    module = runpy.run_path(str(DOCS / "make_reference.py"))
    stale = "docs/reference.md is stale: run python docs/make_reference.py"
    assert module["PAGE"].read_text("utf-8") == module["page"](), stale


def test_the_picture_of_the_readme_shows_the_numbers_of_its_table() -> None:
    module = runpy.run_path(str(DOCS / "make_picture.py"))
    stale = "docs/encoders.svg is stale: run python docs/make_picture.py"
    assert module["PICTURE"].read_text("utf-8") == module["picture"](), stale
    rows = module["table"]()
    assert rows["lstm"]["pos accuracy"] == "97.90 ± 0.05" and rows["ceiling"]["lm perplexity"] == "21.82"
    assert module["PICTURE"].read_text("utf-8").count("<circle") == 11 + 11 + 7 + len(module["COLORS"])


@pytest.mark.parametrize(("section", "page"), [("encoder", "encoders.md"), ("task", "tasks.md")])
def test_every_built_in_has_a_heading(section: str, page: str) -> None:
    headings = re.findall(r"^## (.*)$", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE)
    names = {name for heading in headings for name in re.findall(r"`([\w-]+)`", heading)}
    specs = registry().specs(section).values()
    assert {spec.name for spec in specs if str(spec.target).startswith(("plugins", "tasks"))} == names


def test_every_score_of_an_encoder_is_in_the_results() -> None:
    rows = re.findall(
        r"^\| `\w+` \| (?:left|both|either) \|(.*)$", (DOCS / "encoders.md").read_text(), re.MULTILINE
    )
    scores = {score for row in rows for score in re.findall(r"\d[\d.]*(?: ± [\d.]+)?", row)}
    results = (DOCS / "results.md").read_text("utf-8")
    assert len(scores) > 15
    assert {s for s in scores if not re.search(rf"(?<![\d.]){re.escape(s)}(?![\d.]|\d)", results)} == set()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two folders: one with the runs that the pages use, and one without any."""
    with_runs, without = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("bare")
    for arguments in RUNS:
        output = shell_output(f"python -m core {arguments}", with_runs)
        assert output[-1].startswith("saved in"), output
    return [with_runs, without]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "commands", "output"), SHOWN, ids=lambda value: value.strip()[-60:])
def test_a_page_shows_what_its_commands_print(page: str, commands: str, output: str, folders: list[Path]) -> None:
    printed, shown = shell_output(commands, folders[page == "questions"]), lines(output)
    if shown[:1] == ["..."]:  # the page shows the end
        shown = shown[1:]
        assert len(printed) > len(shown)
        printed = printed[-len(shown) :]
    assert printed == shown
