"""What the README and the docs show is true: snippets run, commands are understood, output is what is printed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from core import cli
from core.config import expand
from core.config.describe import describe
from core.errors import SeqlabError
from core.registry import registry

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TUTORIAL = ROOT / "docs" / "plugins.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"into\s+`([\w./-]+\.py)`[^`]*\Z")  # "put this into `FILE.py`:" before a block
COMMAND = re.compile(r"^(?: {4}|\$ )(?:.* && )?(?:python -m core|seqlab) +([a-z].*)$", re.MULTILINE)
INLINE = re.compile(r"`((?:run|bench) [^`]*=[^`]*)`")
STAND_INS = {"wandb": "init", "mlflow": "start_run"}  # libraries that examples are for, which are not needed here


class Step(NamedTuple):
    """A part of a page.

    Args:
        kind: ``file``, ``script`` or ``command``.
        text: the Python, or the words after ``python -m core``, or a whole other command.
        file: where a file is put.
        output: what is shown below a command.
    """

    kind: str
    text: str
    file: str = ""
    output: str = ""


def steps(page: Path) -> Iterator[Step]:
    """The parts of a page that can be run, in order; commands named within a sentence last."""
    text, at = page.read_text("utf-8"), 0
    for fence in FENCE.finditer(text):
        yield from _commands(text[at : fence.start()])
        if fence[1] == "python":
            place = PLACE.search(text[at : fence.start()])
            yield Step("file", fence[2], place[1]) if place else Step("script", fence[2])
        else:
            first, _, output = fence[2].partition("\n")
            yield from (step._replace(output=output) for step in _commands(first))
        at = fence.end()
    yield from _commands(text[at:])
    yield from (Step("command", words) for words in INLINE.findall(text))


def _commands(text: str) -> Iterator[Step]:
    yield from (Step("command", words) for words in COMMAND.findall(text))


COMMANDS = list(
    dict.fromkeys(
        (page.name, step.text, step.output.strip() if step.output.startswith("error: ") else "")
        for page in PAGES
        for step in steps(page)
        if step.kind == "command"
    )
)
PLACEHOLDER = re.compile(r"\b(ID|FILE|OTHER|PATH|NAME|KEY|VALUE|TEXT|A,B)\b|\.\.\.")


def words_of(command: str) -> list[str]:
    return shlex.split(command.partition(" 2>&1 |")[0], comments=True)


def made_up(page: str) -> set[str]:
    """The names that a page's own examples register."""
    text = next(p for p in PAGES if p.name == page).read_text("utf-8")
    return {*re.findall(r'register(?:_\w+)?\("(\w+)"', text), *re.findall(r"core new \w+ (\w+)", text)}


@pytest.mark.parametrize(("page", "command", "error"), COMMANDS, ids=lambda value: str(value)[:60])
def test_every_command_of_the_docs_is_understood(page: str, command: str, error: str) -> None:
    name, *words = words_of(command)
    assert name in cli.COMMANDS or name in registry().names("command"), f"{page}: there is no command {name}"
    if name not in ("run", "bench") or PLACEHOLDER.search(command):
        return
    if error:
        with pytest.raises(SeqlabError) as caught:
            expand(words)
        assert error in f"error: {caught.value}"  # a page may cut it short
        return
    names = made_up(page)
    if not any(part in names for word in words for part in re.split(r"[=,+]", word)):  # the tutorial runs its own
        _expand([w for w in words if not re.match(r"(dry_run|format|sort|report|config)=", w)])


def _expand(words: list[str]) -> None:
    """Check the words as the command would, on ``toy`` where the data is elsewhere."""
    elsewhere = [word for word in words if word.startswith("data=") and word != "data=toy"]
    options = {row.key for target in ("data", "data=.", "data=toy") for row in describe([target])}
    for word in words if elsewhere else ():
        if word.startswith("data."):
            assert word.partition("=")[0] in options, f"{word} is no option of data"
    kept = [w for w in words if w not in elsewhere and not (elsewhere and w.startswith("data."))]
    expand([*kept, "data=toy"] if elsewhere else kept)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_python_snippet_is_whole(page: Path) -> None:
    for step in steps(page):
        if step.kind != "command":
            compile(step.text, page.name, "exec")


def test_every_link_of_the_docs_leads_somewhere() -> None:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:]*)(#[^)]*)?\)", page.read_text("utf-8")):
            file = page.parent / target if target else page
            assert file.exists(), f"{page.name}: {target}"
            if anchor and file.suffix == ".md":
                headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), flags=re.MULTILINE)
                anchors = {"#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert {anchor, anchor.replace("--", "-")} & {a.replace("--", "-") for a in anchors}, (
                    f"{page.name}: {anchor}"
                )


class Place(NamedTuple):
    """Where a page is tried out: a folder with nothing of the project in it, and what it installs there."""

    folder: Path
    site: Path

    def call(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        whole = {
            **os.environ,
            "PYTHONPATH": str(self.site),
            "SEQLAB_CACHE": str(self.folder / "cache"),
            **environment,
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=1200,
            env=whole,
            stdin=subprocess.DEVNULL,
        )

    def core(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``python -m core``."""
        return self.call(sys.executable, "-m", "core", *words)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "work").mkdir()
    return Place(tmp_path / "work", tmp_path / "site")


def masked(text: str) -> list[str]:
    """Output without its figures, blanks and the widths of its columns."""
    text = re.sub(r"[\d.,]+[kM]?\b", "#", text)
    return [line for raw in text.splitlines() if (line := re.sub(r"[ ━─]+", " ", raw).strip())]


@pytest.mark.slow
def test_the_tutorial_of_plugins_works_from_top_to_bottom_with_the_output_that_it_shows(place: Place) -> None:
    installed = False
    for step in steps(TUTORIAL):
        if step.kind == "file":
            file = place.folder / step.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, "utf-8")
        elif step.kind == "script":
            done = place.call(sys.executable, "-c", step.text)
            assert done.returncode == 0, done.stderr
        elif not PLACEHOLDER.search(step.text):
            words = words_of(step.text)
            if words[0] != "new" and not installed:
                installed = _install(place)
            shown = bool(step.output)
            done = place.core(*words, *_small(words, shown))
            assert done.returncode == 0, (step.text, done.stderr)
            if shown:
                assert masked(done.stdout) == masked(step.output), step.text
    assert installed


def _install(place: Place) -> bool:
    """As the page says, into a folder of the test's own; then the package's own tests."""
    package = place.folder / "seqlab-qrnn"
    pip = ["-m", "pip", "install", "--no-deps", "--no-build-isolation", "--target", str(place.site), str(package)]
    done = place.call(sys.executable, *pip)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(package / "build", ignore_errors=True)
    tests = place.call(sys.executable, "-m", "pytest", "-q", "seqlab-qrnn")
    assert tests.returncode == 0, tests.stdout
    return True


def _small(words: list[str], shown: bool) -> list[str]:
    """Settings that make a run short; they change no column of its table."""
    given = {word.partition("=")[0] for word in words}
    small = {"data.limit": "60", "train.epochs": "1", "quiet": "true"}
    if words[0] not in ("run", "bench") or given & {"dry_run", "config"}:
        return []
    if "encoder=ngram" in words:
        del small["train.epochs"]  # it counts
    return [
        f"{key}={value}"
        for key, value in small.items()
        if key not in given and not (shown and key == "data.limit")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("library", STAND_INS)
def test_the_examples_for_other_peoples_loggers_take_every_event(library: str, place: Place) -> None:
    """With the library where it is installed, else with a stand-in that takes any call."""
    code = next(s for s in steps(TUTORIAL) if s.kind == "file" and f"import {library}" in s.text)
    (place.folder / code.file).write_text(code.text, "utf-8")
    stand_in = "from unittest.mock import MagicMock\nimport sys\n"
    stand_in += f"try: import {library}\nexcept ImportError: sys.modules[{library!r}] = MagicMock()\n"
    check = f"from core.registry import registry\nassert not registry().load({code.file!r}).error\n"
    check += f"from core.testing import check_observer\ncheck_observer({library!r})\n"
    check += f"import {library}\n"
    check += f"if isinstance({library}, MagicMock): assert {library}.{STAND_INS[library]}.called\n"
    settings = {"WANDB_MODE": "offline", "MLFLOW_TRACKING_URI": f"sqlite:///{place.folder}/mlflow.db"}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = place.call(sys.executable, "-c", stand_in + check, **settings, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr


RUNS = (
    "run task=pos encoder=ngram encoder.order=2 data.limit=200 quiet=true name=tagger",
    "run task=pos encoder=ngram encoder.order=1 data.limit=200 quiet=true name=other",
    "run task=lm encoder=ngram encoder.order=2 data.limit=200 quiet=true name=language",
    "run task=lm encoder=ngram encoder.order=1 data.limit=200 quiet=true name=unigrams",
    "run task=pos encoder=bag embedding=random train.epochs=1 data.limit=200 quiet=true name=vectors",
)
KEPT = {
    "score": "language",
    "generate": "language",
    "probs": "language",
    "export": "language",
    "neighbors": "vectors",
    "plot": "vectors",
}


@pytest.mark.slow
def test_the_commands_of_the_readme_on_toy_data_and_kept_runs_do_their_work(place: Place) -> None:
    for command in RUNS:
        assert place.core(*command.split()).returncode == 0
    tagger = next(
        path for path in (place.folder / "runs").glob("*/run.json") if '"name": "tagger"' in path.read_text()
    )
    tried = 0
    for step in steps(PAGES[0]):
        if step.kind == "file":
            (place.folder / step.file).write_text(step.text, "utf-8")
        if step.kind != "command" or "error: " in step.output or _elsewhere(step.text):
            continue
        words = _named(words_of(step.text), tagger.parent.name)
        done = place.core(*words, *_small(words, False))
        assert done.returncode == 0, (words, done.stderr)
        tried += 1
    assert tried >= 8


def _elsewhere(command: str) -> bool:
    """Whether a command needs data, or a file, that only its reader has."""
    named = re.search(r"\bdata=(?!toy|OTHER)(\S+)", command)
    if command.startswith("plot ") and not find_spec("matplotlib"):
        return True
    return bool(named) or "file=FILE" in command.partition("#")[0].replace("run=ID file=FILE sort", "run=ID sort")


def _named(words: list[str], tagger: str) -> list[str]:
    """The words of a command with names of the runs above."""
    run, pair = KEPT.get(words[0], "tagger"), "language,unigrams" if words[0] == "mix" else "tagger,other"
    words = [re.sub(r"^seed=.*", "seed=1", w) for w in words]
    found = [w.replace("run=ID", f"run={run}").replace("runs/ID/", f"runs/{tagger}/") for w in words]
    found = [w.replace("runs=A,B", f"runs={pair}").replace("OTHER", "toy") for w in found if w != "file=FILE"]
    found = [{"king": "coats", "paris": "the"}.get(w, w) for w in found]  # which toy has
    return [w for word in found for w in ([word, "the cats sleep ."] if word == "sort=true" else [word])]
