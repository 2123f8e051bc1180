"""What the README and the docs show is true: snippets run, commands are understood, output is what is printed."""

from __future__ import annotations

import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from pages import PAGES, ROOT, steps

from core import cli
from core.cli.command import load_command
from core.config import expand
from core.config.describe import describe
from core.config.options import REQUIRED, options_of
from core.data.sources.parallel import Parallel
from core.errors import SeqlabError
from core.experiment.solved_sizes import check_sizes
from core.registry import registry

TUTORIAL = ROOT / "docs" / "plugins.md"
STAND_INS = {"wandb": "init", "mlflow": "start_run"}  # libraries of examples, which are not installed for tests
COMMANDS = list(
    dict.fromkeys(
        (page.name, step.text, step.output.strip() if step.output.startswith("error: ") else "")
        for page in PAGES
        for step in steps(page)
        if step.kind == "command"
    )
)
OWN = re.compile(
    "(dry_run|format|split|sort|verdicts|plot|report|png|config(?!=grids/)|jobs|engine|engine\\.address)="
)  # keys that are no part of a run's config
PLACEHOLDER = re.compile(r"\b(ID|FILE|OTHER|PATH|NAME|KEY|VALUE|TEXT|A,B)\b|\.\.\.")


def arguments_of(command: str) -> list[str]:
    return shlex.split(re.split(r" 2>&1 \|| > \w", command)[0], comments=True)


def registered_by(page: str) -> set[str]:
    """The names that a page's own examples register."""
    text = next(p for p in PAGES if p.name == page).read_text("utf-8")
    return {*re.findall(r'register(?:_\w+)?\("(\w+)"', text), *re.findall(r"core new \w+ (\w+)", text)}


@pytest.mark.parametrize(("page", "command", "error"), COMMANDS, ids=lambda value: str(value)[:60])
def test_every_command_of_the_docs_is_understood(page: str, command: str, error: str) -> None:
    name, *arguments = (text for text in arguments_of(command) if not text.startswith("no_plugin="))
    assert name in cli.COMMANDS or name in registry().names("command"), f"{page}: there is no command {name}"
    if name in cli.COMMANDS and name not in ("run", "bench"):
        _check_keys(name, arguments)
    if name not in ("run", "bench") or PLACEHOLDER.search(command):
        return
    if error:
        with pytest.raises(SeqlabError) as caught:
            check_sizes(expand(arguments))
        assert error in f"error: {caught.value}"  # a page may cut it short
        return
    parts = {part for text in arguments for part in re.split(r"[=,+]", text)}
    if not parts & registered_by(page):  # the tutorial runs its own
        _expand([text for text in arguments if not OWN.match(text)])


def _check_keys(name: str, arguments: list[str]) -> None:
    """Check that a command has the keys that it is given, and is given those that it requires."""
    command, name, arguments, _ = load_command(name, cli.COMMANDS[name][0]).select(name, arguments)
    options = {key.replace("__", "."): option for key, option in options_of(command, f"command={name}").items()}
    for argument in arguments:
        if argument.partition("=")[0] not in options:
            command._check_argument(name, argument, options)  # raises where there is no such key
    given = {argument.partition("=")[0] for argument in arguments if "=" in argument}
    assert {key for key, option in options.items() if option.default is REQUIRED} <= given


def _expand(overrides: list[str]) -> None:
    """Check overrides as the command would, on ``toy`` where the data is elsewhere."""
    elsewhere = [text for text in overrides if text.startswith("data=") and text != "data=toy"]
    options = {row.key for target in ("data", "data=.", "data=toy") for row in describe([target])}
    options |= {f"data.{name}" for name in inspect.signature(Parallel).parameters}
    for text in overrides if elsewhere else ():
        if text.startswith("data."):
            assert text.partition("=")[0] in options, f"{text} is not an option of data"
    rest = [text for text in overrides if text not in elsewhere and not (elsewhere and text.startswith("data."))]
    expand([*rest, "data=toy"] if elsewhere else rest)


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


class Sandbox(NamedTuple):
    """Where a page is run: a folder without the project, and the folder of what the page installs."""

    folder: Path
    site: Path

    def call(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command there."""
        variables = {"PYTHONPATH": str(self.site), "SEQLAB_CACHE": str(self.folder / "cache"), **environment}
        return subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=1200,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
        )

    def core(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``python -m core``."""
        return self.call(sys.executable, "-m", "core", *arguments)


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    (tmp_path / "work").mkdir()
    return Sandbox(tmp_path / "work", tmp_path / "site")


def masked(text: str) -> list[str]:
    """Output without its numbers, spaces, the widths of its columns, and what verdicts say of fewer epochs."""
    text = re.sub(r"(?<=│) [a-z]+ \d+(-\d+)? +(?=│)", " group ", text)
    text = re.sub(r"(?m)^([^:]*): .* would be found 4 times in 5 .*$", r"\1: verdict", text)
    text = re.sub(r"[\d.,]+[kM]?\b", "#", text)
    return [line for raw in text.splitlines() if (line := re.sub(r"[ ━─]+", " ", raw).strip())]


@pytest.mark.slow
def test_the_tutorial_of_plugins_works_from_top_to_bottom_with_the_output_that_it_shows(sandbox: Sandbox) -> None:
    installed = False
    for step in steps(TUTORIAL):
        if step.kind == "file":
            file = sandbox.folder / step.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, "utf-8")
        elif step.kind == "script":
            done = sandbox.call(sys.executable, "-c", step.text)
            assert done.returncode == 0, done.stderr
        elif not PLACEHOLDER.search(step.text):
            arguments = arguments_of(step.text)
            if arguments[0] != "new" and not installed:
                installed = _install(sandbox)
            shown = bool(step.output)
            done = sandbox.core(*arguments, *_small(arguments, shown))
            assert done.returncode == 0, (step.text, done.stderr)
            if shown:
                assert masked(done.stdout) == masked(step.output), step.text
    assert installed


def _install(sandbox: Sandbox) -> bool:
    """Install the package as the page says, into a folder of this test, and run its tests."""
    package = sandbox.folder / "seqlab-qrnn"
    pip = ["-m", "pip", "install", "--no-deps", "--no-build-isolation", "--target"]
    done = sandbox.call(sys.executable, *pip, str(sandbox.site), str(package))
    assert done.returncode == 0, done.stderr
    shutil.rmtree(package / "build", ignore_errors=True)
    tests = sandbox.call(sys.executable, "-m", "pytest", "-q", "seqlab-qrnn")
    assert tests.returncode == 0, tests.stdout
    return True


def _small(arguments: list[str], shown: bool) -> list[str]:
    """Overrides that make a run short; they change no column of its table."""
    given = {text.partition("=")[0] for text in arguments}
    small = {"data.limit": "60", "train.epochs": "1", "quiet": "true"}
    if any(text.startswith("config=grids/") for text in arguments):
        small["seed"] = "1"  # it has several
        given.remove("config")
    if arguments[0] not in ("run", "bench") or given & {"dry_run", "config"}:
        return []
    if "encoder=ngram" in arguments:
        del small["train.epochs"]  # it counts
    return [
        f"{key}={value}"
        for key, value in small.items()
        if key not in given and not (shown and key == "data.limit")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("library", STAND_INS)
def test_the_examples_for_loggers_of_other_libraries_take_every_event(library: str, sandbox: Sandbox) -> None:
    """With the library where it is installed, else with a stand-in that takes any call."""
    code = next(s for s in steps(TUTORIAL) if s.kind == "file" and f"import {library}" in s.text)
    (sandbox.folder / code.file).write_text(code.text, "utf-8")
    stand_in = "from unittest.mock import MagicMock\nimport sys\n"
    stand_in += f"try: import {library}\nexcept ImportError: sys.modules[{library!r}] = MagicMock()\n"
    check = f"from core.registry import registry\nassert not registry().load({code.file!r}).error\n"
    check += f"from core.testing import check_observer\ncheck_observer({library!r})\n"
    check += f"import {library}\n"
    check += f"if isinstance({library}, MagicMock): assert {library}.{STAND_INS[library]}.called\n"
    settings = {"WANDB_MODE": "offline", "MLFLOW_TRACKING_URI": f"sqlite:///{sandbox.folder}/mlflow.db"}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = sandbox.call(sys.executable, "-c", stand_in + check, **settings, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr


RUNS = (
    "run task=pos encoder=ngram encoder.order=2 data.limit=200 quiet=true name=tagger",
    "run task=pos encoder=ngram encoder.order=1 data.limit=200 quiet=true name=other",
    "run task=lm encoder=ngram encoder.order=2 data.limit=200 quiet=true name=language",
    "run task=lm encoder=ngram encoder.order=1 data.limit=200 quiet=true name=unigrams",
    "run task=pos encoder=bag embedding=random train.epochs=1 data.limit=200 quiet=true name=vectors",
)
RUN_OF = {  # command -> the run that it is tried with; ``tagger`` for the others
    "score": "language",
    "generate": "language",
    "probs": "language",
    "export": "language",
    "neighbors": "vectors",
    "plot": "vectors",
}


@pytest.mark.slow
def test_the_commands_of_the_readme_on_toy_data_and_saved_runs_work(sandbox: Sandbox) -> None:
    for command in RUNS:
        assert sandbox.core(*command.split()).returncode == 0
    tagger = next(
        path for path in (sandbox.folder / "runs").glob("*/run.json") if '"name": "tagger"' in path.read_text()
    )
    tried = 0
    for step in steps(PAGES[0]):
        if step.kind == "file":
            (sandbox.folder / step.file).write_text(step.text, "utf-8")
        if step.kind != "command" or "error: " in step.output or _elsewhere(step.text):
            continue
        arguments = _named(arguments_of(step.text), tagger.parent.name)
        done = sandbox.core(*arguments, *_small(arguments, False))
        assert done.returncode == 0, (arguments, done.stderr)
        tried += 1
    assert tried >= 8


def _elsewhere(command: str) -> bool:
    """Whether a command needs data, or a file, that only its reader has."""
    named = re.search(r"\bdata=(?!toy|OTHER)(\S+)", command)
    if command.startswith("plot ") and not find_spec("matplotlib"):
        return True
    return bool(named) or "file=FILE" in command.partition("#")[0].replace("run=ID file=FILE sort", "run=ID sort")


def _named(arguments: list[str], tagger: str) -> list[str]:
    """The arguments of a command with the names of the runs above."""
    command, *rest = [re.sub(r"^seed=.*", "seed=1", text) for text in arguments]
    run, pair = RUN_OF.get(command, "tagger"), "language,unigrams" if command == "mix" else "tagger,other"
    names = {"run=ID": f"run={run}", "runs/ID/": f"runs/{tagger}/", "run=A,B": f"run={pair}", "OTHER": "toy"}
    words = {"teacher": "coats", "river": "the"}  # the vocabulary of so few rows has these
    result = [command]
    for text in rest:
        for placeholder, name in names.items():
            text = text.replace(placeholder, name)
        if text != "file=FILE":
            result += [words.get(text, text), *(["the cats sleep ."] if text == "sort=true" else [])]
    return result
