"""The files that ``run``, ``bench`` and ``report`` write, and what they refuse before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run_command

from core.view.report import files

pytest.importorskip("altair", reason="the page needs the extra report")
pytest.importorskip("matplotlib", reason="pictures need the extra plot")

WORDS = ["encoder=ngram", "encoder.smoothing=witten-bell", "data.limit=60", "quiet=true"]


@pytest.fixture
def _without_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.view.report import page

    monkeypatch.setattr(page, "_drawing", lambda: "0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


@pytest.fixture(autouse=True)
def _there(
    _without_drawing: None, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs, in a folder that all tests share."""
    monkeypatch.chdir(folder)
    if not Path("runs").exists():
        done = run_command(
            capsys, "bench", "task=sentiment", *WORDS, "encoder.order=1,2", "report=b.html", "png=b.png"
        )
        assert done.code == 0 and "wrote b.html (2 runs, 0." in done.err and "wrote b.png" in done.err


def test_bench_and_run_write_the_page_and_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert Path("b.html").read_text().count("<h2") == 4 and Path("b.png").read_bytes().startswith(b"\x89PNG")
    done = run_command(capsys, "run", "task=sentiment", *WORDS, "encoder.order=1", "report=r.html")
    assert done.code == 0 and "wrote r.html (1 run, " in done.err


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ((), 2),
        (("where=encoder.order=1",), 1),
        (("task=sentiment", "encoder=ngram", "data=toy"), 2),
        (("runs=runs,runs",), 2),  # each once
    ],
)
def test_saved_runs_are_chosen(words: tuple[str, ...], number: int, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "report", "out=o.html", *words)
    assert done.code == 0 and f"wrote o.html ({number} run" in done.err


@pytest.mark.parametrize("key", ["run=%s,%s", "runs=%s,runs/%s", "run=%s"])
def test_runs_are_named_by_id_and_by_folder(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = sorted(path.parent.name for path in Path("runs").glob("*/run.json"))
    words = key % tuple(names[: key.count("%s")])
    done = run_command(capsys, "report", words, "out=o.html", "png=o.svg")
    assert f"wrote o.html ({key.count('%s')} run" in done.err and Path("o.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["report"], "error: report: run is missing; write run=ID to print a report, or out=FILE.html"),
        (["report", "run=a,b"], "error: run: one run is printed"),
        (["report", "run=a", "task=pos"], "error: task: it chooses among several runs"),
        (["report", "out=a.txt"], "error: out: 'a.txt' is not a page; end the name in .html"),
        (["report", "out=no/a.html"], "error: out: there is no folder no"),
        (["report", "out=a.html", "split=dev"], "error: split: a page is about test"),
        (["report", "out=a.html", "task=lm"], "error: task: no run in runs has task=lm; choose from: sentiment"),
        (["report", "out=a.html", "where=seed=9"], "error: runs: no run with scores meets these conditions"),
        (["report", "out=a.html", "runs=zzz"], "error: run: there is no run 'zzz' in runs"),
        (["report", "png=a.html"], "error: png: 'a.html' is not a picture"),
        (["bench", "task=pos", *WORDS, "png=no/a.png"], "error: png: there is no folder no"),
        (["bench", "task=pos", *WORDS, "report=a"], "error: report: 'a' is not a page"),
        (
            ["run", "task=pos", *WORDS, "report=fulll"],
            "error: report: 'fulll' does not fit; it takes full or FILE.html",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_command(capsys, *words)
    assert done.code != 0 and message in done.err and "Traceback" not in done.err
    assert len(list(Path("runs").glob("*/run.json"))) == 2  # nothing has run


def test_a_missing_package_is_reported_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "find_spec", lambda name: None if name == "altair" else object())
    done = run_command(capsys, "bench", "task=pos", *WORDS, "report=a.html")
    message = "error: report: Altair is not installed; install the extra: pip install -e '.[report]'"
    assert message in done.err and len(list(Path("runs").glob("*/run.json"))) == 2
