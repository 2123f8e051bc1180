"""Installed packages with a fault each, all at once: none stops ``list``, ``--help`` or another encoder's run."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

MARKED = "from core import hookimpl\n\n@hookimpl\ndef "
ENCODER = MARKED + "register_encoders(register):\n    register('{}', '{}', sees='left', help='')\n"


class Broken(NamedTuple):
    """One package.

    Args:
        text: its module.
        message: what ``plugins`` says of it.
        ask: words that ask for what it would offer.
        answer: what the error of those words says.
    """

    text: str
    message: str
    ask: str = "run task=sentiment encoder=own"
    answer: str = ""


UNANNOTATED = """
from core.neural.base import Encoder

class Own(Encoder):
    def __init__(self, input_size, causal, *, size=3):
        super().__init__(input_size, causal)
"""
MIDWAY = """
import pyarrow as pa
from core.data.sources.base import Source

class Own(Source):
    def splits(self):
        return ("train", "dev", "test")

    def batches(self, split):
        yield pa.RecordBatch.from_pydict({"text": ["a b"] * 5, "label": ["x", "y", "x", "y", "x"]})
        raise ValueError("the disk went away")
"""
WATCHER = """
from core.experiment.observers import Observer

class Own(Observer):
    def start(self, **facts):
        raise ValueError("no network")
"""
CRASHING = """
from core.neural.base import Encoder

class Own(Encoder):
    def __init__(self, input_size, causal):
        super().__init__(input_size, causal)
        self.output_size = input_size

    def forward(self, inputs, lengths, carry=None):
        raise ValueError("shapes do not fit")
"""
PACKAGES = {
    "raises": Broken("1 / 0", "the import raised ZeroDivisionError: division by zero"),
    "syntax": Broken("x = 1\ndef f(:\n", "syntax error in"),
    "missing": Broken("import nowhere_at_all", "No module named 'nowhere_at_all'"),
    "unknown": Broken(MARKED + "register_encoder(register): ...", "did you mean 'register_encoders'"),
    "argument": Broken(MARKED + "register_encoders(reg): ...", "takes one argument, register"),
    "unmarked": Broken("def register_encoders(register): ...", "write @hookimpl above it"),
    "twin": Broken(
        ENCODER.format("lstm", "twin:Own"), "encoder 'lstm' is already registered by plugin seqlab-plugins"
    ),
    "exits": Broken("raise SystemExit(3)", "the import raised SystemExit: 3"),
    "lost": Broken(
        ENCODER.format("lost", "lost_nowhere:Own"),
        "encoder=lost: cannot load lost_nowhere:Own",
        "run task=sentiment encoder=lost",
        "No module named 'lost_nowhere'; registered by plugin lost (lost, installed by lost)",
    ),
    "bare": Broken(
        ENCODER.format("bare", "bare_own:Own"),
        "the option size has no annotation",
        "run task=sentiment encoder=bare",
        "encoder=bare (bare_own:Own): the option size has no annotation; annotate it",
    ),
    "crashing": Broken(
        ENCODER.format("crashing", "crashing_own:Own"),
        "encoder: crashing",
        "run task=sentiment encoder=crashing",
        "encoder=crashing: raised ValueError: shapes do not fit",
    ),
    "midway": Broken(
        MARKED + "register_datasets(register):\n    register('midway', 'midway_own:Own', help='')\n",
        "data: midway",
        "run task=sentiment encoder=bag data=midway",
        "data=midway: raised ValueError: the disk went away",
    ),
    "watcher": Broken(
        MARKED + "register_observers(register):\n    register('watcher', 'watcher_own:Own', help='')\n",
        "observer: watcher",
    ),
    "loud": Broken(
        "print('HELLO', flush=True)\n" + ENCODER.format("loud", "loud:Own"), "it prints when it is imported"
    ),
}
MODULES = {"bare_own": UNANNOTATED, "crashing_own": CRASHING, "midway_own": MIDWAY, "watcher_own": WATCHER}
SMALL = ("data.limit=50", "train.epochs=1")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every package installed, as ``pip install --target`` leaves it."""
    folder = tmp_path_factory.mktemp("site")
    for name, package in PACKAGES.items():
        (folder / f"{name}.py").write_text(package.text)
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[seqlab]\n{name} = {name}\n")
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def seqlab(words: str, site: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", *words.split()]
    environment = {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "400"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=environment)


@pytest.fixture(scope="module")
def shown(site: Path) -> str:
    """What ``plugins`` shows, each cell on one line."""
    code = "from core.registry import registry; from core.cli import plugins\n"
    code += (
        "for p in registry().plugins(): print(p.name, p.source, plugins.hooks(p), *plugins.wrong(p), sep=' | ')"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("words", ["--help", "list", "list encoder", "run --help", "describe encoder=ngram"])
def test_none_stops_a_look_around(words: str, site: Path, tmp_path: Path) -> None:
    done = seqlab(words, site, tmp_path)
    assert done.returncode == 0 and done.stdout and not done.stderr
    assert "HELLO" not in done.stdout


@pytest.mark.slow
def test_none_stops_a_run_nor_a_broken_encoder_those_beside_it(site: Path, tmp_path: Path) -> None:
    done = seqlab(
        f"bench task=sentiment encoder=bag,crashing,ngram observer=watcher {' '.join(SMALL)}", site, tmp_path
    )
    assert done.returncode == 1
    rows = [line for line in done.stdout.splitlines() if line.startswith("│")]
    assert [row.split()[1] for row in rows[:3]] == ["bag", "crashing", "ngram"] or "bag" in rows[0]
    assert len(list((tmp_path / "runs").glob("*/run.json"))) == 2
    assert "warning: observer Own failed at start and is left out: ValueError: no network" in done.stderr
    assert "HELLO" not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_observer_that_raises_fails_no_run(site: Path, tmp_path: Path) -> None:
    done = seqlab(f"run task=sentiment encoder=bag observer=watcher+csv {' '.join(SMALL)}", site, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning: observer") == 1
    assert len(list((tmp_path / "runs" / "curves").glob("*.csv"))) == 1


@pytest.mark.parametrize("name", PACKAGES)
def test_each_is_named_in_plugins_with_what_is_wrong(name: str, shown: str) -> None:
    line = next(line for line in shown.splitlines() if line.startswith(f"{name} |"))
    assert f"{name}, installed by {name}" in line and PACKAGES[name].message in line


@pytest.mark.slow
def test_plugins_prints_them_all(site: Path, tmp_path: Path) -> None:
    done = seqlab("plugins", site, tmp_path)
    assert done.returncode == 0 and not done.stderr
    assert all(f"│ {name} " in done.stdout for name in PACKAGES)


def test_an_unknown_name_names_all_that_failed_to_load(site: Path, tmp_path: Path) -> None:
    done = seqlab("run task=sentiment encoder=own", site, tmp_path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    for name, package in PACKAGES.items():
        if not package.answer and name not in ("watcher", "loud"):
            assert f"plugin {name} ({name}, installed by {name}): " in done.stderr
            assert package.message in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, package in PACKAGES.items() if package.answer])
def test_what_breaks_when_it_is_chosen_is_one_sentence_that_names_it(
    name: str, site: Path, tmp_path: Path
) -> None:
    done = seqlab(f"{PACKAGES[name].ask} quiet=true", site, tmp_path)
    assert done.returncode in (1, 2) and len(done.stderr.strip().splitlines()) == 1
    assert PACKAGES[name].answer in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_duplicate_names_both_sources(shown: str) -> None:
    line = next(line for line in shown.splitlines() if line.startswith("twin |"))
    assert "plugin twin (twin, installed by twin)" in line
    assert "plugin seqlab-plugins (plugins, installed by seqlab)" in line


def test_no_plugin_leaves_one_out_without_importing_it(site: Path, tmp_path: Path) -> None:
    marker = tmp_path / "imported"
    text = f"open({str(marker)!r}, 'w').close()\nimport time; time.sleep(0.25)\n"
    info = tmp_path / "site" / "slow-2.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "site" / "slow.py").write_text(text + ENCODER.format("slow", "slow:Own"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: slow\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[seqlab]\nslow = slow\n")
    for words in ("list", "run task=sentiment encoder=own", "plugins"):
        done = seqlab(f"{words} no_plugin=slow", tmp_path / "site", tmp_path)
        assert not marker.exists() and "slow:Own" not in done.stdout + done.stderr
    assert "left out by no_plugin" in done.stdout
    message = seqlab("plugins", tmp_path / "site", tmp_path).stdout
    assert marker.exists() and "its import takes" in message and "2.0" in message
    wrong = seqlab("list no_plugin=slwo", tmp_path / "site", tmp_path)
    assert wrong.returncode == 2 and "there is no plugin 'slwo'; did you mean 'slow'?" in wrong.stderr


@pytest.mark.slow
def test_what_a_helper_of_a_plugin_raises_is_blamed_on_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "helper_of_mine.py").write_text("def fail():\n    raise KeyError('width')\n")
    text = textwrap.dedent(CRASHING).replace("raise ValueError", "from helper_of_mine import fail; fail() #")
    text = "import helper_of_mine\n" + text + ENCODER.format("mine", ":Own")
    (tmp_path / "mine.py").write_text(text)
    done = seqlab(
        f"run task=sentiment encoder=mine plugin=mine.py {' '.join(SMALL)} quiet=true", tmp_path, tmp_path
    )
    assert done.returncode == 1 and "encoder=mine: raised KeyError: 'width' (" in done.stderr
    assert "mine.py:" in done.stderr and "fix plugin mine" in done.stderr
