"""Saved runs: when they are reused, what observers are notified of, scores that are not JSON numbers."""

from __future__ import annotations

import json
import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest

import core
from core import config, hookimpl
from core.config import RunConfig
from core.data.sources.base import Source
from core.errors import StoreError
from core.experiment.benchmark_plan import plan
from core.experiment.observers import Observer
from core.experiment.runner import run_one
from core.registry import Registry, installed
from core.runs import store
from tasks.sentiment import Sentiment


class Rows(Source):
    """Rows that differ from time to time, with a fingerprint or without."""

    texts: ClassVar[list[str]] = []
    print: ClassVar[str | None] = None

    def splits(self) -> tuple[str, ...]:
        return ("train", "dev", "test")

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"text": self.texts, "label": ["x", "y"] * (len(self.texts) // 2)})

    def fingerprint(self) -> str | None:
        return self.print


class Rated(Sentiment):
    """Reads a file of its own.

    Args:
        lexicon: the file.
    """

    def __init__(self, *, lexicon: str, **options: Any) -> None:
        super().__init__(**options)

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        return Path(options["lexicon"]).read_text()


class Plugin:
    """Both."""

    @hookimpl
    def register_datasets(self, register: Any) -> None:
        register("changing", Rows, help="")

    @hookimpl
    def register_tasks(self, register: Any) -> None:
        register("rated", Rated, kind="sequence", help="")


@pytest.fixture(scope="module")
def found() -> Registry:
    registry = Registry(installed)
    assert not registry.add(Plugin()).error
    return registry


def cell(found: Registry, folder: Path, *words: str) -> RunConfig:
    common = ["encoder=ngram", "encoder.order=1", "quiet=true", f"runs={folder / 'runs'}"]
    return config.expand([*common, *words], found)[0]


@pytest.mark.parametrize("content", [None, "same"])
def test_a_saved_run_on_data_without_a_fingerprint_is_never_reused(
    content: str | None, found: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rows, "print", content)
    events = []
    for texts in (["a", "b"], ["a", "b", "c", "d"]):
        monkeypatch.setattr(Rows, "texts", texts)
        what = cell(found, tmp_path, "task=sentiment", "data=changing")
        events.append(run_one(what).events["test"]["rows"])
    assert events == ([2, 4] if content is None else [2, 2])
    assert (plan([what])[0].saved is None) == (content is None)


def test_other_content_of_a_file_of_the_task_is_another_run(found: Registry, tmp_path: Path) -> None:
    file, ids = tmp_path / "lexicon.txt", []
    for content in ("good 1", "good 1", "good 2"):
        file.write_text(content)
        ids.append(cell(found, tmp_path, "task=rated", f"task.lexicon={file}").id("data"))
    assert ids[0] == ids[1] != ids[2]


class Ends(Observer):
    """Keeps the names of the events, and what the last one says."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.last: dict[str, Any] = {}

    def start(self, **facts: Any) -> None:
        self.events.append("start")

    def end(self, **facts: Any) -> None:
        self.events.append("end")
        self.last = facts


def watched(found: Registry, folder: Path, error: type[BaseException]) -> Ends:
    watcher = Ends()
    with pytest.raises(error):
        run_one(cell(found, folder, "task=sentiment", "data.limit=50"), [watcher])
    assert watcher.events == ["start", "end"]
    return watcher


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [(OSError(28, "full"), StoreError, "failed"), (KeyboardInterrupt(), KeyboardInterrupt, "interrupted")],
)
def test_observers_are_notified_of_the_end_of_a_run_that_cannot_be_saved(
    error: BaseException,
    raised: type[BaseException],
    status: str,
    found: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> None:
        raise error

    monkeypatch.setattr(store, "_write_record", fails)
    assert watched(found, tmp_path, raised).last == {"status": status}


def test_observers_are_notified_of_the_end_of_a_run_that_cannot_be_scored(
    found: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sentiment, "score", lambda *_: 1 / 0)
    assert watched(found, tmp_path, ZeroDivisionError).last == {"status": "failed"}


def test_observers_get_the_run_whose_saving_delayed_a_ctrl_c(
    found: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write_config

    def pressed(*given: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        write(*given)

    monkeypatch.setattr(store, "write_config", pressed)
    last = watched(found, tmp_path, KeyboardInterrupt).last
    assert last["status"] == "finished" and store.read(last["result"].path).id == last["result"].id


ONE_TOKEN = {
    "pos": ("columns", "txt", "yes X\n\nno Y\n\n"),
    "sentiment": ("tsv", "tsv", "text\tlabel\nyes\tX\nno\tY\n"),
}


@pytest.mark.parametrize("task", ONE_TOKEN)
def test_labels_per_token_are_written_as_text_also_where_each_sentence_has_one(task: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    form, ending, content = ONE_TOKEN[task]
    for split in ("train", "dev", "test"):
        (tmp_path / "data" / f"{split}.{ending}").write_text(content)
    folders = {"data": str(tmp_path / "data"), "runs": str(tmp_path / "runs"), "data.format": form}
    result = core.run(task=task, encoder="ngram", quiet=True, **folders, **{"encoder.order": 1})
    texts = {path.name: path.read_text() for path in result.path.glob("predictions.*") if path.suffix != ".npz"}
    splits = sorted(name.split(".")[1] for name in texts)
    assert splits == (["dev", "test"] if task == "pos" else [])
    assert all("yes" in text and "no" in text for text in texts.values())


@pytest.mark.parametrize("end", [True, False])
def test_the_shares_of_the_orders_are_of_the_events_that_are_scored(end: bool, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    for split, text in {"train": "a b\na b\na b\n", "dev": "a b\n", "test": "a b\na b\na\n"}.items():
        (tmp_path / "text" / f"{split}.txt").write_text(text)
    options = {"encoder.order": 2, "encoder.smoothing": "witten-bell", "task.end": end}
    data = {"data": str(tmp_path / "text"), "runs": str(tmp_path / "runs"), "quiet": True}
    facts = core.run(task="lm", encoder="ngram", **data, **options).facts
    assert facts["answered"] == ([12.5, 87.5] if end else [0.0, 100.0])  # `a </s>` alone is no bigram of training


def test_infinite_scores_are_saved_as_json_and_read_back(tmp_path: Path) -> None:
    result = core.run(task="lm", encoder="ngram", runs=str(tmp_path), quiet=True, **{"data.limit": 50})
    result.metrics = {"dev": {"perplexity": math.nan}, "test": {"perplexity": math.inf, "other": -math.inf}}
    result.baselines["chance"] = {"perplexity": np.float64(math.inf)}
    result.curve = [{"epoch": 1, "perplexity": math.inf}]
    store.rename(result, "again")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    text = (result.path / store.RECORD).read_text()
    json.loads(text, parse_constant=refuse)
    for record in (text, text.replace('"Infinity"', "Infinity")):  # as older versions wrote it
        (result.path / store.RECORD).write_text(record)
        saved = store.read(result.path)
        assert math.isnan(saved.metrics["dev"]["perplexity"])
        assert saved.metrics["test"] == {"perplexity": math.inf, "other": -math.inf}
        assert saved.baselines["chance"] == {"perplexity": math.inf} and saved.curve == result.curve
