"""``new`` writes packages that install, pass their own tests, and run with the built-ins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.__main__ import main

KINDS = {  # words of ``new`` -> words of a run with built-ins, and what the table must show
    "encoder gates": ("bench task=sentiment,lm encoder=gates,bag", ("gates", "bag")),
    "encoder pairs family=counting": ("bench task=pos,sentiment,lm encoder=pairs,bag", ("pairs", "bag")),
    "encoder nearest family=model": ("bench task=sentiment encoder=nearest,bag", ("nearest", "bag")),
    "embedding pieces": ("bench task=sentiment encoder=bag embedding=pieces,random", ("pieces", "random")),
    "task acceptable": ("bench task=acceptable,sentiment encoder=bag", ("acceptable correlation", "sentiment")),
    "dataset brackets": ("bench data=brackets,toy task=sentiment encoder=bag", ("brackets", "toy")),
    "observer log": ("bench task=sentiment encoder=bag observer=log+csv", ("bag",)),
}
SMALL = ("data.limit=100", "train.epochs=1", "quiet=true")


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Call the command in an empty folder; what it says, or its error."""
    monkeypatch.chdir(tmp_path)

    def call(words: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(["new", *words.split()])
        output = capsys.readouterr()
        assert bool(end.value.code) == bool(output.err)
        return output.err or output.out

    return call


def python(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("words", KINDS)
def test_a_package_is_whole_and_names_what_is_in_it(words: str, new: Callable[..., str], tmp_path: Path) -> None:
    kind, name = words.split()[:2]
    output = new(words)
    folder = tmp_path / f"seqlab-{name}"
    assert f"pip install -e seqlab-{name}" in output and [path.name for path in tmp_path.iterdir()] == [
        folder.name
    ]
    files = {
        str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }
    package = f"seqlab_{name}"
    expected = {"pyproject.toml", "README.md", f"{package}/__init__.py", f"{package}/plugin.py"}
    assert set(files) == {*expected, f"tests/test_{name}.py"}
    for place, text in files.items():
        for left in ("NAME", "CLASS", "PACKAGE", "SECTION", "DISTRIBUTION", "COMMAND"):
            assert left not in text, (place, left)
        if place.endswith(".py"):
            compile(text, place, "exec")
    assert f'check_{kind}("{name}"' in files[f"tests/test_{name}.py"]
    assert f'{name} = "{package}"' in files["pyproject.toml"]


@pytest.mark.slow
@pytest.mark.parametrize("words", KINDS)
def test_a_package_installs_passes_its_tests_and_runs_with_the_built_ins(
    words: str, new: Callable[..., str], tmp_path: Path
) -> None:
    name = words.split()[1]
    new(words)
    site = tmp_path / "site"
    pip = ["-m", "pip", "install", "--no-deps", "--no-build-isolation", "--target", str(site), f"./seqlab-{name}"]
    done = python(*pip, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    tests = python("-m", "pytest", "-q", folder=tmp_path / f"seqlab-{name}", PYTHONPATH=str(site))
    assert tests.returncode == 0, tests.stdout
    command, shown = KINDS[words]
    run = python("-m", "core", *command.split(), *SMALL, folder=tmp_path, PYTHONPATH=str(site))
    assert run.returncode == 0, run.stderr
    for text in shown:
        assert text in run.stdout
    listed = python("-m", "core", "plugins", folder=tmp_path, PYTHONPATH=str(site)).stdout
    assert f"seqlab_{name}" in listed and "0.1.0" in listed
    if name == "log":
        assert (tmp_path / "runs.jsonl").read_text("utf-8").count('"event": "epoch"') == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "write new encoder|embedding|task|dataset|observer NAME"),
        ("encoder", "write new encoder|embedding|task|dataset|observer NAME"),
        ("encodr gates", "there is no template for 'encodr'; did you mean 'encoder'?"),
        ("encoder lstm", "encoder 'lstm' is already registered by plugin seqlab-plugins"),
        ("dataset toy", "data 'toy' is already registered"),
        ("encoder 2gram", "'2gram' cannot be the name of a package; begin with a letter"),
        ("encoder my-gates", "'my-gates' cannot be the name"),
        ("encoder class", "'class' cannot be the name"),
        ("encoder ../gates", "'../gates' cannot be the name"),
        ("encoder all", "'all' cannot be the name"),
        ("encoder gates family=count", "family: 'count' does not fit; did you mean 'counting'?"),
        ("task gates family=counting", "tasks have no family"),
        ("encoder gates more", "new: it takes a kind of plugin and a name; write new encoder|"),
        ("encoder gates famly=counting", "did you mean 'family'?"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(
    words: str, message: str, new: Callable[..., str], tmp_path: Path
) -> None:
    assert message in new(words)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_stays_as_it_is(new: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "seqlab-gates").mkdir()
    assert "seqlab-gates: already exists; choose another name" in new("encoder gates")
    assert not list((tmp_path / "seqlab-gates").iterdir())


def test_a_package_that_is_installed_under_another_name_is_not_hidden(
    new: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "seqlab_gates.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    assert "a package seqlab_gates is already installed" in new("encoder gates")
