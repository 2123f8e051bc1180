"""The examples of docs/serving.md run as they are shown."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import ROOT, steps

import core

PAGE = ROOT / "docs" / "serving.md"
FILES = {step.file: step.text for step in steps(PAGE) if step.kind == "file"}
SHOWN = dict(
    re.findall(r"^```\n\$ python (\w+\.py)\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
)
SENTENCES = ["the cats sleep .", "we begin ."]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, and the run that they name; a counting tagger trains in no time."""
    path = tmp_path_factory.mktemp("serving")
    how = {"encoder": "ngram", "encoder.order": 2, "quiet": True, "runs": str(path / "runs")}
    core.run(task="pos", name="tagger", **how)
    for name, text in FILES.items():
        (path / name).write_text(text, "utf-8")
    return path


def test_one_load_predicts_many_times(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    runpy.run_path("many.py")
    assert capsys.readouterr().out == SHOWN["many.py"]


@pytest.fixture
def client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx2")
    from fastapi.testclient import TestClient

    monkeypatch.chdir(folder)
    return TestClient(runpy.run_path("serve.py")["app"], raise_server_exceptions=False)


def test_the_web_server_answers_what_the_model_predicts(client: Any, folder: Path) -> None:
    answer = client.post("/predict", json={"sentences": SENTENCES})
    assert (answer.status_code, answer.json()) == (
        200,
        {"predictions": core.load("tagger", runs=folder / "runs").predict(SENTENCES)},
    )
    assert client.post("/predict", json={"sentences": []}).json() == {"predictions": []}
    shown = re.search(r"-d '(.*?)'", PAGE.read_text("utf-8"))[1]
    answer = client.post("/predict", content=shown, headers={"Content-Type": "application/json"})
    assert f"`{answer.text}`" in PAGE.read_text("utf-8")


def test_a_bad_request_is_refused_and_the_server_goes_on(client: Any) -> None:
    refused = client.post("/predict", json={"sentences": ["the </s> cats"]})
    assert refused.status_code == 400 and "contains the token </s>" in refused.json()["error"]
    for body in ({"sentences": ["a"] * 257}, {"sentences": ["a" * 10_001]}, {"sentences": "one text"}, {}):
        assert client.post("/predict", json=body).status_code == 422
    assert client.post("/predict", json={"sentences": SENTENCES}).status_code == 200


@pytest.mark.slow
def test_each_process_of_a_pool_loads_the_model(folder: Path) -> None:
    done = _python(folder, "pool.py")
    assert (done.returncode, done.stdout) == (0, SHOWN["pool.py"]), done.stderr


@pytest.mark.slow
def test_the_latency_of_each_encoder_is_measured(folder: Path) -> None:
    done = _python(folder, str(ROOT / "benchmarks" / "serving.py"), "calls=60", "encoder=ngram", "batch=8")
    header, line, row = done.stdout.splitlines()
    assert header.startswith("| encoder | p50 ms | p99 ms | ") and "batches of 8" in header, done.stderr
    name, p50, p99, *speeds = (cell.strip() for cell in row.strip("|").split("|"))
    assert name == "`ngram`" and 0 < float(p50) <= float(p99) and len(speeds) == 3


def _python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
