"""What a worker reports, called in this process."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import stops
from killed import words

from core import config
from core.errors import MEMORY
from core.experiment.environment import code_version
from core.experiment.executors.base import Job, Report, error_from
from core.experiment.executors.worker import Lines, Reporter, run_job


def job(given: dict[str, Any], **other: Any) -> Job:
    (one,) = config.expand(given)
    return Job(one.plugins, pickle.dumps(one), str(Path.cwd()), (), code_version())._replace(**other)


def test_a_run_reports_its_events_and_its_record_at_the_end(tmp_path: Path) -> None:
    sent: list[Report] = []
    last = run_job(job(words(tmp_path, "sentiment")), sent.append)
    assert last.kind == "done" and last.values["result"].status == "finished"
    events = [report.values["event"] for report in sent]
    assert events[0] == "start" and events.count("epoch") == 3 and "progress" in events
    assert pickle.loads(pickle.dumps(last)).values["result"].to_json() == last.values["result"].to_json()


def test_progress_is_reported_only_now_and_then() -> None:
    sent: list[Report] = []
    reporter = Reporter(sent.append)
    for step in range(1000):
        reporter.progress(step=step)
    assert 1 <= len(sent) < 100 and sent[0].values["facts"] == {"step": 0}


def test_an_error_and_memory_that_runs_out_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"plugin": stops.__file__, "task": "tags", "data": "rows", "embedding": "vectors", "encoder": "same"}
    for kind, text in (("two lines", "raised ValueError: first line"), ("torch", "out of memory while training")):
        monkeypatch.setenv("WASTE", kind)
        last = run_job(job(given | {"runs": str(tmp_path)}), lambda report: None)
        error = error_from(last.values["error"])
        assert last.kind == "failed" and text in str(error) and (error.code == MEMORY) == (kind == "torch")


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"code": "0.0+1"}, "a worker has another version of the program"),
        ({"folder": "/no/such/folder"}, "/no/such/folder: a worker has no such folder; work in a folder that all"),
        ({"plugins": ("/no/such/plugin.py",)}, "plugin=/no/such/plugin.py: there is no such file"),
        ({"config": b"not a config"}, "a worker cannot load a part of the run"),
    ],
)
def test_a_machine_that_lacks_something_says_so(other: dict[str, Any], text: str, tmp_path: Path) -> None:
    last = run_job(job(words(tmp_path, "pos"), **other), lambda report: None)
    assert last.kind == "failed" and text in str(error_from(last.values["error"]))


def test_printed_lines_are_reports() -> None:
    sent: list[Report] = []
    out = Lines(sent.append, error=True)
    print("one\ntw", end="", file=out)
    print("o", file=out)
    assert [report.values for report in sent] == [{"text": text, "error": True} for text in ("one", "two")]
